//! Who must be told next about a deadline, and when to look again.
//! Plain values only: carrying out a plan is `operations/escalate_due`, finding the persons is `organisation`.

mod apply;
mod offset;
mod quiet;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::{
    apply::{Change, Effect},
    offset::Offset,
    quiet::{Digests, Quiet},
};
use super::{
    audience::Audience,
    calendar::Calendar,
    deadline::{Deadline, DeadlineKind},
    ids::MemberId,
    refusal::{FieldErrors, Refusal},
    span::Span,
    time::{Instant, Zone},
    words::words,
};

words! {
    /// At which hours a step may reach people.
    pub enum TellAt {
        /// At any hour: what cannot wait.
        AnyHour = "any_hour",
        /// In the site's working time; what falls outside waits for the next opening.
        WorkingHours = "working_hours",
        /// With the person's next digest.
        Digest = "digest",
    }
}

/// A step is told again while the deadline stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// How long between two tellings: a length of time, or a part of the time from start to due.
    pub every: Offset,
    /// How many more times; as long as it is open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// One rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When.
    pub offset: Offset,
    /// Who.
    pub audience: Vec<Audience>,
    /// Whether it is told again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// At which hours.
    #[serde(default = "at_any_hour")]
    pub hours: TellAt,
}

const fn at_any_hour() -> TellAt {
    TellAt::AnyHour
}

/// The steps for one kind of deadline at some severities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// Of which kind of deadline.
    pub kind: DeadlineKind,
    /// At which potential severities (1 to 5).
    pub severities: BTreeSet<u8>,
    /// How long there is, where nobody says a due instant.
    pub within: Span,
    /// How long an acknowledged escalation stays quiet.
    #[serde(default = "a_day")]
    pub pause: Span,
    /// The rungs, from the lowest to the highest.
    pub steps: Vec<Step>,
}

const fn a_day() -> Span {
    Span::Elapsed(86_400_000)
}

/// The document: all ladders of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the document calls its list so")]
pub struct Ladders {
    /// In any order; a kind and severity may stand in one ladder only.
    pub ladders: Vec<Ladder>,
    /// When nobody is disturbed without need; never, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// How digests are made.
    #[serde(default)]
    pub digest: Digests,
}

/// What the times of a ladder are counted by.
#[derive(Debug, Clone, Copy)]
pub struct Reckoning<'a> {
    /// The working days of the site.
    pub calendar: &'a Calendar,
    /// The zone of the site.
    pub zone: &'a Zone,
    /// The quiet of the version the deadline climbs under; none for what is legal.
    pub quiet: Option<Quiet>,
}

/// The most rungs of one ladder, and the most tellings of one rung that a plan looks at.
const MOST_STEPS: usize = 20;
const MOST_OCCURRENCES: u32 = 520;

/// A step this late was missed, not told in time: at catch-up only the highest of those reaches a person.
pub const MISSED_AFTER_MS: i64 = 120_000;

impl Ladders {
    /// The ladder of a deadline.
    pub fn find(&self, kind: DeadlineKind, severity: u8) -> Option<&Ladder> {
        self.ladders.iter().find(|ladder| ladder.kind == kind && ladder.severities.contains(&severity))
    }

    /// Every audience of the document, with the pointer to it.
    pub fn audiences(&self) -> Vec<(String, &Audience)> {
        let mut all = Vec::new();
        for (n, ladder) in self.ladders.iter().enumerate() {
            for (s, step) in ladder.steps.iter().enumerate() {
                let audiences = step.audience.iter().enumerate();
                all.extend(audiences.map(|(a, audience)| (format!("/ladders/{n}/steps/{s}/audience/{a}"), audience)));
            }
        }
        all
    }

    /// Refuses a document that would leave a report or an action without a clock, or a clock with nobody to tell.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        let mut seen = BTreeSet::new();
        if let Some(quiet) = self.quiet {
            quiet.check(&mut errors);
        }
        self.digest.check(&mut errors);
        for (n, ladder) in self.ladders.iter().enumerate() {
            if ladder.kind == DeadlineKind::FileObligation {
                errors.add(format!("/ladders/{n}/kind"), "legal_ladder");
            }
            ladder.check(n, &mut errors);
            for severity in &ladder.severities {
                if !seen.insert((ladder.kind, *severity)) {
                    errors.add(format!("/ladders/{n}/severities"), "stands_twice");
                }
            }
        }
        for kind in [DeadlineKind::Acknowledge, DeadlineKind::CompleteAction] {
            if (1..=5).any(|severity| !seen.contains(&(kind, severity))) {
                errors.add(
                    "/ladders",
                    if kind == DeadlineKind::Acknowledge { "no_acknowledge_ladder" } else { "no_complete_action_ladder" },
                );
            }
        }
        errors.none()
    }
}

impl Ladder {
    fn check(&self, n: usize, errors: &mut FieldErrors) {
        if self.severities.is_empty() || self.severities.iter().any(|severity| !(1..=5).contains(severity)) {
            errors.add(format!("/ladders/{n}/severities"), "not_one_to_five");
        }
        if !self.within.is_positive() {
            errors.add(format!("/ladders/{n}/within"), "not_positive");
        }
        if !self.pause.is_positive() {
            errors.add(format!("/ladders/{n}/pause"), "not_positive");
        }
        if !(1..=MOST_STEPS).contains(&self.steps.len()) {
            errors.add(format!("/ladders/{n}/steps"), "not_one_to_twenty");
        }
        if self.steps.iter().all(|step| step.offset.may_come_before_due()) {
            errors.add(format!("/ladders/{n}/steps"), "nothing_when_overdue");
        }
        check_steps(&self.steps, &format!("/ladders/{n}/steps"), errors);
    }

