//! A phone redeems a code and is in service. When the answer is lost on the way, the same phone gets another one for the same
//! code, as long as nothing of the first was used.

use secrecy::SecretString;

use super::{Device, OperationError, SignedIn, let_in, second_factor, security, tries::Tries};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        enrolment::{self, Enrolment},
        session::{Proof, Session, SignInRefusal},
        throttle::Trier,
    },
    store::Tx,
};

/// Redeems a code from a network address. Whoever has a second factor is asked for it here as well.
pub async fn redeem_enrolment(
    app: &App,
    code: &str,
    device: Device,
    second: Option<SecretString>,
    address: &str,
) -> Result<SignedIn, OperationError> {
    device.check()?;
    let tries = Tries::take(app, &[Trier::Address(address), Trier::Whole]).await?;
    let refused = || {
        security::event("enrolment_refused", None, None);
        OperationError::from(SignInRefusal::Code)
    };
    let code_sha256 = enrolment::typed(code).map(|code| sha256(code.as_bytes())).ok_or_else(refused)?;
    let mut tx = app.store.begin().await?;
    let enrolment = tx.enrolment_to_redeem(code_sha256).await?;
    let enrolment = enrolment.filter(|enrolment| app.clock.now() < enrolment.expires_at).ok_or_else(refused)?;
    let organisation = app.store.organisation_in(&tx).await?;
    if organisation.members.get(&enrolment.member).is_none_or(|member| member.disabled_at.is_some()) {
        return Err(refused());
    }
    let (session, secret) = if enrolment.session.is_some() {
        given_again(app, &tx, &enrolment, &device).await?.ok_or_else(refused)?
    } else {
        let shown = second_factor::check(app, &mut tx, enrolment.member, second).await?;
        let new = let_in::let_in(app, &mut tx, enrolment.member, device, (Proof::Enrolment, shown)).await?;
        tx.redeem_enrolment(code_sha256, new.0.id).await?;
        new
    };
    tries.give_back(&tx).await?;
    tx.commit().await?;
    app.nudge();
    let_in::tokens(app, &session, &secret)
}

/// The session that the code was redeemed for, if its answer was lost and the same device asks.
async fn given_again(
    app: &App,
    tx: &Tx,
    enrolment: &Enrolment,
    device: &Device,
) -> Result<Option<(Session, String)>, OperationError> {
    let Some(id) = enrolment.session else { return Ok(None) };
    let session = tx.session_to_change(id).await?.filter(|session| session.device_id == device.id);
    let secret = let_in::new_secret(app);
    let again = session.and_then(|session| session.given_again(sha256(secret.as_bytes()), app.clock.now()));
    let Some(session) = again else { return Ok(None) };
    tx.save_session(&session).await?;
    Ok(Some((Session { version: session.version + 1, ..session }, secret)))
}
