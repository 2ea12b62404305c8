//! Whether something like it happened before: similar events, open and closed, and a closed report whose effect was still to
//! be checked when the same happened again (ISO 45001 clause 10.2 b and e).

use super::{Report, ReportState};
use crate::domain::{time::Instant, words::words};

/// How far back events are counted, in milliseconds: 365 days.
pub const YEAR_MS: i64 = 365 * 86_400_000;

words! {
    /// Why an event is like another one at the same site.
    pub enum Likeness {
        /// Of the same category.
        Category = "category",
        /// With a cause of the same kind.
        Cause = "cause",
    }
}

/// An event like another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Similar {
    /// Which.
    pub report: Report,
    /// Why.
    pub because: Vec<Likeness>,
}

impl Report {
    /// Those of `others` that are like it: events of the same site that were not found to be none.
    pub fn similar_among(&self, others: Vec<Self>) -> Vec<Similar> {
        let stands = |other: &Self| {
            let gone = matches!(other.state, ReportState::Dismissed | ReportState::Duplicate | ReportState::Withdrawn);
            !gone && other.id != self.id && other.site == self.site
        };
        let like = |report: Self| {
            let same_cause = self.causes.iter().any(|cause| report.causes.iter().any(|other| other.kind == cause.kind));
            let likeness = [(report.category == self.category, Likeness::Category), (same_cause, Likeness::Cause)];
            let because: Vec<_> = likeness.into_iter().filter(|(is_so, _)| *is_so).map(|(_, likeness)| likeness).collect();
            (!because.is_empty()).then_some(Similar { report, because })
        };
        others.into_iter().filter(stands).filter_map(like).collect()
    }

    /// How many events of its category there were at its site in the year up to it, itself included: "the third time in
    /// twelve months".
    pub fn times_in_a_year(&self, similar: &[Similar]) -> usize {
        let within = |other: &Self| (0..=YEAR_MS).contains(&self.received_at.since_ms(other.received_at));
        1 + similar.iter().filter(|one| one.because.contains(&Likeness::Category) && within(&one.report)).count()
    }

    /// Whether a new report shows that the cause of this one is not gone: the same place and category, inside the time in
    /// which its effect is still to be checked.
    pub fn recurs_in(&self, new: &Self, now: Instant) -> bool {
        let same = self.id != new.id && self.site == new.site && self.category == new.category;
        same && self.state == ReportState::Closed && self.next_check().is_some_and(|(_, due_at)| now <= due_at)
    }

    /// It happened again, so what was done did not suffice: it is taken up again, in the name of whoever had closed it.
    #[must_use]
    pub fn recurred(self, new: &Self, actions: usize, now: Instant) -> Self {
        let Some(by) = self.closed.map(|closed| closed.by) else { return self };
        Self { recurred_as: Some(new.id), ..self.taken_up_again(actions, by, now) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        ids::{MemberId, ReportId, SiteId},
        report::{Cause, CauseKind, Stamp, tests::report},
    };

    fn other(n: u128) -> Report {
        Report { id: ReportId(Uuid::from_u128(n)), ..report(4) }
    }

    fn closed(n: u128) -> Report {
        let closed = Some(Stamp { at: report(4).received_at, by: MemberId(Uuid::from_u128(7)) });
        Report { state: ReportState::Closed, closed, effectiveness_days: Some(30), ..other(n) }
    }

    #[test]
    fn events_of_the_same_place_are_alike_by_category_or_kind_of_cause() {
        let cause = || vec![Cause { kind: CauseKind::Human, text: "haste".into() }];
        let here = Report { causes: cause(), ..report(4) };
        let others = vec![
            other(1),
            Report { category: "STF".into(), causes: cause(), ..other(2) },
            Report { category: "STF".into(), ..other(3) },
            Report { site: SiteId(Uuid::from_u128(99)), ..other(4) },
            Report { state: ReportState::Dismissed, ..other(5) },
            here.clone(),
        ];
        let similar = here.similar_among(others);
        let found: Vec<_> = similar.iter().map(|one| (one.report.id.0.as_u128(), one.because.clone())).collect();
        assert_eq!(found, [(1, vec![Likeness::Category]), (2, vec![Likeness::Cause])]);
    }

    #[test]
    fn a_third_time_in_twelve_months_is_counted_back_from_the_report_itself() {
        let at = |n, before_ms: i64| Report { received_at: report(4).received_at.plus_ms(-before_ms), ..other(n) };
        let similar = report(4).similar_among(vec![at(1, 5), at(2, YEAR_MS), at(3, YEAR_MS + 1), at(4, -1)]);
        assert_eq!((similar.len(), report(4).times_in_a_year(&similar)), (4, 3));
    }

    #[test]
    fn the_same_again_before_the_effect_was_checked_takes_it_up_again() {
        let (now, new) = (report(4).received_at, report(4));
        let last = now.plus_ms(30 * 86_400_000);
        assert!(closed(1).recurs_in(&new, last));
        assert!(!closed(1).recurs_in(&new, last.plus_ms(1)), "the window has passed");
        assert!(!closed(1).recurs_in(&Report { category: "STF".into(), ..new.clone() }, now));
        assert!(!Report { state: ReportState::Acting, ..closed(1) }.recurs_in(&new, now), "it is open anyway");
        assert!(!Report { effectiveness_days: None, ..closed(1) }.recurs_in(&new, now), "nobody promised that it works");
        let again = closed(1).recurred(&new, 2, now);
        assert_eq!((again.state, again.recurred_as, again.actions_before), (ReportState::Acknowledged, Some(new.id), 2));
    }
}
