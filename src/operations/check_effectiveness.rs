//! It is said whether the cause is gone; where it is not, the report is taken up again (ISO 45001 clause 10.2 e).

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        notice::NoticeKind,
        report::{CheckDraft, Command, Report},
    },
};

/// Keeps a check of the effect. `version` is the one the caller read, if they said so.
pub async fn check_effectiveness(
    app: &App,
    caller: &Caller,
    id: ReportId,
    check: CheckDraft,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::CheckEffectiveness).await?;
    let (effective, photos) = (check.effective, file.photos_here());
    let report = file.report.clone();
    file.report = report.check_effectiveness(check, &file.actions, &photos, caller.member, file.now)?;
    file.note("report", id.0, "effectiveness_checked", json!({ "effective": effective }));
    if !effective {
        file.note("report", id.0, "reopened", json!({ "because": "not_effective" }));
        file.tell_officer(NoticeKind::ReportReopened).await?;
    }
    file.save().await
}
