//! Two persons open the identity of a confidential sender. The sender is told at each step, and reads who and why.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        notice::NoticeKind,
        report::{Command, Report, Unsealing},
    },
};

/// Asks to open the identity of a report's sender, or agrees with whoever asked. `version` is the one the caller read, if
/// they said so.
pub async fn unseal_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    reason: &str,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Unseal).await?;
    let agrees = caller.actor().agrees_to_unseal(&file.report);
    let before = file.report.clone();
    file.report = before.clone().unseal(reason, agrees, caller.member, file.now)?;
    if file.report == before {
        return Ok(before);
    }
    if agrees {
        let (first, last) = (before.unsealing_asked().map(|asked| asked.stamp.by), file.report.unsealings.last());
        let until = last.and_then(Unsealing::open_until);
        file.note("report", id.0, "unsealed", json!({ "asked_by": first, "until": until }));
        file.tell_reporter(NoticeKind::Unsealed).await?;
    } else {
        file.note("report", id.0, "unsealing_asked", json!({}));
        file.tell_reporter(NoticeKind::UnsealingAsked).await?;
    }
    file.save().await
}
