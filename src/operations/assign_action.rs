//! A corrective action is given to its owner, who is told in the same transaction.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Caller, Made, OperationError, bring_in, file::File};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionState, Assignment, RawAction},
        audience::Role,
        deadline::DeadlineKind,
        ids::{ActionId, MemberId, ReportId, client_made},
        notice::NoticeKind,
        refusal::{FieldErrors, Refusal},
        report::{Command, Stamp},
        since::Touched,
    },
};

/// Assigns an action under the client's own id. The same words again change nothing; other words under the same id are a
/// conflict.
pub async fn assign_action(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: ActionId,
    raw: RawAction,
) -> Result<Made<Action>, OperationError> {
    client_made(id.0, "/id")?;
    let content_sha256: [u8; 32] = Sha256::digest(serde_json::to_vec(&raw).unwrap_or_default()).into();
    let mut file = File::command(app, caller, report, None, Command::AssignAction).await?;
    if let Some(known) = file.tx.action(id).await? {
        let same = known.report == report && known.content_sha256 == content_sha256;
        return if same { Ok(Made::Before(known)) } else { Err(Refusal::Conflict("action_conflict").into()) };
    }
    file.report.expect(Command::AssignAction)?;
    let given = raw.read(file.now)?;
    people_exist(&given, &file)?;
    let due_at = given.due_at.map_or_else(|| due_by_ladder(&file, given.owner), Ok)?;
    let action = Action {
        id,
        report,
        site: file.report.site,
        ordinal: u32::try_from(file.actions.len()).unwrap_or(u32::MAX).saturating_add(1),
        state: ActionState::Open,
        verifier: verifier(&given, &file, caller.member)?,
        due_at,
        first_due_at: due_at,
        extensions: vec![],
        title: given.title,
        details: given.details,
        kind: given.kind,
        control: given.control,
        owner: given.owner,
        assigned: Stamp { at: file.now, by: caller.member },
        completed: None,
        completion_note: None,
        evidence: vec![],
        verified: None,
        reason: None,
        content_sha256,
        touched: Touched::unknown_before(1),
        version: 1,
    };
    file.tx.hold_alone(id.0, None).await?;
    if !file.tx.add_action(&action).await? {
        return Err(Refusal::Conflict("action_conflict").into());
    }
    for member in [action.owner, action.verifier] {
        file.tx.add_participant(member, report).await?;
    }
    file.tell(NoticeKind::ActionAssigned, action.owner, Some(&action), "owner of the action").await?;
    let facts = json!({ "owner": action.owner, "verifier": action.verifier, "due_at": action.due_at, "control": action.control });
    file.note("action", id.0, "assigned", facts);
    file.adds(action.clone());
    let action = bring_in::completion(&mut file, action).await?;
    file.save().await?;
    Ok(Made::New(action))
}

fn people_exist(given: &Assignment, file: &File) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let here = |member: MemberId| file.organisation.members.get(&member).is_some_and(|member| member.disabled_at.is_none());
    if !here(given.owner) {
        errors.add("/owner_id", "unknown_member");
    }
    if given.verifier.is_some_and(|verifier| !here(verifier)) {
        errors.add("/verifier_id", "unknown_member");
    }
    errors.none()
}

/// Whoever was named, else the report's officer, else whoever assigns it, else another officer or manager of the site: never the owner.
fn verifier(given: &Assignment, file: &File, caller: MemberId) -> Result<MemberId, Refusal> {
    let roles = [Role::Officer, Role::Manager];
    let others = roles.into_iter().flat_map(|role| file.organisation.all_holders(role, file.report.site));
    let candidates = [given.verifier, file.report.officer, Some(caller)].into_iter().flatten().chain(others);
    candidates.into_iter().find(|member| *member != given.owner).ok_or_else(|| Refusal::invalid("/verifier_id", "needed"))
}

/// As its clock will count it: by the calendar of the owner's crew, or else of the site.
fn due_by_ladder(file: &File, owner: MemberId) -> Result<crate::domain::time::Instant, OperationError> {
    let ladders = file.organisation.ladders_now();
    let ladder = ladders.and_then(|(_, all)| all.find(DeadlineKind::CompleteAction, file.report.potential_severity));
    let within = ladder.ok_or_else(|| Refusal::invalid("/due_at", "needed"))?.within;
    let calendar = file.organisation.calendar_code(file.report.site, Some(owner));
    Ok(file.organisation.count(file.report.site, &calendar, file.now, within))
}
