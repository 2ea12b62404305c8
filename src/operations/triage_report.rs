//! A report is rated. A higher potential re-routes it and shortens its clocks at once.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
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
    let before = file.report.potential_severity;
    file.report = file.report.clone().triage(triage, caller.member, file.now)?;
    let facts = json!({ "actual": triage.actual_severity, "potential": triage.potential_severity, "potential_before": before });
    file.note("report", id.0, "triaged", facts);
    file.route().await?;
    file.save().await
}
