//! Facts of a report are corrected, and both values stay on record. It is routed anew and its clocks are counted anew at once.

use serde_json::{Value, json};

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        access::Deed,
        action::Action,
        ids::{ReportId, SiteId},
        report::{Command, Confidentiality, Correction, RawCorrection, Report},
    },
};

/// Corrects a report. Whoever moves it to another site is an officer of both. The same correction again changes nothing.
/// `version` is the one the caller read, if they said so.
pub async fn correct_report(
    app: &App,
    caller: &Caller,
    id: ReportId,
    raw: RawCorrection,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::Correct).await?;
    file.report.expect(Command::Correct)?;
    let (report, corrections) = file.report.clone().correct(&raw.read()?, &file.organisation, caller.member, file.now)?;
    if corrections.is_empty() {
        return Ok(file.report);
    }
    if report.site != file.report.site {
        for site in [file.report.site, report.site] {
            caller.actor().must_at(Deed::HandleReports, site)?;
        }
        move_actions(&mut file, report.site).await?;
        file.tx.add_past_view(id, file.report.site.0).await?;
    }
    if report.confidentiality != Confidentiality::Open && report.reporter == Some(caller.member) {
        file.by = None;
    }
    file.tx.add_corrections(&report, &corrections).await?;
    file.report = report;
    file.note("report", id.0, "corrected", json!({ "changes": corrections.iter().map(change).collect::<Vec<_>>() }));
    file.route().await?;
    file.save().await
}

async fn move_actions(file: &mut File, site: SiteId) -> Result<(), OperationError> {
    for action in file.actions.clone() {
        file.put_action(Action { site, ..action }).await?;
    }
    Ok(())
}

/// Both values, unless they are somebody's words or whereabouts: those stand with the report alone.
fn change(correction: &Correction) -> Value {
    let Correction { field, before, after, .. } = correction;
    if field.is_private() { json!({ "field": field }) } else { json!({ "field": field, "before": before, "after": after }) }
}
