//! A manager answers for meeting a serious danger by rules and equipment alone (ISO 45001 clause 8.1.2).

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        report::{Command, Report},
    },
};

/// Keeps a manager's justification of the controls. `version` is the one the caller read, if they said so.
pub async fn justify_controls(
    app: &App,
    caller: &Caller,
    id: ReportId,
    justification: &str,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::JustifyControls).await?;
    file.report = file.report.clone().justify_controls(justification, caller.member, file.now)?;
    file.note("report", id.0, "controls_justified", json!({ "actions": file.facts().actions }));
    file.save().await
}
