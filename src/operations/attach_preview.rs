//! A small picture goes before its photo, so that whoever reads the report sees something while the line is bad. Only what is
//! made of it anew is kept; it proves nothing, and goes when the photo's own picture is there.

use std::error::Error;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::json;

use super::{Caller, Made, OperationError, attach_photo::may_attach};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        ids::{PhotoId, ReportId},
        journal::Entry,
        photo::{Hint, Photo},
        refusal::Refusal,
        report::Report,
    },
    photos::{PhotoError, Renditions, Unreadable, keeping::preview_keys, sealed::gather},
    store::{Leftover, StoreError, Tx},
};

/// The largest preview taken, in bytes.
const PREVIEW_BYTES: usize = 200 << 10;

/// Shows this picture in the place of a photo that was announced, until there is something better. The first one stays; a
/// photo that needs none is left as it is.
pub async fn attach_preview<E>(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: PhotoId,
    digest: Option<[u8; 32]>,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Made<Photo>, OperationError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let (report, photo) = may_attach(app, caller, report, id).await?;
    let photo = photo.filter(|photo| photo.report == report.id).ok_or(Refusal::Conflict("photo_not_announced"))?;
    if !photo.wants_preview() {
        return Ok(Made::Before(photo));
    }
    let picture = gather(arriving, PREVIEW_BYTES).await?;
    let name = sha256(&picture);
    if digest.is_some_and(|digest| digest != name) {
        return Err(PhotoError::HashMismatch.into());
    }
    keep(app, &name, picture).await?;
    match put_on_record(app, caller, &report, id, name).await {
        // It was rendered, or another preview came, at the same moment.
        Err(OperationError::Store(StoreError::Stale)) => Ok(Made::Before(app.store.photo(id).await?.ok_or(Refusal::Unknown)?)),
        other => other,
    }
}

/// A preview that lacks a part is none: its phone has the whole of it at hand.
async fn keep(app: &App, name: &[u8; 32], picture: Bytes) -> Result<(), OperationError> {
    let made = app.darkroom.render(picture, Vec::new()).await.map_err(PhotoError::Unreadable)?;
    let Renditions { display, thumb, hints, .. } = made;
    if hints.contains(&Hint::Damaged) {
        return Err(PhotoError::Unreadable(Unreadable::Damaged).into());
    }
    let [display_key, thumb_key] = preview_keys(name);
    app.keeping.put(&display_key, display.into()).await?;
    app.keeping.put(&thumb_key, thumb.into()).await?;
    Ok(())
}

async fn put_on_record(
    app: &App,
    caller: &Caller,
    report: &Report,
    id: PhotoId,
    name: [u8; 32],
) -> Result<Made<Photo>, OperationError> {
    let mut tx = caller.begin(app).await?;
    let photo = tx.photo(id).await?.ok_or(Refusal::Unknown)?;
    if !photo.wants_preview() {
        // What was kept for it may be nobody's now.
        tx.leave_bytes(&name, app.clock.now()).await?;
        tx.commit().await?;
        return Ok(Made::Before(photo));
    }
    must_be_kept(app, &tx, &name).await?;
    let photo = Photo { preview_sha256: Some(name), ..photo };
    tx.save_photo(&photo).await?;
    tx.note(Entry {
        at: app.clock.now(),
        actor: (!report.protects_sender()).then_some(caller.member),
        subject: "photo",
        subject_id: id.0,
        report: Some(report.id),
        verb: "preview_received",
        facts: json!({ "sha256": hex::encode(name) }),
    });
    tx.commit().await?;
    Ok(Made::New(Photo { version: photo.version + 1, ..photo }))
}

/// The same preview may have been another photo's that needs it no more, and was removed just now: then it must come again.
async fn must_be_kept(app: &App, tx: &Tx, name: &[u8; 32]) -> Result<(), OperationError> {
    if tx.count_on_bytes(name).await? == Leftover::Removed {
        for key in preview_keys(name) {
            app.keeping.size(&key).await.map_err(|cause| PhotoError::Interrupted(cause.into()))?;
        }
    }
    Ok(())
}
