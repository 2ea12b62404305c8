//! An officer hides faces, plates or names in a photo. The original stays as it is; what everybody else sees is made anew,
//! and until it is there they see nothing.

use serde_json::json;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        access::Deed,
        ids::PhotoId,
        journal::Entry,
        photo::Photo,
        redaction::{self, Area},
        refusal::Refusal,
    },
};

/// Hides these areas of the upright picture, and no others. The same areas again change nothing.
pub async fn redact_photo(app: &App, caller: &Caller, id: PhotoId, areas: Vec<Area>) -> Result<Photo, OperationError> {
    let mut tx = caller.begin(app).await?;
    let photo = tx.photo(id).await?.ok_or(Refusal::Unknown)?;
    let report = tx.report(photo.report).await?.ok_or(Refusal::Unknown)?;
    caller.actor().must_see(&report, tx.takes_part(caller.member, report.id).await?)?;
    caller.actor().must_at(Deed::HandleReports, report.site)?;
    let areas = redaction::read(areas)?;
    if photo.hidden == areas {
        return Ok(photo);
    }
    let photo = photo.hide(areas)?;
    tx.save_photo(&photo).await?;
    tx.note(Entry {
        at: app.clock.now(),
        actor: Some(caller.member),
        subject: "photo",
        subject_id: id.0,
        report: Some(report.id),
        verb: "redacted",
        facts: json!({ "areas": photo.hidden.len(), "redaction": photo.redactions }),
    });
    tx.commit().await?;
    app.nudge();
    Ok(photo)
}
