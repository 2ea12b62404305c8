//! Somebody of the team signs what the inquiry found (Labour Code art. 340).

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{ids::ReportId, inquiry::Inquiry, refusal::Refusal},
};

/// Signs the findings with this hash; others than those are refused as changed.
pub async fn sign_inquiry(
    app: &App,
    caller: &Caller,
    report: ReportId,
    content_sha256: [u8; 32],
) -> Result<Inquiry, OperationError> {
    let mut file = File::open(app, caller, report).await?;
    let last = file.tx.inquiries(report).await?.pop().ok_or(Refusal::Unknown)?;
    let signed = file.tx.save_inquiry(last.signed(content_sha256, caller.member, file.now)?).await?;
    let facts = json!({ "round": signed.round, "content_sha256": hex::encode(content_sha256) });
    file.note("inquiry", report.0, "signed", facts);
    file.save().await?;
    Ok(signed)
}
