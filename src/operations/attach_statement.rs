//! The exact bytes of a statement arrive and are kept under their hash.

use std::error::Error;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::json;

use super::{
    Caller, Made, OperationError,
    add_statement::{entry, report_to_add_to},
};
use crate::{
    app::App,
    domain::{
        ids::{ReportId, StatementId},
        refusal::Refusal,
        statement::Statement,
    },
    photos::{PhotoError, keeping::statement_key},
    store::Leftover,
};

/// Takes in the file of a statement. Bytes that are not those announced leave nothing behind.
pub async fn attach_statement<E>(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: StatementId,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Made<Statement>, OperationError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let report = report_to_add_to(app, caller, report).await?;
    let statement = app.store.statement(id).await?.filter(|statement| statement.report == report.id).ok_or(Refusal::Unknown)?;
    let kind = statement.media_type;
    let is_so = move |head: &[u8]| kind.fits(head).then_some(kind);
    let (key, sha256) = (statement_key(&statement.sha256), statement.sha256);
    app.keeping.receive_as(&key, arriving, sha256, statement.bytes, is_so).await.map_err(|error| match error {
        PhotoError::TooLarge | PhotoError::LengthMismatch | PhotoError::HashMismatch | PhotoError::UnknownFormat => {
            OperationError::Refused(Refusal::Conflict("statement_mismatch"))
        }
        other => other.into(),
    })?;
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    // The same bytes may have been removed just now: then they must come once more.
    if tx.count_on_bytes(&sha256).await? == Leftover::Removed {
        app.keeping.size(&key).await.map_err(|cause| PhotoError::Interrupted(cause.into()))?;
    }
    if !tx.statement_received(id, now).await? {
        return Ok(Made::Before(statement));
    }
    let received = Statement { received_at: Some(now), ..statement };
    tx.note(entry(app, caller, &received, "received", json!({ "sha256": hex::encode(received.sha256) })));
    tx.commit().await?;
    Ok(Made::New(received))
}
