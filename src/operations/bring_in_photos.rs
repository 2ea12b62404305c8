//! Photos that waited for their reports are opened and go on record, now that these are here and have said the hashes that open
//! them. A crash in between leaves the row, and the next pass goes on.

use futures_util::stream;
use tracing::warn;

use super::{
    OperationError,
    attach_photo::{Bringer, take_in},
    continue_upload::is_final,
};
use crate::{
    app::App,
    domain::{
        held::EarlyPhoto,
        photo::{Photo, PhotoState},
        refusal::Refusal,
    },
    photos::{PhotoError, keeping::held_key, sealed::open},
};

/// How many photos one pass brings in.
const PASS: u64 = 20;

/// Brings in what waits; true when there may be more. One that fails keeps no other from coming in.
pub async fn bring_in_photos(app: &App) -> Result<bool, OperationError> {
    let waiting = app.store.early_photos(PASS).await?;
    let mut failed = None;
    for early in &waiting {
        if let Err(error) = bring_in(app, early).await {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(waiting.len() as u64 == PASS), Err)
}

async fn bring_in(app: &App, early: &EarlyPhoto) -> Result<(), OperationError> {
    let announced = app.store.photo(early.photo).await?;
    if let Some(photo) = announced.filter(|photo| photo.state == PhotoState::Expected) {
        match take(app, early, photo).await {
            // It is still awaited, and its report says so to whoever has it.
            Err(error) if is_final(&error) => warn!(photo.id = %early.photo, %error, "a photo that waited cannot be brought in"),
            other => other?,
        }
    }
    app.keeping.remove_held(early.file).await?;
    let tx = app.store.begin().await?;
    tx.drop_early_photo(early.file).await?;
    Ok(tx.commit().await?)
}

async fn take(app: &App, early: &EarlyPhoto, photo: Photo) -> Result<(), OperationError> {
    let report = app.store.report(photo.report).await?.ok_or(Refusal::Unknown)?;
    let sealed = app.keeping.get(&held_key(early.file)).await?;
    let bytes = open(&early.key.0, &photo.sha256, sealed)?;
    let arriving = stream::iter([Ok::<_, PhotoError>(bytes)]);
    take_in(app, Bringer::Early(early), &report, photo, None, arriving).await.map(drop)
}
