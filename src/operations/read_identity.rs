//! One of the two who opened it reads who sent a confidential report, and the record says so each time.

use serde_json::json;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        ids::{MemberId, ReportId},
        journal::Entry,
        refusal::Refusal,
    },
};

/// Reads the identity of a report's sender.
pub async fn read_identity(app: &App, caller: &Caller, id: ReportId) -> Result<MemberId, OperationError> {
    let mut tx = app.store.begin().await?;
    let report = tx.report(id).await?.ok_or(Refusal::Unknown)?;
    caller.actor().must_see(&report, tx.takes_part(caller.member, id).await?)?;
    let (at, actor) = (app.clock.now(), Some(caller.member));
    caller.actor().must_read_identity(&report, at)?;
    let sender = report.reporter.ok_or(OperationError::Fault("a sealed report without a sender"))?;
    let verb = "identity_read";
    tx.note(Entry { at, actor, subject: "report", subject_id: id.0, report: Some(id), verb, facts: json!({}) });
    tx.commit().await?;
    Ok(sender)
}
