//! Members who left, and sessions that are over.

use serde_json::json;
use uuid::Uuid;

use super::{PASS, Rules};
use crate::{
    app::App,
    domain::{
        ids::MemberId,
        journal::Entry,
        retention::{GONE, What},
        session::IDLE_MS,
        time::Instant,
    },
    operations::OperationError,
};

/// How many sessions are counted at most.
const COUNTED: u64 = 10_000;

/// Who left so long ago that it is forgotten who they were, but for those whose name is still needed.
pub(super) async fn due_members(app: &App, rules: &Rules) -> Result<Vec<MemberId>, OperationError> {
    let Some(class) = rules.retention.class_of(What::Members) else { return Ok(vec![]) };
    let (organisation, now) = (app.store.organisation().await?, app.clock.now());
    let is_due = |left: Instant| class.period.after(left, &rules.zone) <= now;
    let left = organisation.members.values().filter(|member| member.name != GONE && member.disabled_at.is_some_and(is_due));
    let mut due = Vec::new();
    for member in left {
        if !app.store.is_needed(member.id).await? {
            due.push(member.id);
        }
    }
    Ok(due)
}

/// Forgets who they were. Their id stays, so that what they did is still theirs, whoever that was.
pub(super) async fn members(app: &App, rules: &Rules) -> Result<(), OperationError> {
    for id in due_members(app, rules).await? {
        let mut tx = app.store.begin().await?;
        let organisation = app.store.organisation_to_change(&tx).await?;
        if organisation.members.get(&id).is_none_or(|member| member.disabled_at.is_none()) || tx.is_needed(id).await? {
            continue;
        }
        tx.erase_member(id).await?;
        tx.forget_ways_in(id).await?;
        tx.note(entry(app, "member", id.0, json!({ "retention": rules.version })));
        tx.commit().await?;
    }
    Ok(())
}

/// Deletes sessions; true when there may be more.
pub(super) async fn sessions(app: &App, rules: &Rules) -> Result<bool, OperationError> {
    let Some(before) = unused_since(rules, app.clock.now()) else { return Ok(false) };
    let mut tx = app.store.begin().await?;
    let n = tx.delete_unused_sessions(before, PASS).await?;
    if n == 0 {
        return Ok(false);
    }
    tx.note(entry(app, "session", Uuid::nil(), json!({ "retention": rules.version, "sessions": n })));
    tx.commit().await?;
    Ok(n == PASS)
}

/// How many sessions are due.
pub(super) async fn count_sessions(app: &App, rules: &Rules) -> Result<usize, OperationError> {
    match unused_since(rules, app.clock.now()) {
        Some(before) => Ok(app.store.count_unused_sessions(before, COUNTED).await?),
        None => Ok(0),
    }
}

/// Whatever was not used since then has been over for the whole period, however it ended.
fn unused_since(rules: &Rules, now: Instant) -> Option<Instant> {
    let class = rules.retention.class_of(What::Sessions)?;
    Some(class.period.before(now, &rules.zone).plus_ms(-IDLE_MS))
}

fn entry(app: &App, subject: &'static str, subject_id: Uuid, facts: serde_json::Value) -> Entry {
    Entry { at: app.clock.now(), actor: None, subject, subject_id, report: None, verb: "disposed", facts }
}
