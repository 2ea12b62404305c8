//! What the law wants filed was filed: its proof is recorded, and the clock of the obligation is met. A late filing stays late.

use serde_json::json;

use super::{Caller, Made, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        access::Deed,
        ids::{FilingId, ReportId, client_made},
        obligation::{Filing, RawFiling},
        refusal::Refusal,
        report::Stamp,
    },
};

/// Records a filing under the client's own id. The same content again changes nothing; other content is a conflict: a mistake
/// is mended by another filing.
pub async fn record_filing(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: FilingId,
    raw: RawFiling,
) -> Result<Made<Filing>, OperationError> {
    client_made(id.0, "/id")?;
    let mut file = File::open(app, caller, report).await?;
    caller.actor().must_at(Deed::RecordFilings, file.report.site)?;
    let facts = raw.read(file.now)?;
    if let Some(known) = file.tx.filing(id).await? {
        let same = known.report == report && known.facts == facts;
        return if same { Ok(Made::Before(known)) } else { Err(Refusal::Conflict("filing_conflict").into()) };
    }
    let asked = file.deadlines.iter().find(|deadline| deadline.obligation.as_ref() == Some(&facts.obligation));
    let asked = asked.ok_or_else(|| Refusal::invalid("/obligation", "unknown_obligation"))?;
    if facts.filed_at < asked.starts_at {
        return Err(Refusal::invalid("/filed_at", "before_the_event").into());
    }
    let filing = Filing { id, report, facts, recorded: Stamp { at: file.now, by: caller.member } };
    if !file.tx.add_filing(&filing).await? {
        return Err(Refusal::Conflict("filing_conflict").into());
    }
    let facts = json!({
        "obligation": filing.facts.obligation,
        "filed_at": filing.facts.filed_at,
        "proof": filing.facts.proof,
        "force_majeure": filing.facts.force_majeure.is_some(),
    });
    file.note("filing", id.0, "recorded", facts);
    file.filings.push(filing.clone());
    file.save().await?;
    Ok(Made::New(filing))
}
