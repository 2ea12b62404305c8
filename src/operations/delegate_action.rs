//! An owner gives their action to somebody else, who is told. Whoever has no other part in the report leaves it.

use serde_json::{Value, json};

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        access::Actor,
        action::{Action, ActionCommand},
        ids::{ActionId, MemberId},
        notice::NoticeKind,
        refusal::Refusal,
    },
};

/// Gives an action to another owner, with a reason. `version` is the one the caller read, if they said so.
pub async fn delegate_action(
    app: &App,
    caller: &Caller,
    id: ActionId,
    to: MemberId,
    reason: &str,
    version: Option<i64>,
) -> Result<Action, OperationError> {
    let (mut file, action) = File::of_action(app, caller, id, version, ActionCommand::Delegate).await?;
    let facts = json!({ "from": action.owner, "to": to });
    let action = delegate(&mut file, action, to, reason, facts).await?;
    file.save().await?;
    Ok(action)
}

/// The same within the file of a report that is open, for whoever opened it.
pub(super) async fn delegate(
    file: &mut File,
    action: Action,
    to: MemberId,
    reason: &str,
    facts: Value,
) -> Result<Action, OperationError> {
    let member = file.caller.ok_or(Refusal::MayNot("delegate"))?;
    Actor { member, organisation: &file.organisation }.must_command_action(ActionCommand::Delegate, &action)?;
    let from = action.owner;
    let action = file.put_action(action.delegate(to, reason, &file.organisation)?).await?;
    file.tx.add_participant(to, file.report.id).await?;
    if !(Actor { member: from, organisation: &file.organisation }).has_part_in(&file.report, &file.actions) {
        file.tx.drop_participant(from, file.report.id).await?;
        file.tx.add_past_view(file.report.id, from.0).await?;
    }
    file.tell_alone(NoticeKind::ActionReassigned, from, &action).await?;
    file.tell(NoticeKind::ActionAssigned, to, Some(&action), "owner of the action").await?;
    file.note("action", action.id.0, "delegated", facts);
    Ok(action)
}
