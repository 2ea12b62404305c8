//! The journal's head is sealed with the server's signature from time to time: whoever rewrites the whole journal cannot
//! rewrite the seals, least of all those that were kept elsewhere.

use super::OperationError;
use crate::{app::App, domain::journal::Seal};

/// Seals what was written since the last seal; false when nothing was.
pub async fn seal_journal(app: &App) -> Result<bool, OperationError> {
    let tx = app.store.begin().await?;
    let (seq, hash) = tx.journal_head().await?;
    if seq <= tx.last_seal().await? {
        return Ok(false);
    }
    let seal = Seal { seq, hash: hex::encode(hash), at: app.clock.now() };
    let token = app.keys.seal(&seal).map_err(|_| OperationError::Fault("a seal could not be signed"))?;
    tx.add_journal_seal(seq, &token).await?;
    tx.commit().await?;
    Ok(true)
}
