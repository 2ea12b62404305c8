//! The exact bytes of a photo arrive and are kept under their hash: one that the manifest announced, or one taken later,
//! such as the evidence that an action is done.

use std::error::Error;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::json;

use super::{Caller, Made, OperationError};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        ids::{PhotoId, ReportId, client_made},
        journal::Entry,
        photo::{Photo, PhotoState},
        refusal::Refusal,
        report::{Confidentiality, MANIFEST_LIMIT, Report},
    },
    photos::{Format, Keeping, PhotoError, keeping::original_key},
    store::{Leftover, StoreError},
};

/// The most photos of one report, those of its manifest and those taken later.
const PHOTO_LIMIT: usize = 2 * MANIFEST_LIMIT;
/// How often a photo's row is tried when something else writes it at the same moment.
const TRIES: usize = 3;

/// What the sender says of the bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'a> {
    /// Their media type.
    pub media_type: Option<&'a str>,
    /// Their SHA-256.
    pub digest: Option<[u8; 32]>,
    /// How many they are.
    pub length: Option<u64>,
}

/// Takes in a photo. Bytes that are not those of the manifest leave nothing behind. A photo that was not announced is
/// taken when the sender says its length and hash, and counts only once its bytes are here.
pub async fn attach_photo<E>(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: PhotoId,
    said: Said<'_>,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Made<Photo>, OperationError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let declared = said.media_type.map(Format::declared).transpose()?.flatten();
    let (report, expected) = expected_photo(app, caller, report, id, said).await?;
    if expected.state == PhotoState::Disposed {
        return Ok(Made::Before(expected));
    }
    let taken = if report.confidentiality == Confidentiality::Anonymous {
        take_bare(app, &expected, arriving).await?
    } else {
        Taken { format: app.keeping.receive(arriving, expected.sha256, expected.bytes).await?, bare_sha256: None }
    };
    if declared.is_some_and(|declared| declared != taken.format) {
        return Err(PhotoError::UnknownFormat.into());
    }
    for _ in 0..TRIES {
        match put_on_record(app, caller, &report, &expected, taken).await {
            Err(OperationError::Store(StoreError::Stale)) => {}
            other => return other,
        }
    }
    Err(StoreError::Stale.into())
}

/// The photo that would be taken in under that id, and its report: as the manifest announced it, or as its sender describes
/// it now.
pub(super) async fn expected_photo(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: PhotoId,
    said: Said<'_>,
) -> Result<(Report, Photo), OperationError> {
    let report = app.store.report(report).await?.ok_or(Refusal::NotHere)?;
    may_attach(app, caller, &report).await?;
    let expected = match app.store.photo(id).await? {
        Some(photo) if photo.report == report.id => photo,
        Some(_) => return Err(Refusal::Unknown.into()),
        None => unannounced(app, caller, &report, id, said).await?,
    };
    let other = said.digest.is_some_and(|digest| digest != expected.sha256) && expected.state != PhotoState::Disposed;
    if other { Err(PhotoError::HashMismatch.into()) } else { Ok((report, expected)) }
}

/// What came.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// Of which kind it was.
    format: Format,
    /// The hash of the bare picture that is kept in its place.
    bare_sha256: Option<[u8; 32]>,
}

/// Of a photo of an anonymous report only the picture is kept: what came is checked and stripped in memory, and no byte of
/// it reaches the store. One that cannot be read is refused.
async fn take_bare<E>(
    app: &App,
    expected: &Photo,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Taken, OperationError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let _room = app.darkroom.tray(expected.bytes).ok_or(OperationError::Busy)?;
    let tray = Keeping::in_memory();
    let format = tray.receive(arriving, expected.sha256, expected.bytes).await?;
    if expected.state != PhotoState::Expected {
        return Ok(Taken { format, bare_sha256: expected.kept_sha256 });
    }
    let original = tray.get(&original_key(&expected.sha256)).await?;
    let bare = app.darkroom.bare(original).await.map_err(PhotoError::Unreadable)?;
    let bare_sha256 = sha256(&bare);
    app.keeping.put(&original_key(&bare_sha256), bare.into()).await?;
    Ok(Taken { format, bare_sha256: Some(bare_sha256) })
}

