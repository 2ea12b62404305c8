//! Somebody's open work passes to others, and they leave if that was asked: all of it in one transaction, or nothing.

use serde_json::{Value, json};

use super::{Caller, OperationError, disable_member::pass_on_unanswered, pass_on::pass_on};
use crate::{
    app::App,
    domain::{
        access::{Actor, Deed},
        administration::{HandOver, OpenCounts},
        ids::MemberId,
        journal::Entry,
        refusal::Refusal,
        time::Instant,
    },
};

/// What a hand-over did.
#[derive(Debug, Clone, Copy)]
pub struct HandedOver {
    /// How many parts passed to others.
    pub parts: usize,
    /// What is still open in their hands.
    pub left: OpenCounts,
    /// They are no longer with us.
    pub disabled: bool,
}

/// Hands over what is asked. Whoever leaves may leave nothing behind; nobody puts themselves out.
pub async fn hand_over(app: &App, caller: &Caller, member: MemberId, ask: HandOver) -> Result<HandedOver, OperationError> {
    caller.actor().must_somewhere(Deed::Administer)?;
    let tx = caller.begin(app).await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let person = organisation.members.get(&member).ok_or(Refusal::Unknown)?;
    Actor { member: caller.member, organisation: &organisation }.must_administer(person)?;
    if ask.disable && member == caller.member {
        return Err(Refusal::MayNot("disable_oneself").into());
    }
    let work = tx.open_work_of(member).await?;
    let plan = work.plan(person, &ask, &organisation)?;
    let left = work.without(&plan).counts();
    if ask.disable && left != OpenCounts::default() {
        return Err(Refusal::OpenWork(left).into());
    }
    let now = app.clock.now();
    let mut tx = pass_on(app, tx, caller, &plan).await?;
    if !plan.is_empty() {
        let facts = json!({ "parts": plan.len(), "to": ask.to, "named": ask.items.len() });
        tx.note(entry(caller, now, member, "handed_over", facts));
    }
    if ask.disable && person.disabled_at.is_none() {
        pass_on_unanswered(app, &mut tx, member).await?;
        tx.disable_member(member, now).await?;
        tx.revoke_sessions(member, now).await?;
        tx.note(entry(caller, now, member, "disabled", json!({})));
    }
    tx.commit().await?;
    app.nudge();
    Ok(HandedOver { parts: plan.len(), left, disabled: ask.disable || person.disabled_at.is_some() })
}

fn entry(caller: &Caller, at: Instant, member: MemberId, verb: &'static str, facts: Value) -> Entry {
    Entry { at, actor: Some(caller.member), subject: "member", subject_id: member.0, report: None, verb, facts }
}
