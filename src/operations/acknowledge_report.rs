//! Somebody answerable takes charge of a report. Saying so again changes nothing.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        report::{Command, Report},
    },
};

/// Somebody answerable takes charge of a report. Saying so again changes nothing. `version` is the one the caller read, if they said so.
pub async fn acknowledge_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Acknowledge).await?;
    let report = file.report.clone();
    file.report = report.acknowledge(caller.member, file.now)?;
    let facts = json!({});
    file.note("report", id.0, "acknowledged", facts);
    file.save().await
}
