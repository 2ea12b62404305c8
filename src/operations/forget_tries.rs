//! Tries that are counted no more, codes that are too old and sign-ins that nobody finished are forgotten.

use super::OperationError;
use crate::app::App;

/// Forgets them.
pub async fn forget_tries(app: &App) -> Result<(), OperationError> {
    let tx = app.store.begin().await?;
    tx.forget_past_tries(app.clock.now()).await?;
    Ok(tx.commit().await?)
}
