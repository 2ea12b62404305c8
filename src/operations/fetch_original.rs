//! Somebody who investigates fetches a sealed original, and the record says so.

use serde_json::json;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{journal::Entry, photo::Photo},
};

/// Puts on record that the caller fetches the original of a photo. Whether they may is the access table's.
pub async fn fetch_original(app: &App, caller: &Caller, photo: &Photo) -> Result<(), OperationError> {
    let mut tx = caller.begin(app).await?;
    tx.note(Entry {
        at: app.clock.now(),
        actor: Some(caller.member),
        subject: "photo",
        subject_id: photo.id.0,
        report: Some(photo.report),
        verb: "original_fetched",
        facts: json!({}),
    });
    Ok(tx.commit().await?)
}
