//! The owner begins to work on an action.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionCommand},
        ids::ActionId,
    },
};

/// The owner begins to work on an action. `version` is the one the caller read, if they said so.
pub async fn start_action(app: &App, caller: &Caller, id: ActionId, version: Option<i64>) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::Start).await?;
    let action = file.put_action(action.start()?).await?;
    file.note("action", id.0, "started", json!({}));
    file.save().await?;
    Ok(action)
}
