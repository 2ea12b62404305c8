//! A report is rated. A higher potential re-routes it and shortens its clocks at once; a high one is lowered by two.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        comment::CommentKind,
        ids::ReportId,
        report::{Command, Report, Triage},
    },
};

/// Rates a report; rating is taking charge as well. `version` is the one the caller read, if they said so.
pub async fn triage_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    triage: Triage,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Triage).await?;
    let (before, asked) = (file.report.potential_severity, file.report.pending);
    file.report = file.report.clone().triage(&triage, &file.organisation, caller.member, file.now)?;
    let waits = file.report.pending.is_some();
    let facts = json!({
        "actual": triage.actual_severity,
        "potential": triage.potential_severity,
        "potential_before": before,
        "class": file.report.screened.filter(|_| !waits).and_then(|screened| screened.class),
        "likelihood": triage.likelihood,
        "band": file.report.risk.filter(|_| !waits).map(|risk| risk.band),
        "matrix": file.report.risk.filter(|_| !waits).map(|risk| risk.matrix_version),
        "asked_by": asked.filter(|asked| asked.potential_severity == triage.potential_severity).map(|asked| asked.asked.by),
    });
    file.note("report", id.0, if waits { "down_rating_asked" } else { "triaged" }, facts);
    if let Some(reason) = &triage.reason {
        file.say(CommentKind::DownRating, reason, false).await?;
    }
    file.route().await?;
    file.save().await
}
