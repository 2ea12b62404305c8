//! The place is safe: a fact with its own clock, whatever the state.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        report::{Command, Report},
    },
};

/// The place is safe: a fact with its own clock, whatever the state. `version` is the one the caller read, if they said so.
pub async fn contain_report(app: &App, caller: &Caller, id: ReportId, version: Option<i64>) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Contain).await?;
    let report = file.report.clone();
    file.report = report.contain(caller.member, file.now)?;
    let facts = json!({});
    file.note("report", id.0, "contained", facts);
    file.save().await
}
