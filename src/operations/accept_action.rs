//! The owner takes an action on.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionCommand},
        ids::ActionId,
    },
};

/// The owner takes an action on. `version` is the one the caller read, if they said so.
pub async fn accept_action(app: &App, caller: &Caller, id: ActionId, version: Option<i64>) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::Accept).await?;
    let action = file.put_action(action.accept()?).await?;
    file.note("action", id.0, "accepted", json!({}));
    file.save().await?;
    Ok(action)
}
