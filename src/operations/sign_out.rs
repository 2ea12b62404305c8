//! A device signs out.

use super::{Caller, OperationError, let_in};
use crate::app::App;

/// Ends the caller's session; its access token is refused from the next request on.
pub async fn sign_out(app: &App, caller: &Caller) -> Result<(), OperationError> {
    let mut tx = caller.begin(app).await?;
    let Some(session) = tx.session(caller.session).await? else { return Ok(()) };
    let now = app.clock.now();
    let session = session.revoked(now);
    tx.save_session(&session).await?;
    tx.note(let_in::entry(&session, "signed_out", now));
    Ok(tx.commit().await?)
}
