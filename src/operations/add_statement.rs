//! What a witness said is announced, and its file follows. Of whoever gave it nothing stands in the journal.

use serde_json::json;

use super::{Caller, Made, OperationError};
use crate::{
    app::App,
    domain::{
        access::Deed,
        ids::{ReportId, StatementId, client_made},
        journal::Entry,
        refusal::Refusal,
        report::{Report, Stamp},
        statement::{RawStatement, Statement},
    },
};

/// Announces a statement under the client's own id. The same words again change nothing; other words under the same id are
/// a conflict.
pub async fn add_statement(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: StatementId,
    raw: &RawStatement,
) -> Result<Made<Statement>, OperationError> {
    client_made(id.0, "/id")?;
    let report = report_to_add_to(app, caller, report).await?;
    let statement = raw.read(id, report.id, Stamp { at: app.clock.now(), by: caller.member })?;
    let mut tx = app.store.begin().await?;
    if !tx.add_statement(&statement).await? {
        let known = tx.statement(id).await?.filter(|known| statement.repeats(known));
        return known.map(Made::Before).ok_or_else(|| Refusal::Conflict("statement_conflict").into());
    }
    let facts = json!({ "sha256": hex::encode(statement.sha256), "bytes": statement.bytes, "media_type": statement.media_type });
    tx.note(entry(app, caller, &statement, "announced", facts));
    tx.commit().await?;
    Ok(Made::New(statement))
}

/// The report, if the caller may add statements to it.
pub(super) async fn report_to_add_to(app: &App, caller: &Caller, report: ReportId) -> Result<Report, OperationError> {
    let report = app.store.report(report).await?.ok_or(Refusal::Unknown)?;
    caller.actor().must_see(&report, app.store.takes_part(caller.member, report.id).await?)?;
    caller.actor().must_at(Deed::Inquire, report.site)?;
    Ok(report)
}

/// What the record says of a statement.
pub(super) fn entry(app: &App, caller: &Caller, statement: &Statement, verb: &'static str, facts: serde_json::Value) -> Entry {
    let (at, actor, report) = (app.clock.now(), Some(caller.member), Some(statement.report));
    Entry { at, actor, subject: "statement", subject_id: statement.id.0, report, verb, facts }
}
