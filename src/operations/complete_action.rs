//! The owner has done it, and the verifier is asked to see.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionCommand, Completion},
        ids::ActionId,
        notice::NoticeKind,
    },
};

/// Completes an action with a note and, from potential 3 up, a photo. `version` is the one the caller read, if they said so.
pub async fn complete_action(
    app: &App,
    caller: &Caller,
    id: ActionId,
    done: Completion,
    version: Option<i64>,
) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::Complete).await?;
    let action = action.complete(done, file.report.potential_severity, &file.photos_here(), caller.member, file.now)?;
    let action = file.put_action(action).await?;
    file.tell(NoticeKind::VerificationAsked, action.verifier, Some(&action), "verifier of the action").await?;
    file.note("action", id.0, "completed", json!({ "evidence": action.evidence }));
    file.save().await?;
    Ok(action)
}
