//! The owner has done it, and the verifier is asked to see.

use serde_json::json;

use super::{
    Caller, OperationError,
    file::File,
    hold_until_arrival::{Arrival, hold},
};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionCommand, Completion},
        held::{Held, HeldKind, Said},
        ids::ActionId,
        notice::NoticeKind,
        refusal::Refusal,
    },
};

/// Completes an action with a note and, from potential 3 up, a photo; or lets that wait for the action. `version` is the one
/// the caller read, if they said so.
pub async fn complete_action(
    app: &App,
    caller: &Caller,
    id: ActionId,
    done: Completion,
    version: Option<i64>,
) -> Result<Arrival<Action>, OperationError> {
    match complete(app, caller, id, done.clone(), version).await {
        Err(OperationError::Refused(Refusal::Unknown) | OperationError::Repeated) => {}
        other => return other.map(Arrival::Here),
    }
    let said = Said::Completion { action: id, note: done.note.clone(), evidence: done.evidence.clone() };
    match wait(app, caller, id, said).await? {
        Some(held) => Ok(Arrival::Held(Box::new(held))),
        // It came just now, or it was completed before under the same key.
        None => complete(app, caller, id, done, version).await.map(Arrival::Here),
    }
}

async fn complete(
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
    if let Some(held) = file.tx.held_of(caller.member, HeldKind::Completion, id.0).await? {
        file.tx.drop_held(held.id).await?;
    }
    file.save().await?;
    Ok(action)
}

/// Lets a completion wait for its action; none where the caller may see that now.
async fn wait(app: &App, caller: &Caller, id: ActionId, said: Said) -> Result<Option<Held>, OperationError> {
    let tx = match caller.begin(app).await {
        Err(OperationError::Repeated) => return Ok(app.store.held_of(caller.member, HeldKind::Completion, id.0).await?),
        begun => begun?,
    };
    tx.hold_alone(id.0, Some(caller.member)).await?;
    let known = tx.action(id).await?;
    if let Some(action) = &known {
        let report = tx.report(action.report).await?.ok_or(OperationError::Fault("an action without its report"))?;
        if caller.actor().must_see(&report, tx.takes_part(caller.member, report.id).await?).is_ok() {
            return Ok(None);
        }
    }
    hold(app, tx, caller, said, known.is_some()).await.map(Some)
}
