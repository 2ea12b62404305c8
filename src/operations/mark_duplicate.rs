//! Another report of the same thing stands for this one.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        notice::NoticeKind,
        refusal::Refusal,
        report::{Command, Report},
    },
};

/// Marks a report as a duplicate of another that the caller may know of; of a duplicate's original, where that is one. `version` is the one the caller read, if they said so.
pub async fn mark_duplicate(
    app: &App,
    caller: &Caller,
    id: ReportId,
    of: ReportId,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::MarkDuplicate).await?;
    file.report.expect(Command::MarkDuplicate)?;
    let original = original(&file, caller, of).await?;
    let (facts, stands) = (file.facts(), file.tx.has_duplicates(id).await?);
    file.report = file.report.clone().mark_duplicate(&original, stands, facts, caller.member, file.now)?;
    file.note("report", id.0, "marked_duplicate", json!({ "of": original.id }));
    file.tell_reporter(NoticeKind::ReportClosed).await?;
    file.save().await
}

/// The report that stands: the one named or, where that is a duplicate itself, its own original.
async fn original(file: &File, caller: &Caller, of: ReportId) -> Result<Report, OperationError> {
    let unknown = || Refusal::invalid("/of_id", "unknown_report");
    let named = file.tx.report_to_change(of).await?.ok_or_else(unknown)?;
    let part = file.tx.takes_part(caller.member, of).await?;
    caller.actor().must_see(&named, part).map_err(|_| unknown())?;
    match named.duplicate_of {
        Some(original) => Ok(file.tx.report_to_change(original).await?.ok_or_else(unknown)?),
        None => Ok(named),
    }
}
