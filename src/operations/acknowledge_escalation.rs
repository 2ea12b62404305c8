//! Somebody answers an escalation: the ladders of the action wait for the time they state, and then go on.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionCommand},
        deadline::Deadline,
        ids::ActionId,
    },
};

/// Pauses the running ladders of an action. `version` is the one the caller read, if they said so.
pub async fn acknowledge_escalation(
    app: &App,
    caller: &Caller,
    id: ActionId,
    version: Option<i64>,
) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::AcknowledgeEscalation).await?;
    action.expect(ActionCommand::AcknowledgeEscalation)?;
    let running: Vec<Deadline> =
        file.deadlines.iter().filter(|deadline| deadline.action == Some(id) && deadline.is_open()).cloned().collect();
    for deadline in running {
        file.pause(deadline).await?;
    }
    file.note("action", id.0, "escalation_acknowledged", json!({}));
    file.save().await?;
    Ok(action)
}
