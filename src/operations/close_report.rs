//! A report ends, with everything its guards ask for, and an outcome that its sender is told of.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        inquiry::is_wanted,
        notice::NoticeKind,
        report::{Closing, Command, FileFacts, Report},
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
    let facts = facts(&file).await?;
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

/// The facts of the file, with those that only closing asks for.
async fn facts(file: &File) -> Result<FileFacts, OperationError> {
    let (report, tx) = (&file.report, &file.tx);
    let somebody_was_hurt = !tx.injuries(report.id).await?.is_empty();
    let inquiry_wanted = is_wanted(&tx.inquiries(report.id).await?, report, somebody_was_hurt);
    let similar_unseen = report.similar_seen.is_none() && !report.similar_among(tx.events_at(report.site).await?).is_empty();
    Ok(FileFacts { inquiry_wanted, similar_unseen, ..file.facts() })
}
