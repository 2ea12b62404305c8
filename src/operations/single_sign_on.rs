//! Somebody signs in at the organisation's own provider: it is begun here, goes on there, and is finished here with what the
//! browser brought back.

use secrecy::SecretString;

use super::{Caller, Device, OperationError, SignedIn, let_in, second_factor, security, tries::Tries};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        account::AccountEvent,
        enrolment,
        ids::MemberId,
        refusal::Refusal,
        session::{Proof, SignInRefusal},
        single_sign_on::{ATTEMPT_MS, Attempt, Shown},
        throttle::Trier,
        time::Instant,
    },
    provider::{Back, Provider, ProviderError},
    store::Tx,
};

/// A sign-in that goes on at the provider.
#[derive(Debug)]
pub struct SignOn {
    /// What the device keeps, and shows when it comes back.
    pub attempt: String,
    /// Where the browser goes.
    pub url: String,
    /// Until when it is waited for.
    pub expires_at: Instant,
}

/// Begins a sign-in at the provider.
pub async fn start_single_sign_on(app: &App, device: Device, address: &str) -> Result<SignOn, OperationError> {
    device.check()?;
    let provider = provider(app)?;
    let tries = Tries::take(app, &[Trier::Address(address), Trier::Whole]).await?;
    let (now, secret) = (app.clock.now(), let_in::new_secret(app));
    let attempt = Attempt {
        secret_sha256: sha256(secret.as_bytes()),
        state: let_in::new_secret(app),
        nonce: let_in::new_secret(app),
        verifier: let_in::new_secret(app),
        device_id: device.id,
        device_name: device.name,
        expires_at: now.plus_ms(ATTEMPT_MS),
    };
    let url = match provider.authorization_url(&attempt, now).await {
        Ok(url) => url,
        Err(error) => return Err(tries.cost_nothing(app, refused(error)).await),
    };
    let tx = app.store.begin().await?;
    tx.add_sign_on(&attempt).await?;
    tries.give_back(&tx).await?;
    tx.commit().await?;
    Ok(SignOn { attempt: secret, url, expires_at: attempt.expires_at })
}

/// What a device shows to finish.
#[derive(Debug)]
pub struct Finish {
    /// What it was given when it began.
    pub attempt: String,
    /// The code the provider gave.
    pub code: SecretString,
    /// The state it gave back.
    pub state: String,
    /// Who it says it is (RFC 9207).
    pub iss: Option<String>,
    /// A code for a phone, by which somebody who is not linked yet shows whom the identity is to be linked to.
    pub enrolment: Option<SecretString>,
    /// Six digits or a recovery code, for whoever has a second factor and was not asked for one by the provider.
    pub second_factor: Option<SecretString>,
}

/// Finishes a sign-in, once. Nothing is open while the provider is asked.
pub async fn finish_single_sign_on(app: &App, finish: Finish, address: &str) -> Result<SignedIn, OperationError> {
    use secrecy::ExposeSecret as _;
    let provider = provider(app)?;
    let tries = Tries::take(app, &[Trier::Address(address), Trier::Whole]).await?;
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let attempt = tx.take_sign_on(sha256(finish.attempt.as_bytes())).await?;
    tx.commit().await?;
    let attempt = attempt.filter(|attempt| now < attempt.expires_at).ok_or(SignInRefusal::Provider)?;
    let back = Back { code: finish.code.expose_secret(), state: &finish.state, iss: finish.iss.as_deref() };
    let shown = match provider.shown(&back, &attempt, now).await {
        Ok(shown) => shown,
        Err(error @ ProviderError::Away(_)) => return Err(tries.cost_nothing(app, refused(error)).await),
        Err(error) => return Err(refused(error)),
    };
    let mut tx = app.store.begin().await?;
    let member = match tx.whose_identity(&shown.identity).await? {
        Some(member) => member,
        None => link(app, &mut tx, &shown, finish.enrolment).await?,
    };
    let organisation = app.store.organisation_in(&tx).await?;
    if organisation.members.get(&member).is_none_or(|member| member.disabled_at.is_some()) {
        return Err(OperationError::NotSignedIn);
    }
    let trusted = shown.second_factor || app.settings.oidc_second_factor;
    let second = match second_factor::check(app, &mut tx, member, finish.second_factor).await {
        Ok(second) => second || trusted,
        Err(second_factor::Lacking::Missing) if trusted => true,
        Err(lacking) => return Err(lacking.into()),
    };
    let device = Device { id: attempt.device_id, name: attempt.device_name };
    let (session, secret) = let_in::let_in(app, &mut tx, member, device, (Proof::SingleSignOn, second)).await?;
    tries.give_back(&tx).await?;
    tx.commit().await?;
    app.nudge();
    let_in::tokens(app, &session, &secret)
}

/// An identity that nobody here has is linked to whom a code was made for, and never by an address.
async fn link(app: &App, tx: &mut Tx, shown: &Shown, code: Option<SecretString>) -> Result<MemberId, OperationError> {
    use secrecy::ExposeSecret as _;
    let now = app.clock.now();
    let code = code.ok_or(SignInRefusal::Unlinked)?;
    let code_sha256 = enrolment::typed(code.expose_secret()).map(|code| sha256(code.as_bytes())).ok_or(SignInRefusal::Code)?;
    let enrolment = tx.enrolment_to_redeem(code_sha256).await?;
    let enrolment = enrolment.filter(|enrolment| now < enrolment.expires_at && enrolment.session.is_none());
    let member = enrolment.ok_or(SignInRefusal::Code)?.member;
    tx.drop_enrolment(code_sha256).await?;
    tx.link_identity(&shown.identity, member, now).await?;
    let_in::say(app, tx, member, AccountEvent::IdentityLinked, None).await?;
    tx.note(second_factor::entry(app, Some(member), member, "identity_linked"));
    security::event("identity_linked", Some(member), None);
    Ok(member)
}

/// Takes away the identities of somebody whom the caller administers.
pub async fn unlink_identities(app: &App, caller: &Caller, member: MemberId) -> Result<(), OperationError> {
    let person = caller.organisation.members.get(&member).ok_or(Refusal::Unknown)?;
    caller.actor().must_administer(person)?;
    let mut tx = caller.begin(app).await?;
    if tx.drop_identities(member).await? > 0 {
        tx.note(second_factor::entry(app, Some(caller.member), member, "identities_unlinked"));
        security::event("identities_unlinked", Some(member), None);
    }
    Ok(tx.commit().await?)
}

fn provider(app: &App) -> Result<&Provider, SignInRefusal> {
    app.provider.as_deref().ok_or(SignInRefusal::NoProvider)
}

fn refused(error: ProviderError) -> OperationError {
    tracing::warn!(error = %error, "nobody was let in by the provider: {error}");
    match error {
        ProviderError::Away(_) => SignInRefusal::ProviderAway.into(),
        ProviderError::Refused(_) => {
            security::event("provider_refused", None, None);
            SignInRefusal::Provider.into()
        }
    }
}
