//! The decision that one person is told one thing, and why. It is made once, under a unique key, and becomes a mail.

use serde::{Deserialize, Serialize};

use super::{
    deadline::Deadline,
    ids::{ActionId, DeadlineId, MemberId, NoticeId, ReportId},
    ladder::Rung,
    refusal::Refusal,
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
        /// Somebody took charge of your report.
        ReportAcknowledged = "report_acknowledged",
        /// Your report has ended; its outcome can be read.
        ReportClosed = "report_closed",
        /// Your report was dismissed; the reason can be read.
        ReportDismissed = "report_dismissed",
        /// You are asked something about your report.
        InformationAsked = "information_asked",
        /// Somebody asks to know who sent your report.
        UnsealingAsked = "unsealing_asked",
        /// Two persons may now know that you sent your report.
        Unsealed = "unsealed",
        /// A report of yours was taken up again.
        ReportReopened = "report_reopened",
        /// An owner asks you for more time.
        ExtensionAsked = "extension_asked",
        /// It is decided whether you get more time.
        ExtensionDecided = "extension_decided",
        /// Your action was verified.
        ActionVerified = "action_verified",
        /// Your action is not needed any more.
        ActionCancelled = "action_cancelled",
        /// Your action was given to somebody else.
        ActionReassigned = "action_reassigned",
        /// A colleague's mailbox refuses mail; somebody must mend the address.
        MailBounced = "mail_bounced",
    }
}

impl NoticeKind {
    /// Whether it is for a report's sender. Nobody is told in their place, and nobody else learns that they were told.
    pub const fn is_for_the_sender(self) -> bool {
        matches!(
            self,
            Self::ReportAcknowledged
                | Self::ReportClosed
                | Self::ReportDismissed
                | Self::InformationAsked
                | Self::UnsealingAsked
                | Self::Unsealed
        )
    }
}

impl NoticeKind {
    /// Whether it is said to its person alone, because it is about nothing that anybody else could do in their place.
    pub const fn is_personal(self) -> bool {
        self.is_for_the_sender() || matches!(self, Self::ActionVerified | Self::ActionCancelled | Self::ActionReassigned)
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
    /// The notice whose mail did not get through, so that this one is told in its place.
    pub in_place_of: Option<NoticeId>,
}

/// How long the link in a notice's mail is good, counted from the decision to tell it.
pub const LINK_MS: i64 = 72 * 3_600_000;

/// The key of a rung: once per deadline, generation, step, occurrence and person.
pub fn rung_key(deadline: &Deadline, rung: Rung, member: MemberId) -> String {
    format!("rung:{}:{}:{}:{}:{member}", deadline.id, deadline.generation, rung.step, rung.occurrence)
}

/// The key of everything that is told once per person and occasion, such as the routing of a report.
pub fn occasion_key(kind: NoticeKind, subject: impl std::fmt::Display, occasion: i64, member: MemberId) -> String {
    format!("{kind}:{subject}:{occasion}:{member}")
}

impl NoticeState {
    /// Whether a notice that ended like this, or has not ended, needs another one in its place.
    pub const fn needs_another(self) -> bool {
        matches!(self, Self::Queued | Self::Bounced | Self::Dead)
    }
}

impl Notice {
    /// Whether somebody must hear of it soon: a rung of a ladder, or a new report. When its mail does not get through for
    /// half an hour, somebody else is told as well.
    pub fn is_urgent(&self) -> bool {
        self.rung.is_some() || self.kind == NoticeKind::ReportAssigned
    }

    /// Whether it is still true of its deadline: open, of the same generation, and not answered since it was decided.
    pub fn still_wanted(&self, deadline: Option<&Deadline>, now: Instant) -> bool {
        let (Some(_), Some(deadline)) = (self.rung, deadline) else { return true };
        self.is_of(deadline) && deadline.paused_until.is_none_or(|until| until <= now)
    }

    /// Whether the link in its mail can be answered now, or only shows something: a rung asks for an answer, everything
    /// else does not. Refuses a link that was answered, is too old, or is about a deadline that ended or moved since.
    pub fn answerable(&self, answered_at: Option<Instant>, deadline: Option<&Deadline>, now: Instant) -> Result<bool, Refusal> {
        if answered_at.is_some() {
            return Err(Refusal::Gone("link_answered"));
        }
        if now.since_ms(self.decided_at) >= LINK_MS {
            return Err(Refusal::Gone("link_expired"));
        }
        if self.rung.is_some() && !deadline.is_some_and(|deadline| self.is_of(deadline)) {
            return Err(Refusal::Gone("link_over"));
        }
        Ok(self.rung.is_some())
    }

    /// Whether it is about the deadline as it stands.
    fn is_of(&self, deadline: &Deadline) -> bool {
        self.deadline == Some(deadline.id) && deadline.is_open() && deadline.generation == self.generation
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::deadline::tests::deadline;

    fn at() -> Instant {
        Instant::from_ms(0)
    }

    /// The second rung of that deadline, decided at the beginning of time.
    fn rung(deadline: &Deadline) -> Notice {
        let (rung, member) = (Rung { step: 1, occurrence: 0 }, MemberId(Uuid::nil()));
        Notice {
            id: NoticeId(Uuid::nil()),
            key: rung_key(deadline, rung, member),
            kind: NoticeKind::Overdue,
            member,
            report: deadline.report,
            action: deadline.action,
            deadline: Some(deadline.id),
            generation: deadline.generation,
            rung: Some(rung),
            meant_at: at(),
            decided_at: at(),
            because: String::new(),
            state: NoticeState::Accepted,
            in_place_of: None,
        }
    }

    #[test]
    fn a_rung_of_a_running_deadline_can_be_answered_once_and_for_three_days() {
        let running = deadline(at(), at().plus_ms(1));
        let notice = rung(&running);
        let answerable = |answered, after_ms| notice.answerable(answered, Some(&running), at().plus_ms(after_ms));
        assert_eq!(answerable(None, LINK_MS - 1), Ok(true));
        assert_eq!(answerable(None, LINK_MS), Err(Refusal::Gone("link_expired")));
        assert_eq!(answerable(Some(at()), 1), Err(Refusal::Gone("link_answered")));
    }

    #[test]
    fn a_deadline_that_was_met_cancelled_moved_or_reopened_is_none_of_an_older_notice() {
        let (running, later) = (deadline(at(), at().plus_ms(1)), at().plus_ms(9));
        let notice = rung(&running);
        let met = running.clone().met(later);
        let others = [
            met.clone(),
            met.reopened(later),
            running.clone().cancelled(later),
            running.clone().moved(later, 4, later),
            Deadline { id: DeadlineId(Uuid::from_u128(7)), ..running.clone() },
        ];
        for other in others {
            assert_eq!(notice.answerable(None, Some(&other), later), Err(Refusal::Gone("link_over")), "{other:?}");
        }
        assert_eq!(notice.answerable(None, None, later), Err(Refusal::Gone("link_over")));
        assert_eq!(notice.answerable(None, Some(&running.paused(later)), later), Ok(true), "a pause is no end");
    }

    #[test]
    fn what_is_no_rung_asks_for_no_answer_and_its_link_grows_old_too() {
        let running = deadline(at(), at().plus_ms(1));
        let notice = Notice { kind: NoticeKind::ActionAssigned, rung: None, deadline: None, ..rung(&running) };
        assert_eq!(notice.answerable(None, None, at()), Ok(false));
        assert_eq!(notice.answerable(None, None, at().plus_ms(LINK_MS)), Err(Refusal::Gone("link_expired")));
    }
}
