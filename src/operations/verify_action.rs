//! Somebody who neither owns nor completed it has seen that an action is done, and its owner hears of it.

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

/// Verifies an action. `version` is the one the caller read, if they said so.
pub async fn verify_action(app: &App, caller: &Caller, id: ActionId, version: Option<i64>) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::Verify).await?;
    let action = file.put_action(action.verify(caller.member, file.now)?).await?;
    file.tell_alone(NoticeKind::ActionVerified, action.owner, &action).await?;
    file.note("action", id.0, "verified", json!({}));
    file.save().await?;
    Ok(action)
}
