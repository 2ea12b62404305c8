//! A report ends, with everything its guards ask for, and an outcome that its sender is told of.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        notice::NoticeKind,
        report::{Closing, Command, Report},
    },
};

/// Closes a report. `version` is the one the caller read, if they said so.
pub async fn close_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    closing: Closing,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Close).await?;
    let facts = file.facts();
    file.report = file.report.clone().close(closing, facts, caller.member, file.now)?;
    let noted = json!({
        "actions": facts.actions,
        "photos_waived": file.report.photos_waived.is_some(),
        "effectiveness_days": file.report.effectiveness_days,
    });
    file.note("report", id.0, "closed", noted);
    file.tell_reporter(NoticeKind::ReportClosed).await?;
    file.save().await
}
