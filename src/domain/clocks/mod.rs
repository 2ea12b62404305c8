//! Which clocks run on a report's file as it stands. Nothing starts or stops a clock by hand: after every operation the
//! clocks are derived from the facts, and the deadlines on record are brought into line with them.

use super::{
    action::{Action, ActionState},
    deadline::{Deadline, DeadlineKind},
    ids::{ActionId, DeadlineId},
    organisation::{Cast, Organisation},
    report::Report,
    span::Span,
    time::Instant,
};

/// A clock that the facts ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// What must happen.
    pub kind: DeadlineKind,
    /// To which action.
    pub action: Option<ActionId>,
    /// Since when it runs.
    pub runs_from: Instant,
    /// By when, where somebody said so; otherwise the ladder says how long there is.
    pub due_at: Option<Instant>,
    /// When it happened.
    pub met_at: Option<Instant>,
    /// It does not matter any more.
    pub void: bool,
}

/// A deadline that must be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new one.
    Open(Deadline),
    /// One that is on record.
    Save(Deadline),
}

/// Whom the audiences of a deadline stand for, and who must act.
pub fn cast(deadline: &Deadline, report: &Report, action: Option<&Action>) -> Cast {
    let (owner, verifier) = (action.map(|action| action.owner), action.map(|action| action.verifier));
    let answerable = match deadline.kind {
        DeadlineKind::CompleteAction => owner,
        DeadlineKind::VerifyAction => verifier,
        _ => report.officer,
    };
    Cast { site: deadline.site, officer: report.officer, owner, verifier, answerable }
}

/// The clocks of a report and its actions. What was not done before a report was reopened is counted from then on.
pub fn clocks(report: &Report, actions: &[Action]) -> Vec<Clock> {
    let ended = report.has_ended();
    let since = |at: Instant| report.reopened.map_or(at, |reopened| at.max(reopened.at));
    let of_report = |kind, runs_from: Instant, met_at: Option<Instant>| {
        let runs_from = if met_at.is_some() { runs_from } else { since(runs_from) };
        Clock { kind, action: None, runs_from, due_at: None, met_at, void: ended }
    };
    let mut clocks = vec![
        of_report(DeadlineKind::Acknowledge, report.received_at, report.acknowledged.map(|stamp| stamp.at)),
        of_report(DeadlineKind::MakeSafe, report.received_at, report.contained.map(|stamp| stamp.at)),
        of_report(DeadlineKind::Triage, report.received_at, report.triaged.map(|stamp| stamp.at)),
    ];
    if let Some(taken) = report.acknowledged.filter(|_| report.is_serious()) {
        clocks.push(of_report(DeadlineKind::Investigate, taken.at, report.causes_found_at));
    }
    for action in actions {
        clocks.extend(of_action(action, ended));
    }
    clocks.extend(checks(report));
    clocks
}

/// The checks that were made, and the one that is to be made. Each closing has checks of its own.
fn checks(report: &Report) -> impl Iterator<Item = Clock> {
    let check = |since, due_at, met_at| Clock {
        kind: DeadlineKind::CheckEffectiveness,
        action: None,
        runs_from: since,
        due_at: Some(due_at),
        met_at,
        void: false,
    };
    let made = report.checks.iter().filter_map(move |made| Some(check(made.since, made.due_at?, Some(made.done.at))));
    made.chain(report.next_check().map(|(since, due_at)| check(since, due_at, None)))
}

fn of_action(action: &Action, ended: bool) -> impl Iterator<Item = Clock> {
    let void = ended || action.state == ActionState::Cancelled;
    let complete = Clock {
        kind: DeadlineKind::CompleteAction,
        action: Some(action.id),
        runs_from: action.assigned.at,
        due_at: Some(action.due_at),
        met_at: action.completed.map(|stamp| stamp.at),
        void,
    };
    let verify = action.completed.map(|completed| Clock {
        kind: DeadlineKind::VerifyAction,
        action: Some(action.id),
        runs_from: completed.at,
        due_at: None,
        met_at: action.verified.map(|stamp| stamp.at),
        void,
    });
    [Some(complete), verify].into_iter().flatten()
}

