//! What others see of a photo is made: upright, without metadata, off the async threads.

use bytes::Bytes;
use serde_json::json;
use tracing::{info, warn};

use super::OperationError;
use crate::{
    app::App,
    domain::{
        claims::{Claims, Finding},
        journal::Entry,
        photo::{Photo, PhotoState},
        refusal::Refusal,
    },
    photos::keeping::{display_key, original_key, thumb_key},
    store::StoreError,
};

/// How long one photo may take before another worker tries it, in milliseconds.
const LEASE_MS: i64 = 30_000;
/// How long a photo waits after the photo store failed, in milliseconds.
const PAUSE_MS: i64 = 15_000;
/// How often a photo is tried before it is called unreadable: one that kills its worker must not do so for ever.
const ATTEMPTS: u32 = 20;

/// Makes the renditions of the photo that has waited longest; false when none waits.
pub async fn render_photos(app: &App) -> Result<bool, OperationError> {
    if !app.store.photo_waits().await? {
        return Ok(false);
    }
    let tx = app.store.begin().await?;
    let claimed = tx.claim_photo(LEASE_MS).await?;
    tx.commit().await?;
    let Some((photo, attempt)) = claimed else { return Ok(false) };
    let preview = photo.preview_sha256;
    let (done, found) = match attempt {
        1..=ATTEMPTS => match develop(app, photo.clone()).await {
            Ok(developed) => developed,
            Err(error) => {
                give_back(app, &photo).await?;
                return Err(error);
            }
        },
        _ => (unreadable(photo, "gave_up"), None),
    };
    match put_on_record(app, &done, found, preview).await {
        // Somebody else finished it meanwhile, with the same result; or it was disposed of, and what was made of it goes too.
        Err(OperationError::Store(StoreError::Stale)) => forget_if_disposed(app, &done).await.map(|()| true),
        other => other.map(|()| true),
    }
}

/// How a photo looks, and what it says of itself.
type Found = Option<(u64, Claims)>;

async fn develop(app: &App, photo: Photo) -> Result<(Photo, Found), OperationError> {
    let original = app.keeping.get(&original_key(photo.kept())).await?;
    match app.darkroom.render(original, photo.hidden.clone()).await {
        Ok(made) => {
            app.keeping.put(&display_key(&photo), Bytes::from(made.display)).await?;
            app.keeping.put(&thumb_key(&photo), Bytes::from(made.thumb)).await?;
            let (width, height) = (Some(made.width), Some(made.height));
            // Its own picture is shown from now on.
            let photo = Photo { state: PhotoState::Ready, width, height, hints: made.hints, preview_sha256: None, ..photo };
            Ok((photo, Some((made.look, made.claims))))
        }
        Err(why) => Ok((unreadable(photo, why.code()), None)),
    }
}

/// The photo store failed, not the photo: it does not count as a try.
async fn give_back(app: &App, photo: &Photo) -> Result<(), OperationError> {
    let tx = app.store.begin().await?;
    tx.give_back_photo(photo.id, PAUSE_MS).await?;
    Ok(tx.commit().await?)
}

async fn forget_if_disposed(app: &App, done: &Photo) -> Result<(), OperationError> {
    let tx = app.store.begin().await?;
    if tx.photo(done.id).await?.is_some_and(|photo| photo.state == PhotoState::Disposed) {
        tx.leave_bytes(done.kept(), app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

fn unreadable(photo: Photo, why: &str) -> Photo {
    Photo { state: PhotoState::Unreadable, unreadable_because: Some(why.to_owned()), ..photo }
}

async fn put_on_record(app: &App, photo: &Photo, found: Found, preview: Option<[u8; 32]>) -> Result<(), OperationError> {
    let mut tx = app.store.begin().await?;
    tx.save_photo(photo).await?;
    if let Some(preview) = preview.filter(|_| photo.preview_sha256.is_none()) {
        tx.leave_bytes(&preview, app.clock.now()).await?;
    }
    if let Some((look, claims)) = found {
        let report = tx.report(photo.report).await?.ok_or(Refusal::Unknown)?;
        tx.add_finding(&Finding::kept(&report, photo.id, look, claims)).await?;
    }
    let (at, report) = (app.clock.now(), Some(photo.report));
    let facts = json!({ "because": photo.unreadable_because });
    tx.note(Entry { at, actor: None, subject: "photo", subject_id: photo.id.0, report, verb: photo.state.word(), facts });
    tx.commit().await?;
    // Whoever sent it may be waiting to hear how it turned out.
    app.nudge();
    match &photo.unreadable_because {
        None => info!(photo.id = %photo.id, "photo {} is ready", photo.id),
        Some(why) => warn!(photo.id = %photo.id, why, "photo {} is kept but cannot be shown: {why}", photo.id),
    }
    Ok(())
}
