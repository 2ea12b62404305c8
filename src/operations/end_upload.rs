//! Its sender gives an upload up: its bytes go, and its address with them. A photo that is on record stays.

use super::{Caller, OperationError, Ticket, resume_upload::open_upload};
use crate::app::App;

/// Ends an upload, also one that somebody still writes to.
pub async fn end_upload(app: &App, caller: &Caller, ticket: Ticket) -> Result<(), OperationError> {
    let _turn = app.spool.turn(ticket.id.0).await;
    let tx = caller.begin(app).await?;
    let upload = open_upload(app, caller, &tx, ticket).await?;
    tx.drop_upload(upload.id).await?;
    tx.commit().await?;
    Ok(app.spool.remove(upload.id.0).await?)
}
