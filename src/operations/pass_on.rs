//! The part of a hand-over that changes files: owners, verifiers and officers are replaced and told, in the transaction of
//! the operation that asked for it. Who takes what was decided in `domain/administration`.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionState},
        administration::{Handed, Part},
        ids::{ActionId, MemberId, ReportId},
        notice::NoticeKind,
        refusal::Refusal,
    },
    store::Tx,
};

/// Carries a plan out and gives the transaction back. Clocks are kept: only who must act is another.
pub(super) async fn pass_on(app: &App, mut tx: Tx, caller: &Caller, plan: &[Handed]) -> Result<Tx, OperationError> {
    let mut by_report: BTreeMap<ReportId, Vec<&Handed>> = BTreeMap::new();
    for handed in plan {
        by_report.entry(handed.report).or_default().push(handed);
    }
    for (id, parts) in by_report {
        let report = tx.report_to_change(id).await?.ok_or(OperationError::Fault("a report was there and is not"))?;
        let mut file = File::around(app, tx, Some(caller.member), report).await?;
        for handed in parts {
            match handed.part {
                Part::Owner(action) => pass_action(&mut file, handed, action, true).await?,
                Part::Verifier(action) => pass_action(&mut file, handed, action, false).await?,
                Part::Officer => pass_report(&mut file, handed).await?,
            }
            leaves(&file, handed.from).await?;
        }
        (tx, _) = file.write().await?;
    }
    Ok(tx)
}

async fn pass_action(file: &mut File, handed: &Handed, id: ActionId, owner: bool) -> Result<(), OperationError> {
    let action = file.actions.iter().find(|action| action.id == id).cloned().ok_or(Refusal::Changed)?;
    let (before, role) = if owner { (action.owner, "owner") } else { (action.verifier, "verifier") };
    if before != handed.from || !action.is_open() {
        return Err(Refusal::Changed.into());
    }
    let next = if owner { Action { owner: handed.to, ..action } } else { Action { verifier: handed.to, ..action } };
    let action = file.put_action(next).await?;
    file.tx.add_participant(handed.to, handed.report).await?;
    let because = format!("{role} of the action, handed over");
    if owner {
        file.tell_alone(NoticeKind::ActionReassigned, handed.from, &action).await?;
        file.tell(NoticeKind::ActionAssigned, handed.to, Some(&action), &because).await?;
    } else if action.state == ActionState::Completed {
        file.tell(NoticeKind::VerificationAsked, handed.to, Some(&action), &because).await?;
    }
    file.note("action", id.0, "handed_over", json!({ "part": role, "before": handed.from, "after": handed.to }));
    Ok(())
}

async fn pass_report(file: &mut File, handed: &Handed) -> Result<(), OperationError> {
    if file.report.officer != Some(handed.from) {
        return Err(Refusal::Changed.into());
    }
    file.report.officer = Some(handed.to);
    file.tell(NoticeKind::ReportAssigned, handed.to, None, "officer of the report, handed over").await?;
    let facts = json!({ "part": "officer", "before": handed.from, "after": handed.to });
    file.note("report", handed.report.0, "handed_over", facts);
    Ok(())
}

/// Who neither sent the report nor has or had one of its actions takes no part in it any more.
async fn leaves(file: &File, member: MemberId) -> Result<(), OperationError> {
    let acts = |action: &Action| action.owner == member || action.verifier == member;
    if file.report.reporter != Some(member) && !file.actions.iter().any(acts) {
        file.tx.drop_participant(member, file.report.id).await?;
        file.tx.add_past_view(file.report.id, member.0).await?;
    }
    Ok(())
}
