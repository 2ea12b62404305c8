//! The exact bytes of an announced photo arrive and are kept under their hash.

use std::error::Error;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::json;

use super::{Caller, Made, OperationError};
use crate::{
    app::App,
    domain::{
        ids::{PhotoId, ReportId},
        journal::Entry,
        photo::{Photo, PhotoState},
        refusal::Refusal,
        report::{Confidentiality, Report},
    },
    photos::{Format, PhotoError},
    store::StoreError,
};

/// How often a photo's row is tried when something else writes it at the same moment.
const TRIES: usize = 3;

/// Takes in a photo that the report's manifest announced. `declared` is its media type, `digest` the SHA-256 the sender
/// put beside it. Bytes that are not those of the manifest leave nothing behind.
pub async fn attach_photo<E>(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: PhotoId,
    declared: Option<&str>,
    digest: Option<[u8; 32]>,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Made<Photo>, OperationError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let declared = declared.map(Format::declared).transpose()?.flatten();
    let report = app.store.report(report).await?.ok_or(Refusal::Unknown)?;
    may_attach(app, caller, &report).await?;
    let expected = app.store.photo(id).await?.filter(|photo| photo.report == report.id).ok_or(Refusal::Unknown)?;
    if digest.is_some_and(|digest| digest != expected.sha256) {
        return Err(PhotoError::HashMismatch.into());
    }
    let format = app.keeping.receive(arriving, expected.sha256, expected.bytes).await?;
    if declared.is_some_and(|declared| declared != format) {
        return Err(PhotoError::UnknownFormat.into());
    }
    for _ in 0..TRIES {
        match put_on_record(app, caller, &report, id, format).await {
            Err(OperationError::Store(StoreError::Stale)) => {}
            other => return other,
        }
    }
    Err(StoreError::Stale.into())
}

/// Whoever may see the report may complete it. The sender of an anonymous one cannot be known again, but only the bytes
/// that the manifest announced are taken, so anybody who has them may bring them.
async fn may_attach(app: &App, caller: &Caller, report: &Report) -> Result<(), OperationError> {
    let part = report.reporter.is_none() || app.store.takes_part(caller.member, report.id).await?;
    Ok(caller.actor().must_see(report, part)?)
}

async fn put_on_record(
    app: &App,
    caller: &Caller,
    report: &Report,
    id: PhotoId,
    format: Format,
) -> Result<Made<Photo>, OperationError> {
    let mut tx = app.store.begin().await?;
    let photo = tx.photo(id).await?.ok_or(Refusal::Unknown)?;
    if photo.state != PhotoState::Expected {
        return Ok(Made::Before(photo));
    }
    let now = app.clock.now();
    let media_type = format.media_type().to_owned();
    let photo = Photo { state: PhotoState::Received, received_at: Some(now), media_type, ..photo };
    tx.save_photo(&photo).await?;
    tx.note(Entry {
        at: now,
        actor: (report.confidentiality == Confidentiality::Open).then_some(caller.member),
        subject: "photo",
        subject_id: id.0,
        report: Some(report.id),
        verb: "received",
        facts: json!({ "sha256": hex::encode(photo.sha256), "bytes": photo.bytes, "media_type": photo.media_type }),
    });
    tx.commit().await?;
    app.nudge();
    Ok(Made::New(Photo { version: photo.version + 1, ..photo }))
}