    /// The step of a rung.
    pub fn step(&self, rung: Rung) -> Option<&Step> {
        usize::try_from(rung.step).ok().and_then(|step| self.steps.get(step))
    }
}

/// Refuses steps that name nobody, and repeats that never come.
pub(super) fn check_steps(steps: &[Step], pointer: &str, errors: &mut FieldErrors) {
    for (s, step) in steps.iter().enumerate() {
        if step.audience.is_empty() {
            errors.add(format!("{pointer}/{s}/audience"), "empty");
        }
        if step.repeat.is_some_and(|repeat| !repeat.every.is_a_length()) {
            errors.add(format!("{pointer}/{s}/repeat/every"), "not_positive");
        }
    }
}

/// One telling of one rung: the rung's place in the ladder from 0, and 0 for its first telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rung {
    /// Which step of the ladder.
    pub step: u32,
    /// Which telling of it.
    pub occurrence: u32,
}

/// A rung and the instant it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub rung: Rung,
    /// For when it was meant.
    pub at: Instant,
}

/// What must be told now, in order, and when to look again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Not told yet and due, oldest first.
    pub due: Vec<Due>,
    /// The earliest rung still to come, if any.
    pub next: Option<Due>,
}

/// What a deadline's ladder asks for at `now`. A rung that is in `told` is never due again; a rung is never due before
/// its time; a reminder whose time had passed when the due instant was set does not apply.
pub fn plan(ladder: &Ladder, deadline: &Deadline, told: &BTreeSet<Rung>, by: Reckoning<'_>, now: Instant) -> Plan {
    if !deadline.is_open() {
        return Plan::default();
    }
    let life = (deadline.starts_at, deadline.due_at);
    let mut due = Vec::new();
    let mut next: Option<Due> = None;
    for (step, rung) in (0..).zip(&ladder.steps) {
        let first = rung.offset.at(deadline.starts_at, deadline.due_at, by);
        for occurrence in 0..=occurrences(rung) {
            // Asked before anything is counted: what was told long ago costs nothing, however many working days lie between.
            let reached = Rung { step, occurrence };
            if told.contains(&reached) {
                continue;
            }
            let meant = rung.repeat.map_or(first, |repeat| repeat.every.repeated(first, occurrence, life, by));
            if meant < deadline.due_at && meant <= deadline.set_at {
                continue;
            }
            let at = when(rung, deadline, meant, by);
            if at > now {
                next = Some(next.map_or(Due { rung: reached, at }, |soonest| {
                    if at < soonest.at { Due { rung: reached, at } } else { soonest }
                }));
                break;
            }
            due.push(Due { rung: reached, at });
        }
    }
    due.sort_by_key(|due| (due.at, due.rung));
    Plan { due, next }
}

fn occurrences(step: &Step) -> u32 {
    step.repeat.map_or(0, |repeat| repeat.times.unwrap_or(MOST_OCCURRENCES).min(MOST_OCCURRENCES))
}

/// What goes into a digest is decided at its own time, and waits for the digest.
fn when(step: &Step, deadline: &Deadline, meant: Instant, by: Reckoning<'_>) -> Instant {
    let at = deadline.paused_until.map_or(meant, |until| meant.max(until));
    match step.hours {
        TellAt::AnyHour => match by.quiet.filter(|quiet| deadline.severity < quiet.below_severity) {
            Some(quiet) => quiet.end(by.calendar, by.zone, at),
            None => at,
        },
        TellAt::WorkingHours => by.calendar.next_open(by.zone, at),
        TellAt::Digest => at,
    }
}

/// How a rung reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a mail of its own, now.
    Now,
    /// With the person's next digest.
    NextDigest,
    /// It was missed: once everything missed is known, by a mail of its own or, where there are many, by one digest.
    AfterOutage,
    /// Not at all: a higher rung reaches the same person now. It is on record.
    OnRecord,
}

/// Who is meant by a rung that is due, and at which hours.
#[derive(Debug, Clone)]
pub struct Meant {
    /// Which rung.
    pub due: Due,
    /// At which hours its step may reach people.
    pub hours: TellAt,
    /// Who.
    pub members: Vec<MemberId>,
}

/// One person's share of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telling {
    /// Who.
    pub member: MemberId,
    /// Which rung.
    pub due: Due,
    /// How it reaches them.
    pub way: Way,
}

/// Who gets what of the rungs that are due. A person in two audiences of one rung is told once. To whom something was missed,
/// only the highest rung reaches, also when that one is on time; the others are on record.
pub fn tellings(due: &[Meant], now: Instant) -> Vec<Telling> {
    let mut highest: BTreeMap<MemberId, Rung> = BTreeMap::new();
    let mut missing: BTreeSet<MemberId> = BTreeSet::new();
    for meant in due {
        if now.since_ms(meant.due.at) >= MISSED_AFTER_MS {
            missing.extend(&meant.members);
        }
        for member in &meant.members {
            let rung = highest.entry(*member).or_insert(meant.due.rung);
            *rung = (*rung).max(meant.due.rung);
        }
    }
    let mut tellings = Vec::new();
    for Meant { due, hours, members } in due {
        let mut once = BTreeSet::new();
        for member in members.iter().filter(|member| once.insert(**member)) {
            let way = match (missing.contains(member), hours) {
                (true, _) if highest.get(member) != Some(&due.rung) => Way::OnRecord,
                (_, TellAt::Digest) => Way::NextDigest,
                (true, _) => Way::AfterOutage,
                (false, _) => Way::Now,
            };
            tellings.push(Telling { member: *member, due: *due, way });
        }
    }
    tellings
}

#[cfg(test)]
pub(super) mod tests;
