//! Bytes of photos that no report keeps are removed, after the transaction that disposed of the photos.

use tracing::info;

use crate::{app::App, operations::OperationError};

/// How many photos' bytes one pass removes.
const PASS: u64 = 50;
/// How long bytes wait, in milliseconds: longer than any transaction that counts on them can be open.
const SETTLED_MS: i64 = 60_000;

/// Removes what waits, each hash under its own row; true when there may be more. Interrupted anywhere, it is taken up again.
pub(super) async fn remove(app: &App) -> Result<bool, OperationError> {
    let now = app.clock.now();
    let waiting = app.store.leftovers(now.plus_ms(-SETTLED_MS), PASS).await?;
    for sha256 in &waiting {
        let tx = app.store.begin().await?;
        if tx.may_remove_bytes(sha256).await? {
            for photo in tx.redacted_and_disposed(sha256).await? {
                app.keeping.remove_redacted(&photo).await?;
            }
            let kept = tx.is_kept(sha256).await?;
            if !kept {
                app.keeping.remove(sha256).await?;
                info!("the bytes of a photo were removed");
            }
            tx.bytes_are_removed(sha256, now, !kept).await?;
        }
        tx.commit().await?;
    }
    if waiting.is_empty() {
        let tx = app.store.begin().await?;
        tx.forget_leftovers(now).await?;
        tx.commit().await?;
    }
    Ok(waiting.len() as u64 == PASS)
}
