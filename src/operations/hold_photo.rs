//! A photo that came before its report waits for it, sealed so that nobody can read it: the report may turn out to be anonymous,
//! and then no byte may lie anywhere as it came. Whether the report never was, or is merely not to be known to whoever sends the
//! photo, is answered alike, and then neither bytes nor ids are kept.

use std::error::Error;

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{
    Caller, Made, OperationError,
    add_comment::sees,
    attach_photo::{Bringer, Said, expected_photo, take_in},
    hold_until_arrival::{Arrival, hold},
};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        held::{Held, HeldKey, HeldKind, Said as Waiting},
        ids::{PhotoId, ReportId, client_made},
        photo::Photo,
        refusal::Refusal,
        report::{Confidentiality, Report},
    },
    photos::{
        Format, PhotoError,
        darkroom::Tray,
        intake::sniff,
        keeping::held_key,
        sealed::{gather, seal},
    },
    store::{StoreError, Tx},
};

/// How often it is tried when the report comes, and goes out of the caller's sight again, at the same moment.
const TRIES: usize = 3;

/// Lets a photo wait for its report, or takes it in when that came meanwhile.
pub(super) async fn hold_photo<E>(
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
    client_made(id.0, "/photo_id")?;
    let most = said.length.unwrap_or(app.settings.photo_max_bytes);
    let tray = app.darkroom.tray(most).ok_or(OperationError::Busy)?;
    let photo = InTray { bytes: gather(arriving, usize::try_from(most).unwrap_or(usize::MAX)).await?, tray };
    let hash = as_said(said, &photo).await?;
    for _ in 0..TRIES {
        if let Some(held) = wait(app, caller, report, id, &hash, &photo).await? {
            // Its sender is told of it by its own id and hash, of which only marks are kept.
            return Ok(Arrival::Held(Box::new(Held { own_id: id.0, content_sha256: hash, ..held })));
        }
        match expected_photo(app, caller, report, id, said).await {
            Err(OperationError::Refused(Refusal::NotHere)) => {}
            came => {
                let (report, expected) = came?;
                let arriving = stream::iter([Ok::<_, PhotoError>(photo.bytes)]);
                let made = take_in(app, Bringer::Caller(caller), &report, expected, said.media_type, arriving).await;
                return made.map(Arrival::Here);
            }
        }
    }
    Err(StoreError::Stale.into())
}

/// The bytes of a photo that arrived, in the memory that was taken for them.
#[derive(Clone)]
struct InTray {
    bytes: Bytes,
    tray: Tray,
}

impl InTray {
    /// Works on the bytes off the threads that answer, which goes on when the sender leaves; how many do so at once is bounded
    /// by the memory for what arrives.
    async fn aside<T: Send + 'static>(&self, work: impl FnOnce(&[u8]) -> T + Send + 'static) -> Result<T, PhotoError> {
        let Self { bytes, tray } = self.clone();
        let held = move || {
            let made = work(&bytes);
            drop((bytes, tray));
            made
        };
        spawn_blocking(held).await.map_err(|cause| PhotoError::Storage(Box::new(cause)))
    }
}

/// The hash of bytes that are a photo of ours, and what their sender says they are.
async fn as_said(said: Said<'_>, photo: &InTray) -> Result<[u8; 32], PhotoError> {
    let format = sniff(&photo.bytes).ok_or(PhotoError::UnknownFormat)?;
    if said.media_type.map(Format::declared).transpose()?.flatten().is_some_and(|declared| declared != format) {
        return Err(PhotoError::UnknownFormat);
    }
    if said.length.is_some_and(|length| length != photo.bytes.len() as u64) {
        return Err(PhotoError::LengthMismatch);
    }
    let hash = photo.aside(sha256).await?;
    if said.digest.is_some_and(|digest| digest != hash) { Err(PhotoError::HashMismatch) } else { Ok(hash) }
}

/// Lets it wait; none where its report is here by now, for this caller. The bytes are on disk before the row is, and a file that
/// no row names is of no use to anybody.
async fn wait(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: PhotoId,
    hash: &[u8; 32],
    photo: &InTray,
) -> Result<Option<Held>, OperationError> {
    let marks = app.links.held_marks(caller.member, report, id, hash);
    if let Some(known) = app.store.held_of(caller.member, HeldKind::Photo, marks.ids).await? {
        return if known.content_sha256 == marks.bytes {
            Ok(Some(known))
        } else {
            Err(Refusal::Conflict("held_conflict").into())
        };
    }
    let (file, key) = (Uuid::from_bytes(app.clock.random_bytes()), HeldKey(app.clock.random_bytes()));
    let (half, other) = (key.0, *hash);
    app.keeping.put(&held_key(file), photo.aside(move |bytes| seal(&half, &other, bytes)).await??).await?;
    let held = put_down(app, caller, Waiting::Photo { id, report, file, key, marks }).await;
    // After any other failure it may be on record all the same.
    let nobodys = match &held {
        Ok(held) => held.as_ref().and_then(Held::file) != Some(file),
        Err(error) => matches!(error, OperationError::Refused(_)),
    };
    if nobodys {
        app.keeping.remove_held(file).await?;
    }
    held
}

async fn put_down(app: &App, caller: &Caller, waiting: Waiting) -> Result<Option<Held>, OperationError> {
    let Waiting::Photo { id, report, .. } = waiting else { return Ok(None) };
    let tx = caller.begin(app).await?;
    tx.hold_alone(report.0, Some(caller.member)).await?;
    let known = tx.report(report).await?;
    if sees(&tx, caller, known.as_ref()).await? || is_awaited(&tx, known.as_ref(), id).await? {
        return Ok(None);
    }
    hold(app, tx, caller, waiting, known.is_some()).await.map(Some)
}

/// Whether it was announced by an anonymous report: that takes it from anybody.
async fn is_awaited(tx: &Tx, report: Option<&Report>, id: PhotoId) -> Result<bool, OperationError> {
    let Some(report) = report.filter(|report| report.confidentiality == Confidentiality::Anonymous) else { return Ok(false) };
    Ok(tx.photo(id).await?.is_some_and(|photo| photo.report == report.id))
}
