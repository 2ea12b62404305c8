//! The decision that one person is told one thing, and why. It is made once, under a unique key, and becomes a mail.

use serde::{Deserialize, Serialize};

use super::{
    deadline::Deadline,
    ids::{ActionId, DeadlineId, MemberId, NoticeId, ReportId},
    ladder::Rung,
    time::Instant,
    words::words,
};

words! {
    /// What a person is told.
    pub enum NoticeKind {
        /// A report was routed to you.
        ReportAssigned = "report_assigned",
        /// An action was assigned to you.
        ActionAssigned = "action_assigned",
        /// It becomes due.
        Reminder = "reminder",
        /// What you must do is overdue.
        Overdue = "overdue",
        /// What somebody else must do is overdue.
        Escalation = "escalation",
        /// An action waits for you to verify it.
        VerificationAsked = "verification_asked",
        /// Your action was given back.
        ActionReturned = "action_returned",
        /// Your report has ended; its outcome can be read.
        ReportClosed = "report_closed",
        /// Your report was dismissed; the reason can be read.
        ReportDismissed = "report_dismissed",
        /// You are asked something about your report.
        InformationAsked = "information_asked",
        /// A report of yours was taken up again.
        ReportReopened = "report_reopened",
        /// An owner asks you for more time.
        ExtensionAsked = "extension_asked",
        /// It is decided whether you get more time.
        ExtensionDecided = "extension_decided",
    }
}

impl NoticeKind {
    /// Whether it is for a report's sender. Nobody is told in their place, and nobody else learns that they were told.
    pub const fn is_for_the_sender(self) -> bool {
        matches!(self, Self::ReportClosed | Self::ReportDismissed | Self::InformationAsked)
    }
}

words! {
    /// What became of a notice.
    pub enum NoticeState {
        /// Waits to be sent, or to be sent again.
        Queued = "queued",
        /// The relay took it.
        Accepted = "accepted",
        /// A higher rung reached the same person at the same moment: on record only.
        Collapsed = "collapsed",
        /// It was no longer true when its turn came.
        Dropped = "dropped",
        /// The person's mailbox refuses mail: the next one was told.
        Bounced = "bounced",
        /// It cannot be sent: put aside, with an alarm.
        Dead = "dead",
    }
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id; also the mail's Message-ID.
    pub id: NoticeId,
    /// What makes it one: the same key is never decided twice.
    pub key: String,
    /// What is told.
    pub kind: NoticeKind,
    /// Who is told.
    pub member: MemberId,
    /// Of which report.
    pub report: ReportId,
    /// Of which action.
    pub action: Option<ActionId>,
    /// Of which deadline, for a rung of a ladder.
    pub deadline: Option<DeadlineId>,
    /// The deadline's generation when it was decided.
    pub generation: u32,
    /// Which rung.
    pub rung: Option<Rung>,
    /// For when it was meant.
    pub meant_at: Instant,
    /// When it was decided.
    pub decided_at: Instant,
    /// The rule, its version and the audience that named the person.
    pub because: String,
    /// What became of it.
    pub state: NoticeState,
}

/// The key of a rung: once per deadline, generation, step, occurrence and person.
pub fn rung_key(deadline: &Deadline, rung: Rung, member: MemberId) -> String {
    format!("rung:{}:{}:{}:{}:{member}", deadline.id, deadline.generation, rung.step, rung.occurrence)
}

/// The key of everything that is told once per person and occasion, such as the routing of a report.
pub fn occasion_key(kind: NoticeKind, subject: impl std::fmt::Display, occasion: i64, member: MemberId) -> String {
    format!("{kind}:{subject}:{occasion}:{member}")
}

impl Notice {
    /// Whether it is still true of its deadline: open, of the same generation, and not answered since it was decided.
    pub fn still_wanted(&self, deadline: Option<&Deadline>, now: Instant) -> bool {
        let (Some(_), Some(deadline)) = (self.rung, deadline) else { return true };
        deadline.is_open() && deadline.generation == self.generation && deadline.paused_until.is_none_or(|until| until <= now)
    }
}
