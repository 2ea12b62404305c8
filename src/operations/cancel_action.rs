//! An action is not needed any more, and its owner hears of it.

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

/// Cancels an action, with a reason. `version` is the one the caller read, if they said so.
pub async fn cancel_action(
    app: &App,
    caller: &Caller,
    id: ActionId,
    reason: &str,
    version: Option<i64>,
) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::Cancel).await?;
    let action = file.put_action(action.cancel(reason, caller.member)?).await?;
    file.tell_alone(NoticeKind::ActionCancelled, action.owner, &action).await?;
    file.note("action", id.0, "cancelled", json!({}));
    file.save().await?;
    Ok(action)
}
