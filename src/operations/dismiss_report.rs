//! Nothing is to be done about a report, and its sender may read why.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        notice::NoticeKind,
        report::{Command, Report},
    },
};

/// Dismisses a report, with the reason its sender reads. `version` is the one the caller read, if they said so.
pub async fn dismiss_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    reason: &str,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Dismiss).await?;
    let facts = file.facts();
    file.report = file.report.clone().dismiss(reason, facts, caller.member, file.now)?;
    file.note("report", id.0, "dismissed", json!({}));
    file.tell_reporter(NoticeKind::ReportDismissed).await?;
    file.save().await
}
