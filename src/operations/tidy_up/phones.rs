//! What was remembered for phones that come back late.

use crate::{app::App, domain::once::REMEMBERED_MS, operations::OperationError};

/// Forgets the keys of commands whose answers nobody waits for any more.
pub(super) async fn forget_keys(app: &App) -> Result<(), OperationError> {
    let tx = app.store.begin().await?;
    tx.forget_keys(app.clock.now().plus_ms(-REMEMBERED_MS)).await?;
    Ok(tx.commit().await?)
}
