//! What is due is decided: every deadline whose time to look again has come is planned, and the notices of its plan are
//! put on record, for a batch of deadlines in one short transaction. Doing it twice, or on two machines at once, decides
//! nothing twice, and a deadline that cannot be planned holds up no other.

use std::{borrow::Cow, collections::BTreeSet, slice};

use serde_json::json;
use tracing::{error, warn};

use super::OperationError;
use crate::{
    app::App,
    domain::{
        audience::Audience,
        deadline::Deadline,
        ids::{DeadlineId, NoticeId},
        journal::Entry,
        ladder::{Due, Ladder, Meant, Plan, TellAt, Telling, Way, tellings},
        notice::{Notice, NoticeKind, NoticeState, rung_key},
        organisation::{Cast, Found, Organisation},
        time::Instant,
    },
    store::StoreError,
};

/// How many deadlines are looked at in one pass, and in one transaction.
const PASS: u64 = 500;
const BATCH: usize = 50;
/// With so many rungs a transaction is long enough: SQLite has one writer, and others wait for it.
const MOST_RUNGS: usize = 150;
/// When nobody at all can be told, the planner asks again after this many milliseconds.
const NOBODY_MS: i64 = 60_000;

/// Plans the deadlines that wait for it; gives how many there were. Those that cannot be planned are passed over, and the
/// pass fails at its end.
pub async fn escalate_due(app: &App) -> Result<usize, OperationError> {
    let mut pass = Pass::default();
    loop {
        let (now, passed_over) = (app.clock.now(), pass.passed_over);
        let waiting = app.store.deadlines_to_look_at(now, passed_over, PASS).await?;
        for batch in waiting.chunks(BATCH) {
            pass.plans(app, batch).await?;
        }
        // Whatever was passed over still waits before the others.
        if pass.passed_over == passed_over {
            break;
        }
    }
    if pass.tells {
        app.nudge();
    }
    pass.failure.map_or(Ok(pass.planned), Err)
}

/// What a pass has come to.
#[derive(Default)]
struct Pass {
    planned: usize,
    tells: bool,
    passed_over: u64,
    failure: Option<OperationError>,
}

/// What a transaction has come to.
struct Batch {
    planned: usize,
    tells: bool,
    left: Vec<DeadlineId>,
}

impl Pass {
    async fn plans(&mut self, app: &App, batch: &[DeadlineId]) -> Result<(), OperationError> {
        let mut batch = batch.to_vec();
        while !batch.is_empty() {
            batch = match escalate(app, &batch).await {
                Ok(done) => self.counts(done),
                Err(cause @ OperationError::Store(StoreError::Unreachable(_))) => return Err(cause),
                Err(_) => return self.plans_one_by_one(app, batch).await,
            };
        }
        Ok(())
    }

    /// Each for itself, so that only what cannot be planned is passed over.
    async fn plans_one_by_one(&mut self, app: &App, batch: Vec<DeadlineId>) -> Result<(), OperationError> {
        for id in batch {
            match escalate(app, slice::from_ref(&id)).await {
                Ok(done) => {
                    self.counts(done);
                }
                // Somebody changed it at the same moment, and it is looked at again.
                Err(OperationError::Store(StoreError::Stale)) => {}
                Err(cause @ OperationError::Store(StoreError::Unreachable(_))) => return Err(cause),
                Err(cause) => {
                    error!(deadline.id = %id, error = &cause as &dyn std::error::Error, "deadline {id} cannot be planned: {cause}");
                    self.passed_over += 1;
                    self.failure.get_or_insert(cause);
                }
            }
        }
        Ok(())
    }

    fn counts(&mut self, done: Batch) -> Vec<DeadlineId> {
        self.planned += done.planned;
        self.tells |= done.tells;
        done.left
    }
}

/// A deadline with what its ladder asks for.
struct Planned<'a> {
    deadline: Deadline,
    ladder: Cow<'a, Ladder>,
    plan: Plan,
}

