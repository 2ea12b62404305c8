//! Which clocks run on a report's file as it stands. Nothing starts or stops a clock by hand: after every operation the
//! clocks are derived from the facts, and the deadlines on record are brought into line with them.

mod recount;

pub use self::recount::recounted;
use super::{
    action::{Action, ActionState},
    deadline::{Deadline, DeadlineKind},
    ids::{ActionId, DeadlineId, MemberId},
    organisation::{Cast, Organisation},
    report::Report,
    time::Instant,
};

/// A clock that the facts ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What must happen.
    pub kind: DeadlineKind,
    /// To which action.
    pub action: Option<ActionId>,
    /// Under which legal obligation.
    pub obligation: Option<String>,
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
    let answerable = answerable(deadline.kind, report, action);
    Cast { site: deadline.site, officer: report.officer, owner, verifier, answerable }
}

fn answerable(kind: DeadlineKind, report: &Report, action: Option<&Action>) -> Option<MemberId> {
    match kind {
        DeadlineKind::CompleteAction => action.map(|action| action.owner),
        DeadlineKind::VerifyAction => action.map(|action| action.verifier),
        _ => report.officer,
    }
}

/// The clocks of a report and its actions. What was not done before a report was reopened is counted from then on.
pub fn clocks(report: &Report, actions: &[Action]) -> Vec<Clock> {
    let ended = report.has_ended();
    let since = |at: Instant| report.reopened.map_or(at, |reopened| at.max(reopened.at));
    let of_report = |kind, runs_from: Instant, met_at: Option<Instant>| {
        let runs_from = if met_at.is_some() { runs_from } else { since(runs_from) };
        Clock { kind, action: None, obligation: None, runs_from, due_at: None, met_at, void: ended }
    };
    let mut clocks = vec![
        of_report(DeadlineKind::Acknowledge, report.received_at, report.acknowledged.map(|stamp| stamp.at)),
        of_report(DeadlineKind::MakeSafe, report.received_at, report.contained.map(|stamp| stamp.at)),
        of_report(DeadlineKind::Triage, report.received_at, report.triaged.map(|stamp| stamp.at)),
        of_report(DeadlineKind::InterimMeasure, report.received_at, first_measure(report, actions)),
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

/// When the first measure was in place: whatever action was completed first, a containment or the lasting one itself.
fn first_measure(report: &Report, actions: &[Action]) -> Option<Instant> {
    let kept = actions.iter().filter(|action| action.ordinal > report.actions_before && action.state != ActionState::Cancelled);
    kept.filter_map(|action| action.completed).map(|stamp| stamp.at).min()
}

/// The checks that were made, and the one that is to be made. Each closing has checks of its own.
fn checks(report: &Report) -> impl Iterator<Item = Clock> {
    let check = |since, due_at, met_at| Clock {
        kind: DeadlineKind::CheckEffectiveness,
        action: None,
        obligation: None,
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
        obligation: None,
        runs_from: action.assigned.at,
        due_at: Some(action.due_at),
        met_at: action.completed.map(|stamp| stamp.at),
        void,
    };
    let verify = action.completed.map(|completed| Clock {
        kind: DeadlineKind::VerifyAction,
        action: Some(action.id),
        obligation: None,
        runs_from: completed.at,
        due_at: None,
        met_at: action.verified.map(|stamp| stamp.at),
        void,
    });
    [Some(complete), verify].into_iter().flatten()
}

/// Whether the deadline on record is that clock. Checks of the effect differ by what they are counted from.
fn is_of(deadline: &Deadline, clock: &Clock) -> bool {
    let same = deadline.kind == clock.kind && deadline.action == clock.action && deadline.obligation == clock.obligation;
    same && (clock.kind != DeadlineKind::CheckEffectiveness || deadline.starts_at == clock.runs_from)
}

/// What must be written so that the deadlines on record say what the clocks do. `new_id` makes ids.
pub fn reconcile(
    existing: &[Deadline],
    clocks: &[Clock],
    (report, actions): (&Report, &[Action]),
    organisation: &Organisation,
    mut new_id: impl FnMut() -> DeadlineId,
    now: Instant,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for clock in clocks {
        let action = actions.iter().find(|action| Some(action.id) == clock.action);
        let known = existing.iter().rfind(|deadline| is_of(deadline, clock));
        match known {
            Some(deadline) => {
                let next = brought_into_line(deadline, clock, (report, action), organisation, now);
                if next != *deadline {
                    changes.push(Change::Save(next));
                }
            }
            None if !clock.void => {
                changes.extend(opened(clock, (report, action), organisation, new_id(), now).map(Change::Open));
            }
            None => {}
        }
    }
    let gone = existing.iter().filter(|deadline| !clocks.iter().any(|clock| is_of(deadline, clock)));
    let left_behind = gone.filter(|deadline| deadline.is_open() || deadline.site != report.site);
    changes.extend(left_behind.map(|deadline| Change::Save(Deadline { site: report.site, ..deadline.clone().cancelled(now) })));
    changes
}

/// A clock without a ladder for its severity does not run. Who must act brings the calendar of their crew; the law counts by
/// that of the site.
fn opened(
    clock: &Clock,
    (report, action): (&Report, Option<&Action>),
    organisation: &Organisation,
    id: DeadlineId,
    now: Instant,
) -> Option<Deadline> {
    let calendar = calendar_code(clock, (report, action), organisation);
    let (ladder_version, within) = if clock.kind.is_legal() {
        (organisation.obligations_now()?.0, None)
    } else {
        let (version, ladders) = organisation.ladders_now()?;
        (version, Some(ladders.find(clock.kind, report.potential_severity)?.within))
    };
    let counted = within.map(|within| organisation.count(report.site, &calendar, clock.runs_from, within));
    let due_at = clock.due_at.or(counted)?;
    let deadline = Deadline {
        id,
        report: report.id,
        action: clock.action,
        kind: clock.kind,
        obligation: clock.obligation.clone(),
        severity: report.potential_severity,
        site: report.site,
        calendar,
        // An action assigned without a due instant has the one its ladder counts.
        within: within.filter(|_| counted == Some(due_at)),
        counted_by: Some(organisation.basis()),
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

fn calendar_code(clock: &Clock, (report, action): (&Report, Option<&Action>), organisation: &Organisation) -> String {
    let member = answerable(clock.kind, report, action).filter(|_| !clock.kind.is_legal());
    organisation.calendar_code(report.site, member)
}

/// A clock goes with its report to another site, and is counted by the calendar that holds there.
fn brought_into_line(
    deadline: &Deadline,
    clock: &Clock,
    (report, action): (&Report, Option<&Action>),
    organisation: &Organisation,
    now: Instant,
) -> Deadline {
    let has_moved = deadline.site != report.site;
    let calendar = if has_moved { calendar_code(clock, (report, action), organisation) } else { deadline.calendar.clone() };
    let deadline = Deadline { site: report.site, calendar, ..deadline.clone() };
    if let Some(met) = clock.met_at {
        return deadline.met(met);
    }
    if clock.void {
        return deadline.cancelled(now);
    }
    let deadline = if deadline.is_open() { deadline } else { deadline.reopened(now) };
    if let (true, Some(due_at)) = (clock.kind.is_legal(), clock.due_at) {
        // The law does not ask how severe it was: another rating tells nothing anew.
        let severity = deadline.severity;
        return Deadline { starts_at: clock.runs_from, ..deadline.moved(due_at, severity, now) };
    }
    let ladder =
        organisation.ladders.get(&deadline.ladder_version).and_then(|all| all.find(clock.kind, report.potential_severity));
    match (clock.due_at, ladder) {
        (Some(due_at), Some(_)) => {
            let within = deadline.within.filter(|_| deadline.due_at == due_at);
            Deadline { within, ..deadline.moved(due_at, report.potential_severity, now) }
        }
        (None, Some(ladder)) => {
            let asked_anew = has_moved || deadline.severity != report.potential_severity || deadline.starts_at != clock.runs_from;
            if !asked_anew {
                return deadline;
            }
            let due_at = organisation.count(report.site, &deadline.calendar, clock.runs_from, ladder.within);
            Deadline {
                starts_at: clock.runs_from,
                within: Some(ladder.within),
                counted_by: Some(organisation.basis()),
                ..deadline.moved(due_at, report.potential_severity, now)
            }
        }
        (_, None) => deadline,
    }
}

#[cfg(test)]
mod tests;
