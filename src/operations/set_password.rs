//! A person gets another password; devices that are signed in must sign in again.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{OperationError, let_in};
use crate::{
    app::App,
    domain::{account::AccountEvent, journal::Entry, password::password_is_usable, refusal::Refusal},
};

/// Sets the password of whoever has that login.
pub async fn set_password(app: &App, login: &str, password: SecretString) -> Result<(), OperationError> {
    let member = app.store.login(login.trim()).await?.ok_or_else(|| Refusal::invalid("/login", "unknown_member"))?.member;
    password_is_usable(password.expose_secret(), login.trim())?;
    if app.passwords.is_stolen(password.clone()).await? {
        return Err(Refusal::invalid("/password", "password_guessed").into());
    }
    let hash = app.passwords.hash(password).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.set_password(member, &hash).await?;
    tx.revoke_sessions(member, now).await?;
    // A first password is no news to whoever was just given it.
    if tx.has_signed_in(member).await? {
        let_in::say(app, &tx, member, AccountEvent::PasswordChanged, None).await?;
    }
    tx.note(Entry {
        at: now,
        actor: None,
        subject: "member",
        subject_id: member.0,
        report: None,
        verb: "password_set",
        facts: json!({}),
    });
    Ok(tx.commit().await?)
}
