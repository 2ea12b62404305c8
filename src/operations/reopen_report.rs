//! A report that had ended is taken up again.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        comment::CommentKind,
        ids::ReportId,
        notice::NoticeKind,
        prose::{SHORT, prose},
        report::{Command, Report},
    },
};

/// Reopens a report, with a reason. `version` is the one the caller read, if they said so.
pub async fn reopen_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    reason: &str,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Reopen).await?;
    file.report = file.report.clone().reopen(file.actions.len(), caller.member, file.now)?;
    file.say(CommentKind::Reopening, &prose("/reason", reason, SHORT)?, false).await?;
    file.note("report", id.0, "reopened", json!({}));
    file.tell_officer(NoticeKind::ReportReopened).await?;
    file.save().await
}