/// Whoever may see the report may complete it. To others it is not here, as one that has not come: its bytes are no more kept
/// for later than those of any other, as an anonymous report may bring them, of which nothing may lie on disk as it came. The sender of an anonymous one cannot be known again, but only the bytes
/// that the manifest announced are taken, so anybody who has them may bring them.
pub(super) async fn may_attach(app: &App, caller: &Caller, report: &Report) -> Result<(), OperationError> {
    let part = report.reporter.is_none() || app.store.takes_part(caller.member, report.id).await?;
    Ok(caller.actor().must_see(report, part).map_err(|_| Refusal::NotHere)?)
}

/// A photo taken after the report was sent, as the sender describes it, by somebody who may see the report.
async fn unannounced(app: &App, caller: &Caller, report: &Report, id: PhotoId, said: Said<'_>) -> Result<Photo, OperationError> {
    client_made(id.0, "/photo_id")?;
    let described = said.digest.zip(said.length).filter(|(_, bytes)| (1..=app.settings.photo_max_bytes).contains(bytes));
    let (sha256, bytes) = described.ok_or(Refusal::Conflict("photo_not_announced"))?;
    let others = app.store.photos(report.id).await?.len();
    let part = app.store.takes_part(caller.member, report.id).await?;
    if caller.actor().must_see(report, part).is_err() || report.is_over() || others >= PHOTO_LIMIT {
        return Err(Refusal::Conflict("photo_not_announced").into());
    }
    let position = u32::try_from(others).unwrap_or(u32::MAX);
    Ok(Photo::expected(id, report.id, position, sha256, bytes, said.media_type.unwrap_or_default().to_owned()))
}

async fn put_on_record(
    app: &App,
    caller: &Caller,
    report: &Report,
    expected: &Photo,
    taken: Taken,
) -> Result<Made<Photo>, OperationError> {
    let mut tx = caller.begin(app).await?;
    let id = expected.id;
    if tx.photo(id).await?.is_none() {
        tx.add_photo(expected).await?;
    }
    let photo = tx.photo(id).await?.filter(|photo| photo.report == report.id).ok_or(Refusal::Unknown)?;
    if photo.state == PhotoState::Disposed {
        // Its time was over while its bytes arrived.
        tx.leave_bytes(taken.bare_sha256.as_ref().unwrap_or(&photo.sha256), app.clock.now()).await?;
        tx.commit().await?;
        return Ok(Made::Before(photo));
    }
    if photo.state != PhotoState::Expected {
        return Ok(Made::Before(photo));
    }
    // The same bytes may have been another photo's that is disposed of just now: then they must come once more.
    let kept = taken.bare_sha256.unwrap_or(photo.sha256);
    if tx.count_on_bytes(&kept).await? == Leftover::Removed {
        app.keeping.size(&original_key(&kept)).await.map_err(|cause| PhotoError::Interrupted(cause.into()))?;
    }
    let now = app.clock.now();
    let kept_as = if taken.bare_sha256.is_some() { Format::Jpeg } else { taken.format };
    let photo = Photo {
        state: PhotoState::Received,
        received_at: Some(now),
        media_type: kept_as.media_type().to_owned(),
        kept_sha256: taken.bare_sha256,
        ..photo
    };
    tx.save_photo(&photo).await?;
    let mut facts = json!({ "sha256": hex::encode(photo.sha256), "bytes": photo.bytes, "media_type": photo.media_type });
    if let Some(kept) = photo.kept_sha256 {
        facts["kept_sha256"] = hex::encode(kept).into();
    }
    tx.note(Entry {
        at: now,
        actor: (!report.protects_sender()).then_some(caller.member),
        subject: "photo",
        subject_id: id.0,
        report: Some(report.id),
        verb: "received",
        facts,
    });
    tx.commit().await?;
    app.nudge();
    Ok(Made::New(Photo { version: photo.version + 1, ..photo }))
}
