//! What the law wants filed, by when and with whom: rules as data of the organisation, each with its source and how sure it
//! is. Nothing here is legal advice; a rule that no counsel has reviewed says so.

mod filing;

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use self::filing::{Filing, FilingFacts, RawFiling, clocks};
use super::{
    audience::Audience,
    calendar::Calendar,
    deadline::DeadlineKind,
    ladder::{Ladder, Offset, Step, TellAt, check_steps},
    organisation::Label,
    refusal::{FieldErrors, Refusal},
    report::{HIGH_FROM, Report, ReportKind},
    span::Span,
    time::{Instant, Zone},
    words::words,
};

words! {
    /// What makes an obligation run.
    pub enum Trigger {
        /// A report on which it is recorded that an employee was hurt.
        WorkAccident = "work_accident",
        /// An incident or near miss that had, or could have had, serious consequences.
        SeriousEvent = "serious_event",
    }
}

words! {
    /// An instant the law may count from.
    pub enum StartFact {
        /// When it happened, as the report says.
        Accident = "accident_at",
        /// When the organisation had the report.
        EmployerInformed = "employer_informed_at",
        /// When it was recorded that an employee was hurt.
        InjuryRecorded = "injury_recorded_at",
    }
}

words! {
    /// Which of several starts counts, where the texts disagree.
    pub enum StartPolicy {
        /// The first: never too late.
        Earliest = "earliest",
        /// The last.
        Latest = "latest",
    }
}

words! {
    /// What the amount counts.
    pub enum Unit {
        /// Elapsed hours.
        Hour = "hour",
        /// Local dates.
        CalendarDay = "calendar_day",
        /// Working days of the site.
        WorkingDay = "working_day",
    }
}

words! {
    /// By which calendar it is counted and rolled.
    pub enum CountedBy {
        /// None: every day counts.
        None = "none",
        /// That of the report's site.
        Site = "site",
    }
}

words! {
    /// What becomes of a due date on a day off.
    pub enum Roll {
        /// It stays.
        None = "none",
        /// The working day before.
        Previous = "previous",
        /// The working day after.
        Next = "next",
    }
}

words! {
    /// What proves a filing.
    pub enum ProofKind {
        /// A receipt given by hand.
        Receipt = "receipt",
        /// The slip of a registered letter.
        RegisteredMail = "registered_mail",
        /// The acknowledgement of an electronic filing.
        Electronic = "electronic",
        /// Signed minutes.
        Minutes = "minutes",
    }
}

words! {
    /// How sure a rule is.
    pub enum Confidence {
        /// Sources agree.
        High = "high",
        /// The number is sure, not all around it.
        Medium = "medium",
        /// Sources conflict, or are silent.
        Low = "low",
    }
}

/// One duty to file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// Its id, never used again for another.
    pub id: String,
    /// What is to be filed.
    pub name: Label,
    /// Whose law.
    pub jurisdiction: String,
    /// For people under which law of employment.
    #[serde(default)]
    pub regime: BTreeSet<String>,
    /// Events from this date on.
    pub valid_from: Date,
    /// Events up to this date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// What makes it run.
    pub trigger: Trigger,
    /// From where it may be counted.
    pub start_candidates: Vec<StartFact>,
    /// Which of them counts.
    pub start_policy: StartPolicy,
    /// How many.
    pub amount: u16,
    /// Of what.
    pub unit: Unit,
    /// By which calendar.
    pub calendar: CountedBy,
    /// What becomes of a day off.
    pub roll: Roll,
    /// When the responsible are warned, counted from the start.
    #[serde(default)]
    pub warn_at: Vec<Span>,
    /// Always false: the law does not wait.
    pub pausable: bool,
    /// With whom.
    pub recipient: Label,
    /// What proves it.
    pub proof: BTreeSet<ProofKind>,
    /// Where the rule stands.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Which counsel has reviewed it; absent until one has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_on: Option<Date>,
}

/// The document: all obligations, and who is told of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the document calls its list so")]
pub struct Obligations {
    /// In any order, each id once.
    pub obligations: Vec<Obligation>,
    /// Who is warned before the due instant.
    pub warned: Vec<Audience>,
    /// Who is told at the due instant and after it.
    pub overdue: Vec<Step>,
}

/// What an obligation looks at: no medical fact, only that there is one.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// The report.
    pub report: &'a Report,
    /// When it was first recorded that an employee was hurt.
    pub employee_hurt_at: Option<Instant>,
}

impl Obligations {
    /// The obligation of that id.
    pub fn find(&self, id: &str) -> Option<&Obligation> {
        self.obligations.iter().find(|obligation| obligation.id == id)
    }

    /// The ladder of a filing: warnings as the rule says, then the steps all filings share.
    pub fn ladder(&self, id: &str) -> Option<Ladder> {
        let obligation = self.find(id)?;
        let warning = |span: &Span| Step {
            offset: Offset::Start(*span),
            audience: self.warned.clone(),
            repeat: None,
            hours: TellAt::AnyHour,
        };
        Some(Ladder {
            kind: DeadlineKind::FileObligation,
            severities: (1..=5).collect(),
            within: obligation.within(),
            pause: Span::Days(1),
            steps: obligation.warn_at.iter().map(warning).chain(self.overdue.iter().cloned()).collect(),
        })
    }

