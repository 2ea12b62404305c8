//! What is due is decided: every deadline whose time to look again has come is planned, and the notices of its plan are
//! put on record in one short transaction. Doing it twice, or on two machines at once, decides nothing twice.

use std::sync::Arc;

use futures_util::{TryStreamExt as _, stream};
use serde_json::json;
use tracing::{error, warn};

use super::OperationError;
use crate::{
    app::App,
    domain::{
        audience::Audience,
        clocks,
        deadline::Deadline,
        ids::{DeadlineId, MemberId, NoticeId},
        journal::Entry,
        ladder::{Due, Ladder, Telling, plan, tellings},
        notice::{Notice, NoticeKind, NoticeState, rung_key},
        organisation::{Cast, Organisation},
    },
    store::{StoreError, Tx},
};

/// How many deadlines are looked at in one pass, and how many of them at once.
const PASS: u64 = 500;
const AT_ONCE: usize = 8;
/// When nobody at all can be told, the planner asks again after this many milliseconds.
const NOBODY_MS: i64 = 60_000;

/// Plans the deadlines that wait for it; gives how many there were.
pub async fn escalate_due(app: &App) -> Result<usize, OperationError> {
    let waiting = app.store.deadlines_to_look_at(app.clock.now(), PASS).await?;
    let n = waiting.len();
    stream::iter(waiting.into_iter().map(Ok::<_, OperationError>))
        .try_for_each_concurrent(AT_ONCE, |id| async move {
            match escalate(app, id).await {
                // Somebody changed it at the same moment, and it is looked at again.
                Err(OperationError::Store(StoreError::Stale)) => Ok(()),
                other => other,
            }
        })
        .await?;
    Ok(n)
}

async fn escalate(app: &App, id: DeadlineId) -> Result<(), OperationError> {
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    let Some(deadline) = tx.deadline_to_change(id).await?.filter(|deadline| deadline.look_again_at.is_some_and(|at| at <= now))
    else {
        return Ok(());
    };
    let organisation = app.store.organisation_in(&tx).await?;
    let ladder = organisation.ladders.get(&deadline.ladder_version).and_then(|all| all.find(deadline.kind, deadline.severity));
    let Some(ladder) = ladder else {
        error!(deadline.id = %id, "deadline {id} has no ladder: nobody is told of it");
        tx.save_deadline(&Deadline { look_again_at: Some(now.plus_ms(NOBODY_MS)), ..deadline }).await?;
        return Ok(tx.commit().await?);
    };
    let told = tx.told(&deadline).await?;
    let (calendar, zone) = (organisation.calendar(deadline.site), organisation.zone(deadline.site));
    let planned = plan(ladder, &deadline, &told, calendar, &zone, now);
    let mut next = planned.next.map(|next| next.at);
    if !planned.due.is_empty() && !decide(app, &mut tx, &organisation, ladder, &deadline, &planned.due).await? {
        error!(deadline.id = %id, "nobody can be told of deadline {id}: the organisation has no reachable member");
        next = Some(now.plus_ms(NOBODY_MS));
    }
    tx.save_deadline(&Deadline { look_again_at: next, ..deadline }).await?;
    tx.commit().await?;
    if !planned.due.is_empty() {
        app.nudge();
    }
    Ok(())
}

/// Puts on record who is told what; false when there is nobody.
async fn decide(
    app: &App,
    tx: &mut Tx,
    organisation: &Arc<Organisation>,
    ladder: &Ladder,
    deadline: &Deadline,
    due: &[Due],
) -> Result<bool, OperationError> {
    let now = app.clock.now();
    let cast = cast(tx, deadline).await?;
    let mut named: Vec<(Due, Vec<(MemberId, Audience)>)> = Vec::new();
    for due in due {
        let step = usize::try_from(due.rung.step).ok().and_then(|step| ladder.steps.get(step));
        let people = step.map_or_else(Vec::new, |step| organisation.resolve(&step.audience, &cast, now));
        if people.is_empty() {
            return Ok(false);
        }
        named.push((*due, people));
    }
    let members: Vec<_> = named.iter().map(|(due, people)| (*due, people.iter().map(|(member, _)| *member).collect())).collect();
    for telling in tellings(&members, now) {
        let audience = named
            .iter()
            .filter(|(due, _)| due.rung == telling.due.rung)
            .flat_map(|(_, people)| people)
            .find_map(|(member, audience)| (*member == telling.member).then_some(*audience));
        let notice = notice(app, deadline, &cast, telling, audience);
        if tx.add_notice(&notice).await? {
            tx.note(told(&notice, deadline));
        } else {
            warn!(deadline.id = %deadline.id, "a rung of deadline {} was decided before", deadline.id);
        }
    }
    Ok(true)
}

async fn cast(tx: &Tx, deadline: &Deadline) -> Result<Cast, OperationError> {
    let report = tx.report(deadline.report).await?.ok_or(OperationError::Fault("a deadline without its report"))?;
    let action = match deadline.action {
        Some(action) => tx.action(action).await?,
        None => None,
    };
    Ok(clocks::cast(deadline, &report, action.as_ref()))
}

fn notice(app: &App, deadline: &Deadline, cast: &Cast, telling: Telling, audience: Option<Audience>) -> Notice {
    let now = app.clock.now();
    let kind = match (telling.due.at < deadline.due_at, cast.answerable == Some(telling.member)) {
        (true, _) => NoticeKind::Reminder,
        (false, true) => NoticeKind::Overdue,
        (false, false) => NoticeKind::Escalation,
    };
    let (step, audience) = (telling.due.rung.step + 1, audience.map_or_else(String::new, Audience::label));
    Notice {
        id: NoticeId(app.clock.new_id()),
        key: rung_key(deadline, telling.due.rung, telling.member),
        kind,
        member: telling.member,
        report: deadline.report,
        action: deadline.action,
        deadline: Some(deadline.id),
        generation: deadline.generation,
        rung: Some(telling.due.rung),
        meant_at: telling.due.at,
        decided_at: now,
        because: format!("ladders {}, {}, step {step} ({audience})", deadline.ladder_version, deadline.kind),
        state: if telling.sent { NoticeState::Queued } else { NoticeState::Collapsed },
        in_place_of: None,
    }
}

/// What goes on record about a notice of a ladder.
pub(super) fn told(notice: &Notice, deadline: &Deadline) -> Entry {
    Entry {
        at: notice.decided_at,
        actor: None,
        subject: "notice",
        subject_id: notice.id.0,
        report: Some(notice.report),
        verb: "decided",
        facts: json!({
            "deadline": deadline.id,
            "kind": notice.kind,
            "member": notice.member,
            "rung": notice.rung,
            "because": notice.because,
            "state": notice.state,
        }),
    }
}
