//! An anonymous sender who lost their secret changes the recovery secret for a new pair.

use serde_json::json;

use super::{
    OperationError,
    follow_up::{self, Secrets},
};
use crate::{
    app::App,
    credentials::sha256,
    domain::{journal::Entry, refusal::Refusal},
};

/// Gives a new pair for a recovery secret and ends the old one. Asked again because the answer was lost, it gives another,
/// until the new pair is used.
pub async fn recover_follow_up(app: &App, recovery_secret: &str) -> Result<Secrets, OperationError> {
    let presented = sha256(recovery_secret.as_bytes());
    let known = app.store.follow_up_by_recovery(&presented).await?.ok_or(Refusal::Unknown)?;
    let (secrets, pair) = follow_up::fresh(app);
    let (report, next) = (known.report, known.recovered(presented, pair)?);
    let mut tx = app.store.begin().await?;
    tx.save_follow_up(&next).await?;
    let (at, subject_id) = (app.clock.now(), report.0);
    let verb = "follow_up_recovered";
    tx.note(Entry { at, actor: None, subject: "report", subject_id, report: Some(report), verb, facts: json!({}) });
    tx.commit().await?;
    Ok(secrets)
}
