//! The exact bytes of a photo arrive and are kept under their hash: one that the manifest announced, or one taken later,
//! such as the evidence that an action is done. What comes before its report waits for it (`hold_photo.rs`).

use std::error::Error;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::json;
use uuid::Uuid;

use super::{Caller, Made, OperationError, hold_photo::hold_photo, hold_until_arrival::Arrival};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        held::{EarlyPhoto, HeldKind},
        ids::{MemberId, PhotoId, ReportId, client_made},
        journal::Entry,
        photo::{Photo, PhotoState},
        refusal::Refusal,
        report::{Confidentiality, MANIFEST_LIMIT, Report},
    },
    photos::{Format, Keeping, PhotoError, keeping::original_key},
    store::{Leftover, StoreError, Tx},
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

/// Who brings a photo.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bringer<'a> {
    /// Somebody who asks.
    Caller(&'a Caller),
    /// Nobody who is here: it was sent before its report.
    Early(&'a EarlyPhoto),
}

impl Bringer<'_> {
    async fn begin(self, app: &App) -> Result<Tx, OperationError> {
        match self {
            Self::Caller(caller) => caller.begin(app).await,
            Self::Early(early) => Ok(app.store.begin().await?.said(early.sent.and_then(|sent| sent.said_at))),
        }
    }

    fn member(self) -> Option<MemberId> {
        match self {
            Self::Caller(caller) => Some(caller.member),
            Self::Early(early) => early.sent.map(|sent| sent.member),
        }
    }
}

/// Takes in a photo. Bytes that are not those of the manifest leave nothing behind. A photo that was not announced is
/// taken when the sender says its length and hash, and counts only once its bytes are here. One whose report is not here, or
/// is not the caller's to know, waits for it.
pub async fn attach_photo<E>(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: PhotoId,
    said: Said<'_>,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Arrival<Made<Photo>>, OperationError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    said.media_type.map(Format::declared).transpose()?;
    match expected_photo(app, caller, report, id, said).await {
        Err(OperationError::Refused(Refusal::NotHere)) => hold_photo(app, caller, report, id, said, arriving).await,
        expected => {
            let (report, expected) = expected?;
            take_in(app, Bringer::Caller(caller), &report, expected, said.media_type, arriving).await.map(Arrival::Here)
        }
    }
}

/// Takes in the bytes of a photo that is expected.
pub(super) async fn take_in<E>(
    app: &App,
    bringer: Bringer<'_>,
    report: &Report,
    expected: Photo,
    media_type: Option<&str>,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Made<Photo>, OperationError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let declared = media_type.map(Format::declared).transpose()?.flatten();
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
        match put_on_record(app, bringer, report, &expected, taken).await {
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
    let (report, photo) = may_attach(app, caller, report, id).await?;
    let expected = match photo {
        Some(photo) if photo.report == report.id => photo,
        Some(_) => return Err(Refusal::Unknown.into()),
        None => unannounced(app, &report, id, said).await?,
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

/// The report, and whatever photo has that id, for whoever may complete the report: those who may see it. To others it is not
/// here, like one that has not come. The sender of an anonymous one cannot be known again, so that anybody may bring a photo
/// that its manifest announced, as only exactly those bytes are taken.
pub(super) async fn may_attach(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: PhotoId,
) -> Result<(Report, Option<Photo>), OperationError> {
    let report = app.store.report(report).await?.ok_or(Refusal::NotHere)?;
    let photo = app.store.photo(id).await?;
    let announced = report.reporter.is_none() && photo.as_ref().is_some_and(|photo| photo.report == report.id);
    let part = announced || app.store.takes_part(caller.member, report.id).await?;
    caller.actor().must_see(&report, part).map_err(|_| Refusal::NotHere)?;
    Ok((report, photo))
}

/// A photo taken after the report was sent, as the sender describes it, by somebody who may see the report.
async fn unannounced(app: &App, report: &Report, id: PhotoId, said: Said<'_>) -> Result<Photo, OperationError> {
    client_made(id.0, "/photo_id")?;
    let described = said.digest.zip(said.length).filter(|(_, bytes)| (1..=app.settings.photo_max_bytes).contains(bytes));
    let (sha256, bytes) = described.ok_or(Refusal::Conflict("photo_not_announced"))?;
    let others = app.store.photos(report.id).await?.len();
    if report.is_over() || others >= PHOTO_LIMIT {
        return Err(Refusal::Conflict("photo_not_announced").into());
    }
    let position = u32::try_from(others).unwrap_or(u32::MAX);
    Ok(Photo::expected(id, report.id, position, sha256, bytes, said.media_type.unwrap_or_default().to_owned()))
}

async fn put_on_record(
    app: &App,
    bringer: Bringer<'_>,
    report: &Report,
    expected: &Photo,
    taken: Taken,
) -> Result<Made<Photo>, OperationError> {
    let mut tx = bringer.begin(app).await?;
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
    let mut waited = None;
    match bringer {
        Bringer::Caller(caller) => waited = forget_waiting(app, &tx, caller, report, &photo).await?,
        Bringer::Early(EarlyPhoto { sent: Some(sent), .. }) => facts["held_at"] = json!(sent.since),
        Bringer::Early(_) => {}
    }
    tx.note(Entry {
        at: now,
        actor: bringer.member().filter(|_| !report.protects_sender()),
        subject: "photo",
        subject_id: id.0,
        report: Some(report.id),
        verb: "received",
        facts,
    });
    tx.commit().await?;
    if let Some(file) = waited {
        app.keeping.remove_held(file).await?;
    }
    app.nudge();
    Ok(Made::New(Photo { version: photo.version + 1, ..photo }))
}

/// What its sender let wait under the same ids, before they might see the report, waits no more; gives the file it lay in. Where
/// nobody may know who brings the photo, a row that is gone would say it as well.
async fn forget_waiting(
    app: &App,
    tx: &Tx,
    caller: &Caller,
    report: &Report,
    photo: &Photo,
) -> Result<Option<Uuid>, OperationError> {
    let marks = app.links.held_marks(caller.member, report.id, photo.id, &photo.sha256);
    let Some(held) = tx.held_of(caller.member, HeldKind::Photo, marks.ids).await? else { return Ok(None) };
    if report.confidentiality == Confidentiality::Anonymous {
        tx.blank_held(held.id, app.clock.new_id(), app.clock.random_bytes()).await?;
    } else {
        tx.drop_held(held.id).await?;
    }
    Ok(held.file())
}
