//! The clock of the product: anything that must happen by an instant. Overdue is never a state; it is `due_at < now` and
//! not met. Who is told, and when, is the ladder's.

use serde::{Deserialize, Serialize};

use super::{
    ids::{ActionId, DeadlineId, ReportId, SiteId},
    span::Span,
    time::Instant,
    words::words,
};

words! {
    /// What must happen.
    pub enum DeadlineKind {
        /// Somebody answerable takes charge of a report.
        Acknowledge = "acknowledge",
        /// The place is made safe.
        MakeSafe = "make_safe",
        /// Severity is rated and the first account is written.
        Triage = "triage",
        /// Causes are found (ISO 45001 clause 10.2).
        Investigate = "investigate",
        /// The owner completes a corrective action.
        CompleteAction = "complete_action",
        /// Somebody else verifies it.
        VerifyAction = "verify_action",
        /// It is checked whether the cause is gone (ISO 45001 clause 10.2 e).
        CheckEffectiveness = "check_effectiveness",
        /// A first measure is in place while the lasting one is made.
        InterimMeasure = "interim_measure",
        /// The law wants something filed: with the insurer, the administration, the inspectorate.
        FileObligation = "file_obligation",
    }
}

impl DeadlineKind {
    /// Whether somebody, or the law, says the due instant; all others are counted by the ladder.
    pub const fn is_due_as_said(self) -> bool {
        matches!(self, Self::CompleteAction | Self::CheckEffectiveness | Self::FileObligation)
    }

    /// Whether the law sets it: it is never paused, and told at any hour.
    pub const fn is_legal(self) -> bool {
        matches!(self, Self::FileObligation)
    }
}

/// The tables an instant was counted by. A newer one is greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Basis {
    /// The version of the time-zone data, such as `2026c`.
    pub zone_data: String,
    /// The version of the calendars.
    pub calendars: u32,
}

/// One running, met or cancelled clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// Its id, made by the server.
    pub id: DeadlineId,
    /// The report it belongs to.
    pub report: ReportId,
    /// The action it belongs to, if it is an action's.
    pub action: Option<ActionId>,
    /// What must happen.
    pub kind: DeadlineKind,
    /// The id of the legal obligation, for a filing.
    pub obligation: Option<String>,
    /// The potential severity it was set for; with the kind it chooses the ladder.
    pub severity: u8,
    /// The site whose zone and calendar count.
    pub site: SiteId,
    /// The code of the calendar that counts, of the site or of the crew of whoever must act; empty where the site's does.
    pub calendar: String,
    /// How long there is from its start; none where somebody said the due instant.
    pub within: Option<Span>,
    /// The tables it is counted and planned by; none for what an older version of Salama set.
    pub counted_by: Option<Basis>,
    /// When the clock started.
    pub starts_at: Instant,
    /// By when it must happen.
    pub due_at: Instant,
    /// The first promise, which figures count against.
    pub first_due_at: Instant,
    /// When the present due instant was set.
    pub set_at: Instant,
    /// When it happened.
    pub met_at: Option<Instant>,
    /// When it stopped to matter.
    pub cancelled_at: Option<Instant>,
    /// Raised by every meeting, cancelling and moving, so that what was queued before is not sent.
    pub generation: u32,
    /// Until then an acknowledged escalation stays quiet.
    pub paused_until: Option<Instant>,
    /// The version of the ladders document it climbs; of the obligations, for a filing.
    pub ladder_version: u32,
    /// When the planner must look again; none when nothing is left to tell.
    pub look_again_at: Option<Instant>,
    /// Which writing of the row this is.
    pub version: i64,
}

impl Deadline {
    /// Neither met nor cancelled.
    pub const fn is_open(&self) -> bool {
        self.met_at.is_none() && self.cancelled_at.is_none()
    }

