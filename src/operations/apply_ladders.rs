//! Running deadlines are put under another version of the ladders: counted first, then done in short transactions. Broken off
//! anywhere, what is done stays done, and asking again goes on with the rest.

use serde_json::json;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        access::Deed,
        deadline::Deadline,
        ids::DeadlineId,
        journal::Entry,
        ladder::{Change, Ladders, Reckoning},
        organisation::Organisation,
        refusal::Refusal,
        time::Instant,
    },
};

/// How many deadlines are read at once, and changed in one transaction.
const BATCH: u64 = 100;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Apply {
    /// The version to apply.
    pub version: u32,
    /// Only count.
    pub dry_run: bool,
    /// At most so many may become due earlier than was promised; at most 2,147,483,647.
    pub earlier_at_most: u32,
}

/// Counts what the version changes for the deadlines that run under another one, and, unless it is a dry run, changes them.
pub async fn apply_ladders(app: &App, caller: &Caller, ask: Apply) -> Result<Change, OperationError> {
    caller.actor().must_somewhere(Deed::WriteRules)?;
    let ladders = caller.organisation.ladders.get(&ask.version);
    let ladders = ladders.ok_or_else(|| Refusal::invalid("/version", "unknown_version"))?;
    if ask.earlier_at_most > i32::MAX.unsigned_abs() {
        return Err(Refusal::invalid("/earlier_at_most", "out_of_range").into());
    }
    let now = app.clock.now();
    let mut change = Change::default();
    let mut place = None;
    while let Some(page) = page(app, &mut place).await? {
        for deadline in page.iter().filter(|deadline| is_under_another(deadline, ask.version)) {
            under(&mut change, deadline, ask.version, ladders, &caller.organisation, now);
        }
    }
    if ask.dry_run {
        return Ok(change);
    }
    if change.earlier() > ask.earlier_at_most {
        return Err(Refusal::Conflict("earlier_than_promised").into());
    }
    let mut place = None;
    while let Some(page) = page(app, &mut place).await? {
        let ids: Vec<DeadlineId> =
            page.iter().filter(|deadline| is_under_another(deadline, ask.version)).map(|deadline| deadline.id).collect();
        if !ids.is_empty() {
            change_batch(app, caller, ask.version, ladders, &ids).await?;
        }
    }
    app.nudge();
    Ok(change)
}

/// The next page of running deadlines; none after the last.
async fn page(app: &App, place: &mut Option<(Instant, DeadlineId)>) -> Result<Option<Vec<Deadline>>, OperationError> {
    let page = app.store.running_deadlines(*place, BATCH).await?;
    let Some(last) = page.last() else { return Ok(None) };
    *place = Some((last.due_at, last.id));
    Ok(Some(page))
}

fn is_under_another(deadline: &Deadline, version: u32) -> bool {
    !deadline.kind.is_legal() && deadline.ladder_version != version
}

fn under(
    change: &mut Change,
    deadline: &Deadline,
    version: u32,
    ladders: &Ladders,
    organisation: &Organisation,
    now: Instant,
) -> Option<Deadline> {
    let (calendar, zone) = organisation.time_of(deadline);
    let by = Reckoning { calendar, zone: &zone, quiet: ladders.quiet };
    change.count(deadline, version, ladders.find(deadline.kind, deadline.severity), by, now)
}

async fn change_batch(
    app: &App,
    caller: &Caller,
    version: u32,
    ladders: &Ladders,
    ids: &[DeadlineId],
) -> Result<(), OperationError> {
    let mut tx = caller.begin(app).await?;
    let now = app.clock.now();
    let running = tx.running_to_change(ids).await?;
    for deadline in running.iter().filter(|deadline| is_under_another(deadline, version)) {
        let next = under(&mut Change::default(), deadline, version, ladders, &caller.organisation, now);
        let Some(next) = next else { continue };
        tx.save_deadline(&next).await?;
        let facts = json!({
            "kind": next.kind,
            "ladders_before": deadline.ladder_version,
            "ladders": version,
            "due_before": deadline.due_at,
            "due_at": next.due_at,
        });
        tx.note(Entry {
            at: now,
            actor: Some(caller.member),
            subject: "deadline",
            subject_id: next.id.0,
            report: Some(next.report),
            verb: "ladders_applied",
            facts,
        });
    }
    Ok(tx.commit().await?)
}
