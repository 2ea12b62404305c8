//! A running deadline is put under another version of the ladders: what that changes, before and while it is done.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ladder, Reckoning, plan};
use crate::domain::{
    deadline::{Deadline, DeadlineKind},
    time::Instant,
};

/// What a new version changes for the running deadlines of one kind and severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effect {
    /// Deadlines that run under another version.
    pub running: u32,
    /// Of those, due earlier than promised.
    pub earlier: u32,
    /// Of those, due later than now.
    pub later: u32,
    /// Rungs whose time has passed under the new version: the highest of each deadline reaches its people at once.
    pub rungs_at_once: u32,
    /// Deadlines the new version has no ladder for: they keep the one they have.
    pub without_ladder: u32,
}

/// The effects by kind and severity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change(pub BTreeMap<(DeadlineKind, u8), Effect>);

impl Deadline {
    /// The same deadline under another version of the ladders. Where nobody said the due instant, it is counted anew from
    /// the start. What was told stays told of the old generation; the new ladder begins as after an outage.
    #[must_use]
    pub fn under(self, version: u32, ladder: &Ladder, by: Reckoning<'_>, now: Instant) -> Self {
        let (within, due_at) = if self.kind.is_due_as_said() {
            (self.within, self.due_at)
        } else {
            (Some(ladder.within), by.calendar.add(by.zone, self.starts_at, ladder.within))
        };
        let generation = self.generation + 1;
        Self { within, due_at, set_at: now, generation, ladder_version: version, look_again_at: Some(now), ..self }
    }
}

impl Change {
    /// Counts a deadline, and gives it as it will be; none where it keeps its version.
    pub fn count(
        &mut self,
        deadline: &Deadline,
        version: u32,
        ladder: Option<&Ladder>,
        by: Reckoning<'_>,
        now: Instant,
    ) -> Option<Deadline> {
        let effect = self.0.entry((deadline.kind, deadline.severity)).or_default();
        effect.running += 1;
        let Some(ladder) = ladder else {
            effect.without_ladder += 1;
            return None;
        };
        let next = deadline.clone().under(version, ladder, by, now);
        effect.earlier += u32::from(next.due_at < deadline.due_at);
        effect.later += u32::from(next.due_at > deadline.due_at);
        let due = plan(ladder, &next, &BTreeSet::new(), by, now).due.len();
        effect.rungs_at_once += u32::try_from(due).unwrap_or(u32::MAX);
        Some(next)
    }

    /// How many deadlines would be due earlier than was promised.
    pub fn earlier(&self) -> u32 {
        self.0.values().map(|effect| effect.earlier).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        calendar::tests::{casablanca, office},
        deadline::tests::deadline,
        ladder::tests::{START, ladders},
        span::Span,
    };

    proptest! {
        #[test]
        fn nothing_is_due_earlier_without_being_counted_and_no_promise_of_a_person_moves(
            ladder in ladders(), hours in 1_i64..300, wait in 0_i64..500, said: bool,
        ) {
            let (office, zone) = (office(), casablanca());
            let by = Reckoning { calendar: &office, zone: &zone, quiet: None };
            let at = |hours: i64| Instant::from_ms(START + hours * 3_600_000);
            let kind = if said { DeadlineKind::CompleteAction } else { DeadlineKind::Triage };
            let running = Deadline { kind, ..deadline(at(0), at(100)) };
            let ladder = Ladder { within: Span::Elapsed(hours * 3_600_000), ..ladder };
            let mut change = Change::default();
            let next = change.count(&running, 2, Some(&ladder), by, at(wait)).unwrap();
            prop_assert_eq!(change.earlier(), u32::from(next.due_at < running.due_at));
            prop_assert_eq!(next.due_at, if said { running.due_at } else { at(hours) });
            prop_assert_eq!((next.first_due_at, next.ladder_version), (running.first_due_at, 2));
            prop_assert!(next.generation > running.generation);
        }
    }

    #[test]
    fn a_version_without_a_ladder_leaves_the_deadline_as_it_is() {
        let (office, zone) = (office(), casablanca());
        let by = Reckoning { calendar: &office, zone: &zone, quiet: None };
        let mut change = Change::default();
        let running = deadline(Instant::from_ms(START), Instant::from_ms(START + 1));
        assert_eq!(change.count(&running, 2, None, by, Instant::from_ms(START)), None);
        assert_eq!(change.0.values().next().unwrap().without_ladder, 1);
    }
}
