//! Somebody signs in on a device with a password, and with a second factor where they have one.

use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::{Device, OperationError, SignedIn, let_in, second_factor, security, tries::Tries};
use crate::{
    app::App,
    domain::{
        ids::MemberId,
        password::PASSWORD_LENGTHS,
        refusal::{FieldErrors, Refusal},
        session::{Proof, SignInRefusal},
        throttle::Trier,
    },
};

/// What somebody shows to be let in.
#[derive(Debug)]
pub struct Credentials {
    /// An e-mail address, employee number or phone number.
    pub login: String,
    /// The password.
    pub password: SecretString,
    /// Six digits or a recovery code.
    pub second_factor: Option<SecretString>,
}

/// The longest login that a member may have, in characters.
const LOGIN_LENGTH: usize = 254;

impl Credentials {
    /// What is longer than any login or password is nobody's.
    fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        if self.login.chars().count() > LOGIN_LENGTH {
            errors.add("/login", "too_long");
        }
        if self.password.expose_secret().chars().count() > *PASSWORD_LENGTHS.end() {
            errors.add("/password", "too_long");
        }
        errors.none()
    }
}

/// Signs in from a network address. Whatever is wrong, the answer and the time it takes are the same, until the password is
/// right: then it is said that a second factor is wanted. What is wrong too often is told to wait, by device where the account
/// was signed in on it before, so that nobody who only knows a login can keep its owner out.
pub async fn sign_in(app: &App, said: Credentials, device: Device, address: &str) -> Result<SignedIn, OperationError> {
    device.check()?;
    said.check()?;
    let place = app.passwords.place()?;
    let login = said.login.trim();
    let known = app.store.login(login).await?;
    let member = known.as_ref().map_or(MemberId(Uuid::nil()), |known| known.member);
    let account = known.as_ref().map_or_else(|| login.to_lowercase(), |known| known.member.to_string());
    let tries = if app.store.knows_device(member, &device.id).await? {
        Tries::take(app, &[Trier::KnownDevice(&account, &device.id)]).await?
    } else {
        Tries::take(app, &[Trier::Account(&account), Trier::Address(address), Trier::Whole]).await?
    };
    let hash = known.as_ref().and_then(|known| known.password_hash.clone());
    let right = match app.passwords.is_right(place, said.password, hash).await {
        Ok(right) => right,
        Err(failed) => return Err(tries.cost_nothing(app, failed).await),
    };
    if known.is_none_or(|known| !right || known.disabled_at.is_some()) {
        security::event("password_refused", (member.0 != Uuid::nil()).then_some(member), None);
        return Err(OperationError::NotSignedIn);
    }
    let mut tx = app.store.begin().await?;
    let factor = second_factor::check(app, &mut tx, member, said.second_factor).await;
    if matches!(factor, Err(second_factor::Lacking::Missing)) {
        drop(tx);
        return Err(tries.cost_nothing(app, SignInRefusal::SecondFactor).await);
    }
    let shown = factor?;
    let (session, secret) = let_in::let_in(app, &mut tx, member, device, (Proof::Password, shown)).await?;
    tries.give_back(&tx).await?;
    tx.commit().await?;
    app.nudge();
    let_in::tokens(app, &session, &secret)
}
