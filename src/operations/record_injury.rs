//! Somebody was hurt: it is recorded, and later corrected by those who may read it. What goes on record in the journal is
//! that it happened, never to whom or how.

use serde_json::json;

use super::{
    Caller, Made, OperationError,
    file::{File, not_disposed},
};
use crate::{
    app::App,
    domain::{
        access::{Deed, Part},
        ids::{InjuryId, ReportId, client_made},
        injury::{Injury, RawInjury},
        refusal::Refusal,
        report::Stamp,
        retention::What,
    },
};

/// Records an injury under the client's own id. The same content again changes nothing; other content corrects it, by
/// somebody who may read it and names the `version` they read.
pub async fn record_injury(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: InjuryId,
    raw: RawInjury,
    version: Option<i64>,
) -> Result<Made<Injury>, OperationError> {
    client_made(id.0, "/id")?;
    let mut file = File::open(app, caller, report).await?;
    caller.actor().must_at(Deed::RecordInjuries, file.report.site)?;
    not_disposed(&file.tx, &file.report, What::Injuries).await?;
    let facts = raw.read()?;
    let recorded = Stamp { at: file.now, by: caller.member };
    let Some(known) = file.tx.injury(id).await? else {
        let injury = Injury { id, report, facts, recorded, version: 1 };
        file.tx.add_injury(&injury).await?;
        file.employee_hurt_at = file.tx.employee_hurt_at(report).await?;
        file.note("injury", id.0, "recorded", json!({}));
        file.save().await?;
        return Ok(Made::New(injury));
    };
    if known.report == report && known.facts == facts {
        return Ok(Made::Before(known));
    }
    let may_correct = known.report == report && caller.actor().before(&file.report).may(Part::Injuries);
    if !may_correct || version.is_none() {
        return Err(Refusal::Conflict("injury_conflict").into());
    }
    if version != Some(known.version) {
        return Err(Refusal::Changed.into());
    }
    let corrected = file.tx.save_injury(Injury { facts, ..known }).await?;
    file.employee_hurt_at = file.tx.employee_hurt_at(report).await?;
    file.note("injury", id.0, "corrected", json!({ "version": corrected.version }));
    file.save().await?;
    Ok(Made::Before(corrected))
}
