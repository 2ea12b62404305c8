//! More time is granted or refused, and the owner is told. Granting moves the deadline; its first promise stays.

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

/// Decides about the extension that was asked for. `version` is the one the caller read, if they said so.
pub async fn decide_extension(
    app: &App,
    caller: &Caller,
    id: ActionId,
    granted: bool,
    reason: Option<&str>,
    version: Option<i64>,
) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::DecideExtension).await?;
    let action = action.decide_extension(granted, reason, caller.member, file.now)?;
    let action = file.put_action(action).await?;
    file.tell(NoticeKind::ExtensionDecided, action.owner, Some(&action), "owner of the action").await?;
    let facts = json!({ "granted": granted, "due_at": action.due_at, "first_due_at": action.first_due_at });
    file.note("action", id.0, "extension_decided", facts);
    file.save().await?;
    Ok(action)
}
