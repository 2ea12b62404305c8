//! An inquiry is complete: what it found to lie deeper becomes the causes of the report.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        inquiry::Inquiry,
        refusal::Refusal,
        report::{Command, Investigation},
    },
};

/// Completes the inquiry of a report. What is still missing is named.
pub async fn complete_inquiry(
    app: &App,
    caller: &Caller,
    report: ReportId,
    version: Option<i64>,
) -> Result<Inquiry, OperationError> {
    let mut file = File::command(app, caller, report, None, Command::Inquire).await?;
    file.report.expect(Command::Inquire)?;
    let last = file.tx.inquiries(report).await?.pop().ok_or(Refusal::Unknown)?;
    if version.is_some_and(|version| version != last.version) {
        return Err(Refusal::Changed.into());
    }
    let complete = file.tx.save_inquiry(last.complete(caller.member, file.now)?).await?;
    let causes = complete.findings.deep_causes();
    let facts = json!({ "round": complete.round, "causes": causes.len() });
    file.report = file.report.clone().investigate(Investigation { causes, similar_events: None }, file.now)?;
    file.note("inquiry", report.0, "completed", facts);
    file.save().await?;
    Ok(complete)
}
