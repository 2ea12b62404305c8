//! Uploads that nobody goes on with are given up: their bytes are removed and their addresses forgotten, and so is what a
//! crash left in the spool.

use tracing::info;

use super::OperationError;
use crate::{app::App, domain::ids::UploadId};

/// How many uploads one pass takes up.
const PASS: u64 = 200;

/// Gives up what is over; true when there may be more at once.
pub async fn sweep_uploads(app: &App) -> Result<bool, OperationError> {
    let over = app.store.expired_uploads(app.clock.now(), PASS).await?;
    for upload in &over {
        sweep(app, upload.id).await?;
    }
    for id in app.spool.all().await? {
        // Its row was written before the first byte, so that a file without one belongs to nobody.
        if app.store.upload(UploadId(id)).await?.is_none_or(|upload| upload.completed_at.is_some()) {
            let _turn = app.spool.turn(id).await;
            app.spool.remove(id).await?;
        }
    }
    Ok(over.len() as u64 == PASS)
}

async fn sweep(app: &App, id: UploadId) -> Result<(), OperationError> {
    let _turn = app.spool.turn(id.0).await;
    let tx = app.store.begin().await?;
    // Its next byte may have come just now.
    let Some(upload) = tx.upload_to_change(id).await?.filter(|upload| upload.expires_at <= app.clock.now()) else {
        return Ok(());
    };
    tx.drop_upload(upload.id).await?;
    tx.commit().await?;
    app.spool.remove(upload.id.0).await?;
    if upload.completed_at.is_none() {
        info!("an upload was given up");
    }
    Ok(())
}