/// Whether the deadline on record is that clock. Checks of the effect differ by what they are counted from.
fn is_of(deadline: &Deadline, clock: &Clock) -> bool {
    let same = deadline.kind == clock.kind && deadline.action == clock.action;
    same && (clock.kind != DeadlineKind::CheckEffectiveness || deadline.starts_at == clock.runs_from)
}

/// What must be written so that the deadlines on record say what the clocks do. `new_id` makes ids.
pub fn reconcile(
    existing: &[Deadline],
    clocks: &[Clock],
    report: &Report,
    organisation: &Organisation,
    mut new_id: impl FnMut() -> DeadlineId,
    now: Instant,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for clock in clocks {
        let known = existing.iter().rfind(|deadline| is_of(deadline, clock));
        match known {
            Some(deadline) => {
                let next = brought_into_line(deadline, clock, report, organisation, now);
                if next != *deadline {
                    changes.push(Change::Save(next));
                }
            }
            None if !clock.void => changes.extend(opened(clock, report, organisation, new_id(), now).map(Change::Open)),
            None => {}
        }
    }
    let gone = existing.iter().filter(|deadline| !clocks.iter().any(|clock| is_of(deadline, clock)));
    let left_behind = gone.filter(|deadline| deadline.is_open() || deadline.site != report.site);
    changes.extend(left_behind.map(|deadline| Change::Save(Deadline { site: report.site, ..deadline.clone().cancelled(now) })));
    changes
}

/// A clock without a ladder for its severity does not run.
fn opened(clock: &Clock, report: &Report, organisation: &Organisation, id: DeadlineId, now: Instant) -> Option<Deadline> {
    let (ladder_version, ladders) = organisation.ladders_now()?;
    let ladder = ladders.find(clock.kind, report.potential_severity)?;
    let due_at = clock.due_at.unwrap_or_else(|| counted(organisation, report, clock.runs_from, ladder.within));
    let deadline = Deadline {
        id,
        report: report.id,
        action: clock.action,
        kind: clock.kind,
        severity: report.potential_severity,
        site: report.site,
        starts_at: clock.runs_from,
        due_at,
        first_due_at: due_at,
        set_at: now,
        met_at: None,
        cancelled_at: None,
        generation: 0,
        paused_until: None,
        ladder_version,
        look_again_at: Some(now),
        version: 1,
    };
    Some(clock.met_at.map_or(deadline.clone(), |met| deadline.met(met)))
}

/// A clock goes with its report to another site, and is counted by that site's calendar.
fn brought_into_line(deadline: &Deadline, clock: &Clock, report: &Report, organisation: &Organisation, now: Instant) -> Deadline {
    let has_moved = deadline.site != report.site;
    let deadline = Deadline { site: report.site, ..deadline.clone() };
    if let Some(met) = clock.met_at {
        return deadline.met(met);
    }
    if clock.void {
        return deadline.cancelled(now);
    }
    let deadline = if deadline.is_open() { deadline } else { deadline.reopened(now) };
    let ladder =
        organisation.ladders.get(&deadline.ladder_version).and_then(|all| all.find(clock.kind, report.potential_severity));
    match (clock.due_at, ladder) {
        (Some(due_at), Some(_)) => deadline.moved(due_at, report.potential_severity, now),
        (None, Some(ladder)) => {
            let due_at = counted(organisation, report, clock.runs_from, ladder.within);
            let asked_anew = has_moved || deadline.severity != report.potential_severity || deadline.starts_at != clock.runs_from;
            if asked_anew {
                Deadline { starts_at: clock.runs_from, ..deadline.moved(due_at, report.potential_severity, now) }
            } else {
                deadline
            }
        }
        (_, None) => deadline,
    }
}

fn counted(organisation: &Organisation, report: &Report, from: Instant, within: Span) -> Instant {
    organisation.calendar(report.site).add(&organisation.zone(report.site), from, within)
}

#[cfg(test)]
mod tests;
