//! A member gives themselves another password; their other devices must sign in again.

use secrecy::{ExposeSecret as _, SecretString};

use super::{Caller, OperationError, let_in, second_factor, security};
use crate::{
    app::App,
    domain::{account::AccountEvent, password::password_is_usable, refusal::Refusal},
};

/// Changes the caller's own password. They signed in just now, with the old one, a code, or at the provider.
pub async fn change_password(app: &App, caller: &Caller, password: SecretString) -> Result<(), OperationError> {
    let member = caller.member;
    let login = caller.organisation.members.get(&member).and_then(|person| person.email.clone()).unwrap_or_default();
    password_is_usable(password.expose_secret(), &login)?;
    if app.passwords.is_stolen(password.clone()).await? {
        return Err(Refusal::invalid("/password", "password_guessed").into());
    }
    let hash = app.passwords.hash(password).await?;
    let mut tx = caller.begin(app).await?;
    second_factor::must_be_fresh(app, &tx, caller).await?;
    tx.set_password(member, &hash).await?;
    for session in tx.sessions_of(member).await?.into_iter().filter(|session| session.id != caller.session) {
        tx.save_session(&session.revoked(app.clock.now())).await?;
    }
    let_in::say(app, &tx, member, AccountEvent::PasswordChanged, None).await?;
    tx.note(second_factor::entry(app, Some(member), member, "password_set"));
    tx.commit().await?;
    security::event("password_changed", Some(member), Some(caller.session));
    app.nudge();
    Ok(())
}
