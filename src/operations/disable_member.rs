//! A person leaves: every session of theirs ends at once, and what would be told to them goes to the next one up.

use serde_json::json;

use super::OperationError;
use crate::{
    app::App,
    domain::{journal::Entry, refusal::Refusal},
};

/// Disables whoever has that login.
pub async fn disable_member(app: &App, login: &str) -> Result<(), OperationError> {
    let member = app.store.login(login.trim()).await?.ok_or_else(|| Refusal::invalid("/login", "unknown_member"))?.member;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.disable_member(member, now).await?;
    tx.revoke_sessions(member, now).await?;
    tx.note(Entry {
        at: now,
        actor: None,
        subject: "member",
        subject_id: member.0,
        report: None,
        verb: "disabled",
        facts: json!({}),
    });
    Ok(tx.commit().await?)
}
