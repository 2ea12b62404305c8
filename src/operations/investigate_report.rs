//! Causes and similar events are written down (ISO 45001 clause 10.2).

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        report::{Command, Investigation, Report},
    },
};

/// Causes and similar events are written down (ISO 45001 clause 10.2). `version` is the one the caller read, if they said so.
pub async fn investigate_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    found: Investigation,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Investigate).await?;
    let report = file.report.clone();
    file.report = report.investigate(found, file.now)?;
    let facts = json!({ "causes": file.report.causes.len(), "similar_events": file.report.similar_events.is_some() });
    file.note("report", id.0, "investigated", facts);
    file.save().await
}
