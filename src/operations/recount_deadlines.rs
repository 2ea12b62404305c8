//! New calendars or new time-zone data came: every running deadline counted by older ones is counted anew, each in one short
//! transaction. Doing it twice, or on two machines at once, changes nothing twice.

use serde_json::json;

use super::OperationError;
use crate::{
    app::App,
    domain::{
        action::Action,
        clocks::recounted,
        deadline::{Basis, Deadline, DeadlineKind},
        ids::DeadlineId,
        journal::Entry,
        time::Instant,
    },
    store::{StoreError, Tx},
};

/// How many deadlines are counted anew in one pass.
const PASS: u64 = 200;

/// Counts anew what is counted by older tables than those in force; gives how many there were.
pub async fn recount_deadlines(app: &App) -> Result<usize, OperationError> {
    let basis = app.store.organisation().await?.basis();
    let behind = app.store.deadlines_counted_before(&basis, PASS).await?;
    for id in &behind {
        match recount(app, *id).await {
            // Somebody changed it at the same moment, and it is looked at again.
            Err(OperationError::Store(StoreError::Stale)) => {}
            other => other?,
        }
    }
    if !behind.is_empty() {
        app.nudge();
    }
    Ok(behind.len())
}

async fn recount(app: &App, id: DeadlineId) -> Result<(), OperationError> {
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    let Some(before) = tx.deadline_to_change(id).await? else { return Ok(()) };
    let organisation = app.store.organisation_in(&tx).await?;
    let Some(after) = recounted(&before, &organisation, now) else { return Ok(()) };
    tx.save_deadline(&after).await?;
    if after.due_at != before.due_at {
        move_action(&tx, &after).await?;
        tx.note(moved(&before, &after, now));
    }
    Ok(tx.commit().await?)
}

/// An action is due when its clock is.
async fn move_action(tx: &Tx, deadline: &Deadline) -> Result<(), OperationError> {
    let Some(id) = deadline.action.filter(|_| deadline.kind == DeadlineKind::CompleteAction) else { return Ok(()) };
    let before = tx.action(id).await?.ok_or(OperationError::Fault("a deadline without its action"))?;
    let after = Action { due_at: deadline.due_at, ..before.clone() };
    tx.save_action(after.over(&before)).await?;
    Ok(())
}

fn moved(before: &Deadline, after: &Deadline, now: Instant) -> Entry {
    let tables =
        |basis: &Option<Basis>| basis.as_ref().map(|basis| json!({ "calendars": basis.calendars, "zone_data": basis.zone_data }));
    Entry {
        at: now,
        actor: None,
        subject: "deadline",
        subject_id: after.id.0,
        report: Some(after.report),
        verb: "recounted",
        facts: json!({
            "kind": after.kind,
            "before": { "due_at": before.due_at, "counted_by": tables(&before.counted_by) },
            "after": { "due_at": after.due_at, "counted_by": tables(&after.counted_by) },
        }),
    }
}