/// Plans these in one transaction, except those that others hold just now, and as many of the last as would make it long.
async fn escalate(app: &App, ids: &[DeadlineId]) -> Result<Batch, OperationError> {
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    let organisation = app.store.organisation_in(&tx).await?;
    let waiting = tx.deadlines_to_plan(ids, now).await?;
    let on_record = tx.told_of(&waiting).await?;
    let (mut quiet, mut due, mut left, mut rungs) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for deadline in waiting {
        if rungs >= MOST_RUNGS {
            left.push(deadline.id);
            continue;
        }
        let Some(ladder) = organisation.ladder_of(&deadline) else {
            error!(deadline.id = %deadline.id, "deadline {} has no ladder: nobody is told of it", deadline.id);
            quiet.push((deadline, Some(now.plus_ms(NOBODY_MS))));
            continue;
        };
        let plan = organisation.plan(&ladder, &deadline, on_record.get(&deadline.id).unwrap_or(&BTreeSet::new()), now);
        rungs += plan.due.len();
        if plan.due.is_empty() {
            quiet.push((deadline, plan.next.map(|next| next.at)));
        } else {
            due.push(Planned { deadline, ladder, plan });
        }
    }
    let mut looked_at = quiet;
    let mut decided = Vec::new();
    let tells = !due.is_empty();
    let casts = tx.casts(due.iter().map(|planned| &planned.deadline)).await?;
    for (planned, (_, cast)) in due.into_iter().zip(casts) {
        let next = if let Some(notices) = decide(app, &organisation, &planned, &cast, now) {
            decided.extend(notices);
            planned.plan.next.map(|next| next.at)
        } else {
            let id = planned.deadline.id;
            error!(deadline.id = %id, "nobody can be told of deadline {id}: the organisation has no reachable member");
            Some(now.plus_ms(NOBODY_MS))
        };
        looked_at.push((planned.deadline, next));
    }
    let added = tx.add_notices(&decided).await?;
    for (notice, _) in &decided {
        if added.contains(&notice.id) {
            tx.note(told(notice));
        } else {
            warn!(notice.key, "a rung was decided before: {}", notice.key);
        }
    }
    tx.look_again(&looked_at).await?;
    tx.commit().await?;
    Ok(Batch { planned: looked_at.len(), tells, left })
}

/// Who is told what of a deadline, and until when it waits; none when there is nobody.
fn decide(
    app: &App,
    organisation: &Organisation,
    planned: &Planned<'_>,
    cast: &Cast,
    now: Instant,
) -> Option<Vec<(Notice, Instant)>> {
    let Planned { deadline, ladder, plan } = planned;
    let mut named: Vec<(Due, Vec<Found>)> = Vec::new();
    for due in &plan.due {
        let people = ladder.step(due.rung).map_or_else(Vec::new, |step| organisation.resolve(&step.audience, cast, now));
        if people.is_empty() {
            return None;
        }
        named.push((*due, people));
    }
    let decided = tellings(&meant(ladder, &named), now).into_iter().map(|telling| {
        let audience = named
            .iter()
            .filter(|(due, _)| due.rung == telling.due.rung)
            .flat_map(|(_, people)| people)
            .find_map(|found| (found.member == telling.member).then_some(&found.audience));
        let wait = if telling.way == Way::NextDigest { organisation.next_digest(telling.member, now) } else { now };
        (notice(app, deadline, cast, telling, audience, now), wait)
    });
    Some(decided.collect())
}

/// The rungs that are due with the people named for each.
pub(super) fn meant(ladder: &Ladder, named: &[(Due, Vec<Found>)]) -> Vec<Meant> {
    let meant = |(due, people): &(Due, Vec<Found>)| Meant {
        due: *due,
        hours: ladder.step(due.rung).map_or(TellAt::AnyHour, |step| step.hours),
        members: people.iter().map(|found| found.member).collect(),
    };
    named.iter().map(meant).collect()
}

fn notice(app: &App, deadline: &Deadline, cast: &Cast, telling: Telling, audience: Option<&Audience>, now: Instant) -> Notice {
    let kind = NoticeKind::of_rung(telling.due.at, deadline.due_at, cast.answerable == Some(telling.member));
    let (step, audience) = (telling.due.rung.step + 1, audience.map_or_else(String::new, Audience::label));
    let version = deadline.ladder_version;
    let rule = deadline
        .obligation
        .as_ref()
        .map_or_else(|| format!("ladders {version}, {}", deadline.kind), |id| format!("obligations {version}, {id}"));
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
        because: format!("{rule}, step {step} ({audience})"),
        state: match telling.way {
            Way::Now => NoticeState::Queued,
            Way::NextDigest => NoticeState::Held,
            Way::AfterOutage => NoticeState::Late,
            Way::OnRecord => NoticeState::Collapsed,
        },
        in_place_of: None,
    }
}

/// What goes on record about a notice of a ladder.
pub(super) fn told(notice: &Notice) -> Entry {
    Entry {
        at: notice.decided_at,
        actor: None,
        subject: "notice",
        subject_id: notice.id.0,
        report: Some(notice.report),
        verb: "decided",
        facts: json!({
            "deadline": notice.deadline,
            "kind": notice.kind,
            "member": notice.member,
            "rung": notice.rung,
            "because": notice.because,
            "state": notice.state,
        }),
    }
}