    /// Every audience of the document, with the pointer to it.
    pub fn audiences(&self) -> Vec<(String, &Audience)> {
        let warned = self.warned.iter().enumerate().map(|(n, audience)| (format!("/warned/{n}"), audience));
        let overdue = self.overdue.iter().enumerate().flat_map(|(s, step)| {
            step.audience.iter().enumerate().map(move |(n, audience)| (format!("/overdue/{s}/audience/{n}"), audience))
        });
        warned.chain(overdue).collect()
    }

    /// Refuses a document that could let a filing go overdue in silence, that pauses one, or that contradicts itself.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        if self.warned.is_empty() {
            errors.add("/warned", "empty");
        }
        if !self.overdue.iter().any(|step| step.offset == Offset::ZERO || step.offset == Offset::Percent(100)) {
            errors.add("/overdue", "nothing_when_overdue");
        }
        check_steps(&self.overdue, "/overdue", &mut errors);
        for (n, step) in self.overdue.iter().enumerate() {
            if step.hours != TellAt::AnyHour {
                errors.add(format!("/overdue/{n}/hours"), "legal_at_any_hour");
            }
        }
        let mut seen = BTreeSet::new();
        for (n, obligation) in self.obligations.iter().enumerate() {
            if !seen.insert(&obligation.id) {
                errors.add(format!("/obligations/{n}/id"), "stands_twice");
            }
            obligation.check(&format!("/obligations/{n}"), &mut errors);
        }
        errors.none()
    }
}

impl Obligation {
    fn check(&self, at: &str, errors: &mut FieldErrors) {
        let texts = [("id", &self.id), ("jurisdiction", &self.jurisdiction), ("source", &self.source)];
        for (field, text) in texts {
            if text.trim().is_empty() {
                errors.add(format!("{at}/{field}"), "empty");
            }
        }
        if self.start_candidates.is_empty() {
            errors.add(format!("{at}/start_candidates"), "empty");
        }
        if self.proof.is_empty() {
            errors.add(format!("{at}/proof"), "empty");
        }
        if self.amount == 0 {
            errors.add(format!("{at}/amount"), "not_positive");
        }
        if self.calendar == CountedBy::None && (self.unit == Unit::WorkingDay || self.roll != Roll::None) {
            errors.add(format!("{at}/calendar"), "calendar_needed");
        }
        if self.pausable {
            errors.add(format!("{at}/pausable"), "law_does_not_wait");
        }
        if self.warn_at.iter().any(|span| !span.is_positive()) {
            errors.add(format!("{at}/warn_at"), "not_positive");
        }
        if self.valid_until.is_some_and(|until| until < self.valid_from) {
            errors.add(format!("{at}/valid_until"), "ends_before_it_begins");
        }
        if self.reviewed_by.is_some() != self.reviewed_on.is_some() {
            errors.add(format!("{at}/reviewed_on"), "missing");
        }
    }

    /// How long there is.
    pub fn within(&self) -> Span {
        match self.unit {
            Unit::Hour => Span::Elapsed(i64::from(self.amount) * 3_600_000),
            Unit::CalendarDay => Span::Days(i32::from(self.amount)),
            Unit::WorkingDay => Span::WorkingDays(i32::from(self.amount)),
        }
    }

    /// Whether counsel has yet to confirm it.
    pub const fn is_unreviewed(&self) -> bool {
        self.reviewed_by.is_none()
    }

    /// Since when it runs for that event; none when it does not.
    pub fn starts_at(&self, event: Event<'_>, zone: &Zone) -> Option<Instant> {
        if !self.is_triggered(event) {
            return None;
        }
        let fact = |fact: &StartFact| match fact {
            StartFact::Accident => event.report.occurred_at,
            StartFact::EmployerInformed => Some(event.report.received_at),
            StartFact::InjuryRecorded => event.employee_hurt_at,
        };
        let known = self.start_candidates.iter().filter_map(fact);
        let start = match self.start_policy {
            StartPolicy::Earliest => known.min(),
            StartPolicy::Latest => known.max(),
        };
        // A start that is not known yet must not keep the clock from running.
        let start = start.unwrap_or(event.report.received_at);
        let date = start.local_date(zone);
        (self.valid_from <= date && self.valid_until.is_none_or(|until| date <= until)).then_some(start)
    }

    fn is_triggered(&self, event: Event<'_>) -> bool {
        let report = event.report;
        match self.trigger {
            Trigger::WorkAccident => event.employee_hurt_at.is_some(),
            Trigger::SeriousEvent => {
                let worst = report.potential_severity.max(report.actual_severity.unwrap_or(0));
                matches!(report.kind, ReportKind::Incident | ReportKind::NearMiss) && worst >= HIGH_FROM && !report.is_void()
            }
        }
    }

    /// By when, counted from the start.
    pub fn due_at(&self, starts_at: Instant, calendar: &Calendar, zone: &Zone) -> Instant {
        let due = calendar.add(zone, starts_at, self.within());
        let works = calendar.hours_on(due.local_date(zone)).is_some();
        match self.roll {
            Roll::Previous if !works => working_day_near(due, -1, calendar, zone),
            Roll::Next if !works => working_day_near(due, 1, calendar, zone),
            _ => due,
        }
    }
}

/// The same time of day on the nearest working day, looking on (`step` 1) or back (-1).
fn working_day_near(at: Instant, step: i32, calendar: &Calendar, zone: &Zone) -> Instant {
    let mut days = (0..400).map(|days| calendar.add(zone, at, Span::Days(days * step)));
    days.find(|day| calendar.hours_on(day.local_date(zone)).is_some()).unwrap_or(at)
}

#[cfg(test)]
pub(in crate::domain) mod tests;
