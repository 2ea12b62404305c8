//! Somebody who may fetches what a witness said, and the record says so.

use serde_json::json;

use super::{Caller, OperationError, add_statement::entry};
use crate::{app::App, domain::statement::Statement};

/// Puts on record that the caller fetches the file of a statement. Whether they may is the access table's.
pub async fn fetch_statement(app: &App, caller: &Caller, statement: &Statement) -> Result<(), OperationError> {
    let mut tx = app.store.begin().await?;
    tx.note(entry(app, caller, statement, "fetched", json!({})));
    Ok(tx.commit().await?)
}
