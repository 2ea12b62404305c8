//! A report is not this officer's: another one is answerable for it from now on, and is told.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        comment::CommentKind,
        ids::{MemberId, ReportId},
        notice::NoticeKind,
        prose::{SHORT, prose},
        report::{Command, Report},
    },
};

/// Hands a report to another officer of its site, with a reason. `version` is the one the caller read, if they said so.
pub async fn transfer_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    to: MemberId,
    reason: &str,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Transfer).await?;
    let from = file.report.officer;
    file.report = file.report.clone().transfer(to, &file.organisation)?;
    file.say(CommentKind::Transfer, &prose("/reason", reason, SHORT)?, false).await?;
    file.note("report", id.0, "transferred", json!({ "from": from, "to": to }));
    file.tell(NoticeKind::ReportAssigned, to, None, "transferred to this officer").await?;
    file.save().await
}
