//! Somebody looked at the similar events there were, and the record says which (ISO 45001 clause 10.2 b).

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        report::{Command, Report},
    },
};

/// Puts on record that the caller looked at the similar events as they are now. `version` is the one the caller read, if
/// they said so.
pub async fn look_for_similar(app: &App, caller: &Caller, id: ReportId, version: Option<i64>) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::LookForSimilar).await?;
    file.report = file.report.clone().looked_for_similar(caller.member, file.now)?;
    let similar = file.report.similar_among(file.tx.events_at(file.report.site).await?);
    let found: Vec<ReportId> = similar.iter().map(|one| one.report.id).collect();
    file.note("report", id.0, "looked_for_similar", json!({ "found": found }));
    file.save().await
}
