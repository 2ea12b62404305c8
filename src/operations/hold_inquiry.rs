//! An inquiry is opened, or what it found is written anew: then nobody has signed it yet.

use serde_json::json;

use super::{Caller, Made, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        inquiry::{Findings, Inquiry},
        refusal::Refusal,
        report::Command,
    },
};

/// Writes the findings of a report's inquiry; the first time opens it. `version` is the inquiry's, if the caller said which
/// they read. Whoever sits in the team may see the report from then on.
pub async fn hold_inquiry(
    app: &App,
    caller: &Caller,
    report: ReportId,
    findings: Findings,
    version: Option<i64>,
) -> Result<Made<Inquiry>, OperationError> {
    let mut file = File::command(app, caller, report, None, Command::Inquire).await?;
    file.report.expect(Command::Inquire)?;
    let members = &file.organisation.members;
    findings.check(|member| members.get(&member).is_some_and(|member| member.disabled_at.is_none()))?;
    for person in &findings.team {
        file.tx.add_participant(person.member, report).await?;
    }
    let earlier = file.tx.inquiries(report).await?;
    let rounds = u32::try_from(earlier.len()).unwrap_or(u32::MAX);
    let made = if let Some(last) = earlier.into_iter().last().filter(|last| last.is_of_this_life(&file.report)) {
        if version.is_some_and(|version| version != last.version) {
            return Err(Refusal::Changed.into());
        }
        let signed = last.signatures.len();
        let revised = file.tx.save_inquiry(last.revised(findings)?).await?;
        let dropped = signed - revised.signatures.len();
        note(&mut file, &revised, "revised", dropped);
        Made::Before(revised)
    } else {
        let opened = Inquiry::opened(report, rounds, findings, caller.member, file.now);
        file.tx.add_inquiry(&opened).await?;
        note(&mut file, &opened, "opened", 0);
        Made::New(opened)
    };
    file.save().await?;
    Ok(made)
}

fn note(file: &mut File, inquiry: &Inquiry, verb: &'static str, signatures_dropped: usize) {
    let facts = json!({
        "round": inquiry.round,
        "content_sha256": hex::encode(inquiry.findings.sha256()),
        "signatures_dropped": signatures_dropped,
    });
    file.note("inquiry", inquiry.report.0, verb, facts);
}