    /// Open, and its time has passed.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.is_open() && self.due_at < now
    }

    /// `due`, `overdue`, `met`, `missed` (met, but late) or `cancelled`: what a list shows and filters by.
    pub fn standing(&self, now: Instant) -> &'static str {
        match (self.met_at, self.cancelled_at) {
            (Some(met), _) if met > self.due_at => "missed",
            (Some(_), _) => "met",
            (None, Some(_)) => "cancelled",
            (None, None) if self.due_at < now => "overdue",
            (None, None) => "due",
        }
    }

    /// It happened. A clock that already stopped stays as it is.
    #[must_use]
    pub fn met(self, now: Instant) -> Self {
        if !self.is_open() {
            return self;
        }
        Self { met_at: Some(now), generation: self.generation + 1, look_again_at: None, ..self }
    }

    /// It matters no longer. A clock that already stopped stays as it is.
    #[must_use]
    pub fn cancelled(self, now: Instant) -> Self {
        if !self.is_open() {
            return self;
        }
        Self { cancelled_at: Some(now), generation: self.generation + 1, look_again_at: None, ..self }
    }

    /// What had happened was taken back: the clock runs again, and everything is told anew.
    #[must_use]
    pub fn reopened(self, now: Instant) -> Self {
        if self.is_open() {
            return self;
        }
        let generation = self.generation + 1;
        Self { met_at: None, cancelled_at: None, set_at: now, generation, paused_until: None, look_again_at: Some(now), ..self }
    }

    /// Another due instant: everything that was told about the old one is told anew about this one.
    #[must_use]
    pub fn moved(self, due_at: Instant, severity: u8, now: Instant) -> Self {
        if !self.is_open() || (due_at == self.due_at && severity == self.severity) {
            return self;
        }
        Self {
            due_at,
            severity,
            set_at: now,
            generation: self.generation + 1,
            paused_until: None,
            look_again_at: Some(now),
            ..self
        }
    }

    /// Somebody answered an escalation: its ladder waits until then, but does not stop. The law does not wait.
    #[must_use]
    pub fn paused(self, until: Instant) -> Self {
        if !self.is_open() || self.kind.is_legal() {
            return self;
        }
        Self { paused_until: Some(until), look_again_at: Some(until), ..self }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::*;

    pub fn deadline(starts: Instant, due: Instant) -> Deadline {
        Deadline {
            id: DeadlineId(Uuid::nil()),
            report: ReportId(Uuid::nil()),
            action: None,
            kind: DeadlineKind::CompleteAction,
            obligation: None,
            severity: 4,
            site: SiteId(Uuid::nil()),
            calendar: String::new(),
            within: None,
            counted_by: None,
            starts_at: starts,
            due_at: due,
            first_due_at: due,
            set_at: starts,
            met_at: None,
            cancelled_at: None,
            generation: 0,
            paused_until: None,
            ladder_version: 1,
            look_again_at: Some(starts),
            version: 1,
        }
    }

    #[test]
    fn meeting_cancelling_and_moving_each_make_older_notices_stale() {
        let (start, due, now) = (Instant::from_ms(0), Instant::from_ms(10), Instant::from_ms(20));
        let open = deadline(start, due);
        assert!(open.is_overdue(now));
        assert_eq!(open.clone().met(now).generation, 1);
        assert_eq!(open.clone().cancelled(now).generation, 1);
        assert_eq!(open.clone().moved(now, 4, now).generation, 1);
        assert_eq!(open.clone().moved(due, 4, now).generation, 0, "the same due instant is no move");
    }

    #[test]
    fn the_law_does_not_wait() {
        let filing = Deadline { kind: DeadlineKind::FileObligation, ..deadline(Instant::from_ms(0), Instant::from_ms(10)) };
        assert_eq!(filing.clone().paused(Instant::from_ms(99)), filing);
    }

    #[test]
    fn a_stopped_clock_stays_stopped_and_keeps_its_time() {
        let met = deadline(Instant::from_ms(0), Instant::from_ms(10)).met(Instant::from_ms(20));
        assert_eq!(met.standing(Instant::from_ms(30)), "missed");
        assert_eq!(met.clone().cancelled(Instant::from_ms(30)), met);
        assert_eq!(met.clone().moved(Instant::from_ms(99), 5, Instant::from_ms(30)), met);
        assert_eq!(met.clone().paused(Instant::from_ms(99)), met);
    }
}
