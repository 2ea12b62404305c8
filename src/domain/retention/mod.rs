//! How long what is kept. A retention document says it class by class; what is due is disposed of: words make room for a
//! mark, links and positions are erased, bytes removed. Numbers, dates, codes and severities stay for figures. What is
//! erased of each record is in `erasing`; carrying it out is `operations/tidy_up`'s.

mod erasing;
mod period;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::{
    erasing::{
        action_without_words, injury_without_the_person, inquiry_without_words, without_position, without_the_sender,
        without_words,
    },
    period::Period,
};
use super::{
    refusal::{FieldErrors, Refusal},
    report::{Report, ReportKind},
    time::{Instant, Zone},
    words::words,
};

/// What stands where words or a name were, in every language.
pub const GONE: &str = "—";

/// How long a new document waits before anything is disposed of under it, in milliseconds: what was erased by a slip of
/// the pen does not come back, so there is a week to see the slip.
pub const GRACE_MS: i64 = 7 * 86_400_000;

/// The shortest period, in days: less is a slip of the pen.
const SHORTEST_DAYS: i32 = 30;
const LONGEST_NAME: usize = 100;
const LONGEST_SOURCE: usize = 1_000;

words! {
    /// What is disposed of.
    pub enum What {
        /// Where a report was made: the position is erased. An original photo keeps what it came with until photos go.
        Position = "position",
        /// What relays answered to mails about a report, which may hold addresses: erased.
        MailAnswers = "mail_answers",
        /// A report's photos: originals and renditions are removed, their hashes stay.
        Photos = "photos",
        /// Who sent a report: the link is erased, and what they alone were told.
        Sender = "sender",
        /// Who was hurt, and what is noted of it: name and notes make room for a mark; days away and codes stay.
        Injuries = "injuries",
        /// Everything people wrote in a report, its comments and its actions: a mark takes its place. The report has then
        /// said its last: nothing more can be asked of it.
        Words = "words",
        /// A member who left: name, addresses, numbers and password are erased.
        Members = "members",
        /// Sessions that are over: devices and times of sign-ins are deleted.
        Sessions = "sessions",
    }
}

words! {
    /// From when a period is counted.
    pub enum CountedFrom {
        /// From when the server had the report; but never disposed of before it ended.
        Received = "received",
        /// From the end of the report or session.
        Ended = "ended",
        /// From when the member left.
        Left = "left",
    }
}

words! {
    /// How sure a period is.
    pub enum Confidence {
        /// A text of law or of an authority names it.
        Law = "law",
        /// Usual practice names it.
        Practice = "practice",
        /// Nobody names it: proposed, for counsel to confirm.
        Proposal = "proposal",
    }
}

/// One class: something that is kept for one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// For people.
    pub name: String,
    /// What is disposed of.
    pub what: What,
    /// Of reports of these kinds; of all when none is named. A report in which somebody was hurt counts as an incident.
    #[serde(default)]
    pub kinds: BTreeSet<ReportKind>,
    /// From when it is counted.
    pub counted_from: CountedFrom,
    /// For how long it is kept.
    pub period: Period,
    /// Where the period comes from.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// The retention of an organisation. What no class names is kept for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The classes.
    pub classes: Vec<Class>,
}

/// What retention must know of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// What kind of event.
    pub kind: ReportKind,
    /// Somebody was hurt.
    pub injured: bool,
    /// When the server had it.
    pub received_at: Instant,
    /// When it ended.
    pub ended_at: Instant,
}

/// What is due of a report now, and when there is more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due<'a> {
    /// The classes whose period is over.
    pub now: Vec<&'a Class>,
    /// When the next period ends.
    pub next: Option<Instant>,
}

impl What {
    /// Whether it is a part of reports.
    pub const fn is_of_reports(self) -> bool {
        !matches!(self, Self::Members | Self::Sessions)
    }

    const fn is_counted_from(self, from: CountedFrom) -> bool {
        match self {
            Self::Members => matches!(from, CountedFrom::Left),
            Self::Sessions => matches!(from, CountedFrom::Ended),
            _ => matches!(from, CountedFrom::Received | CountedFrom::Ended),
        }
    }
}

impl Class {
    fn covers(&self, kind: ReportKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    fn meets(&self, other: &Self) -> bool {
        self.what == other.what && ReportKind::ALL.iter().any(|kind| self.covers(*kind) && other.covers(*kind))
    }
}

impl Retention {
    /// Refuses periods that are slips of the pen, and classes that contradict themselves or each other.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        for (n, class) in self.classes.iter().enumerate() {
            let at = |field: &str| format!("/classes/{n}{field}");
            for (field, text, most) in [("/name", &class.name, LONGEST_NAME), ("/source", &class.source, LONGEST_SOURCE)] {
                if text.trim().is_empty() {
                    errors.add(at(field), "empty");
                }
                if text.chars().count() > most {
                    errors.add(at(field), "too_long");
                }
            }
            if class.period.days_at_least() < SHORTEST_DAYS {
                errors.add(at("/period"), "too_short");
            }
            if !class.what.is_counted_from(class.counted_from) {
                errors.add(at("/counted_from"), "does_not_fit");
            }
            if !class.what.is_of_reports() && !class.kinds.is_empty() {
                errors.add(at("/kinds"), "does_not_fit");
            }
            let before = self.classes.iter().take(n);
            if before.clone().any(|other| other.name == class.name) {
                errors.add(at("/name"), "stands_twice");
            }
            if before.clone().any(|other| other.meets(class)) {
                errors.add(at("/what"), "stands_twice");
            }
        }
        errors.none()
    }

    /// What is due of a report, given what is gone of it and since when. What was disposed of before the report was taken up
    /// again and ended anew is due again: there may be more of it now.
    pub fn due(&self, kept: &Kept, gone: &[(What, Instant)], zone: &Zone, now: Instant) -> Due<'_> {
        let kind = if kept.injured { ReportKind::Incident } else { kept.kind };
        let is_gone = |what| gone.iter().any(|(gone, at)| *gone == what && *at >= kept.ended_at);
        let mut due = Due { now: Vec::new(), next: None };
        for class in self.classes.iter().filter(|class| class.what.is_of_reports() && class.covers(kind)) {
            let nobody_was_hurt = class.what == What::Injuries && !kept.injured;
            if is_gone(class.what) || nobody_was_hurt {
                continue;
            }
            let from = if class.counted_from == CountedFrom::Received { kept.received_at } else { kept.ended_at };
            let at = class.period.after(from, zone).max(kept.ended_at);
            if at <= now {
                due.now.push(class);
            } else {
                due.next = Some(due.next.map_or(at, |next| next.min(at)));
            }
        }
        due
    }

    /// The class of what is no part of reports.
    pub fn class_of(&self, what: What) -> Option<&Class> {
        self.classes.iter().find(|class| class.what == what)
    }
}

/// The version under which things are disposed of now: the newest that has waited long enough. Versions come newest first,
/// each with the instant it was made.
pub fn in_force<T>(versions: impl IntoIterator<Item = (Instant, T)>, now: Instant) -> Option<T> {
    versions.into_iter().find(|(made_at, _)| made_at.plus_ms(GRACE_MS) <= now).map(|(_, version)| version)
}

impl Report {
    /// Whether nothing is left to do about it, not even a check of its effect: only then does a period count.
    pub fn is_over(&self) -> bool {
        self.has_ended() && self.next_check().is_none()
    }
}

#[cfg(test)]
mod tests;
