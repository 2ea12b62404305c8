//! A sender takes their report back, before anybody took charge.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        report::{Command, Report},
    },
};

/// Withdraws a report. `version` is the one the caller read, if they said so.
pub async fn withdraw_report(app: &App, caller: &Caller, id: ReportId, version: Option<i64>) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Withdraw).await?;
    file.report = file.report.clone().withdraw()?;
    if file.report.protects_sender() {
        file.by = None;
    }
    file.note("report", id.0, "withdrawn", json!({}));
    file.save().await
}
