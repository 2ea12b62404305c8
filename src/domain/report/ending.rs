//! The ends of a report and the way back from them: closing with all its guards, dismissing, another report that stands
//! for it, its sender taking it back, and reopening.

use super::{Command, EFFECTIVENESS_DAYS, FileFacts, HIGH_FROM, Report, ReportState, Stamp};
use crate::domain::{
    ids::MemberId,
    prose::{LONG, prose},
    refusal::{FieldErrors, Refusal},
    time::Instant,
};

/// What closing says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// What the sender is told.
    pub outcome: String,
    /// In how many days the effect is checked.
    pub effectiveness_days: Option<i32>,
    /// Why photos that never came are not waited for.
    pub waive_photos: Option<String>,
}

impl Report {
    /// It ends: evidence is here or waived, similar events were looked for, every action is verified by somebody else,
    /// and from potential 3 up a check of its effect is set (ISO 45001 clause 10.2).
    pub fn close(self, closing: Closing, file: FileFacts, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        let missing = self.missing_to_close(&closing, file);
        if !missing.is_empty() && !self.has_ended() {
            return Err(self.not_ready(Command::Close, missing));
        }
        self.expect(Command::Close)?;
        let mut errors = FieldErrors::default();
        let outcome = errors.take(prose("/outcome", &closing.outcome, LONG));
        if let Some(reason) = &closing.waive_photos {
            errors.take(prose("/waive_photos", reason, LONG));
        }
        if closing.effectiveness_days.is_some_and(|days| !EFFECTIVENESS_DAYS.contains(&days)) {
            errors.add("/effectiveness_days", "not_30_or_90");
        }
        errors.none()?;
        Ok(Self {
            state: ReportState::Closed,
            closed: Some(Stamp { at: now, by }),
            outcome,
            effectiveness_days: closing.effectiveness_days,
            photos_waived: closing.waive_photos,
            ..self
        })
    }

    /// What closing still waits for. The controls are judged here and not on the way to `acting`: only now is it known
    /// which actions were kept, and danger does not wait for a justification.
    fn missing_to_close(&self, closing: &Closing, file: FileFacts) -> Vec<&'static str> {
        let weak = self.potential_severity >= HIGH_FROM && file.actions > 0 && file.firm == 0;
        let wanted = [
            (self.acknowledged.is_none(), "acknowledgement"),
            (self.triaged.is_none(), "triage"),
            (self.lacks_causes(), "causes"),
            (file.inquiry_wanted, "inquiry_complete"),
            (file.actions == 0, "an_action"),
            (file.incomplete > 0, "actions_completed"),
            (file.unverified > 0, "actions_verified"),
            (weak && self.controls_justified.is_none(), "controls_justified"),
            (self.similar_events.is_none(), "similar_events"),
            (file.similar_unseen, "similar_events_seen"),
            (file.photos_missing > 0 && closing.waive_photos.is_none(), "photos"),
            (self.is_serious() && closing.effectiveness_days.is_none(), "effectiveness_check"),
        ];
        wanted.into_iter().filter(|(missing, _)| *missing).map(|(_, code)| code).collect()
    }

    /// Nothing is to be done about it; the sender reads why. No action is left behind.
    pub fn dismiss(self, reason: &str, file: FileFacts, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(Command::Dismiss)?;
        let outcome = prose("/reason", reason, LONG)?;
        if file.incomplete + file.unverified > 0 {
            return Err(self.not_ready(Command::Dismiss, vec!["actions_ended"]));
        }
        Ok(Self { state: ReportState::Dismissed, outcome: Some(outcome), ..self.taken_charge_of(by, now) })
    }

    /// Another report stands for it: `of`, which is no duplicate itself. `stands_for_others` is whether this one does, so
    /// that no chain of duplicates ever comes to be.
    pub fn mark_duplicate(
        self,
        of: &Self,
        stands_for_others: bool,
        file: FileFacts,
        by: MemberId,
        now: Instant,
    ) -> Result<Self, Refusal> {
        self.expect(Command::MarkDuplicate)?;
        if of.id == self.id {
            return Err(Refusal::invalid("/of_id", "is_itself"));
        }
        if matches!(of.state, ReportState::Dismissed | ReportState::Duplicate | ReportState::Withdrawn) {
            return Err(Refusal::invalid("/of_id", "does_not_stand"));
        }
        if stands_for_others {
            return Err(self.not_ready(Command::MarkDuplicate, vec!["no_duplicates"]));
        }
        if file.incomplete + file.unverified > 0 {
            return Err(self.not_ready(Command::MarkDuplicate, vec!["actions_ended"]));
        }
        Ok(Self { state: ReportState::Duplicate, duplicate_of: Some(of.id), ..self.taken_charge_of(by, now) })
    }

    /// Whoever ends it without having taken charge did so by ending it.
    pub(super) fn taken_charge_of(self, by: MemberId, now: Instant) -> Self {
        Self { acknowledged: self.acknowledged.or(Some(Stamp { at: now, by })), ..self }
    }

    /// Its sender takes it back, before anybody took charge.
    pub fn withdraw(self) -> Result<Self, Refusal> {
        self.expect(Command::Withdraw)?;
        Ok(Self { state: ReportState::Withdrawn, ..self })
    }

    /// It is taken up again, with a reason that the caller keeps. `actions` is how many it has.
    pub fn reopen(self, actions: usize, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(Command::Reopen)?;
        Ok(self.taken_up_again(actions, by, now))
    }

    /// What had closed it did not suffice, so causes are looked for anew and only new actions count. What was dismissed,
    /// or a duplicate, goes on where it stood.
    pub(super) fn taken_up_again(self, actions: usize, by: MemberId, now: Instant) -> Self {
        let was_closed = self.state == ReportState::Closed;
        let before = if was_closed { u32::try_from(actions).unwrap_or(u32::MAX) } else { self.actions_before };
        Self {
            state: if self.causes.is_empty() { ReportState::Acknowledged } else { ReportState::Investigating },
            causes_found_at: self.causes_found_at.filter(|_| !was_closed),
            controls_justified: self.controls_justified.clone().filter(|_| !was_closed),
            closed: None,
            effectiveness_days: None,
            duplicate_of: None,
            reopened: Some(Stamp { at: now, by }),
            actions_before: before,
            ..self.taken_charge_of(by, now)
        }
    }
}
