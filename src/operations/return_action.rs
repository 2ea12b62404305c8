//! An action is not done: its owner gets it back, with the reason.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionCommand},
        ids::ActionId,
        notice::NoticeKind,
    },
};

/// Returns an action. `version` is the one the caller read, if they said so.
pub async fn return_action(
    app: &App,
    caller: &Caller,
    id: ActionId,
    reason: &str,
    version: Option<i64>,
) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::Return).await?;
    let action = file.put_action(action.returned(reason)?).await?;
    file.tell(NoticeKind::ActionReturned, action.owner, Some(&action), "owner of the action").await?;
    file.note("action", id.0, "returned", json!({}));
    file.save().await?;
    Ok(action)
}
