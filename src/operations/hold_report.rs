//! A report is held, for a claim or a court, so that nothing of it is disposed of whatever its periods say; or it is let go.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        access::Deed,
        comment::CommentKind,
        ids::ReportId,
        prose::{SHORT, prose},
        report::{Report, Stamp},
    },
};

/// Holds a report or lets it go, with a reason that stays with it as a comment. What is so already stays so.
pub async fn hold_report(app: &App, caller: &Caller, id: ReportId, hold: bool, reason: &str) -> Result<Report, OperationError> {
    let mut file = File::open(app, caller, id).await?;
    caller.actor().must_at(Deed::HoldReports, file.report.site)?;
    let reason = prose("/reason", reason, SHORT)?;
    if file.tx.custody(id).await?.is_some_and(|custody| custody.held.is_some() == hold) {
        return Ok(file.report);
    }
    file.tx.hold_report(id, hold.then_some(Stamp { at: file.now, by: caller.member })).await?;
    file.say(CommentKind::Hold, &reason, false).await?;
    file.note("report", id.0, if hold { "held" } else { "let_go" }, json!({}));
    file.save().await
}
