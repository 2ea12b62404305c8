//! An owner asks for more time, and whoever decides is told.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        access::deciders,
        action::{Action, ActionCommand},
        ids::ActionId,
        notice::NoticeKind,
        time::Instant,
    },
};

/// Asks for more time, with a reason. `version` is the one the caller read, if they said so.
pub async fn request_extension(
    app: &App,
    caller: &Caller,
    id: ActionId,
    until: Instant,
    reason: &str,
    version: Option<i64>,
) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::RequestExtension).await?;
    let action = action.request_extension(until, reason, caller.member, file.now)?;
    let action = file.put_action(action).await?;
    for decider in deciders(&file.organisation, &action) {
        file.tx.add_participant(decider, file.report.id).await?;
        file.tell(NoticeKind::ExtensionAsked, decider, Some(&action), "decides about more time").await?;
    }
    file.note("action", id.0, "extension_asked", json!({ "until": until, "due_at": action.due_at }));
    file.save().await?;
    Ok(action)
}
