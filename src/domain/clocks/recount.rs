//! A holiday is announced late, or a zone changes its offset: what is counted by calendar is counted anew. Nothing that we
//! promised is ever due earlier; what the law counts is due when the law says.

use crate::domain::{deadline::Deadline, organisation::Organisation, span::Span, time::Instant};

/// The deadline by the tables in force; none when it is by these, or newer ones, already.
///
/// A due instant still to come moves later where the tables say so, and everything is told anew about it. One that would
/// come earlier stays as promised, unless the law counts it: a later promise of ours would let its day go by. What has passed
/// stays. The planner looks again in any case, as steps in working time may have moved.
pub fn recounted(deadline: &Deadline, organisation: &Organisation, now: Instant) -> Option<Deadline> {
    let basis = organisation.basis();
    if !deadline.is_open() || deadline.counted_by.as_ref().is_some_and(|known| *known >= basis) {
        return None;
    }
    let within = deadline.within.or_else(|| within_by_ladder(deadline, organisation));
    let counted = within.map(|within| organisation.count(deadline.site, &deadline.calendar, deadline.starts_at, within));
    let promised = counted.map(|counted| counted.max(deadline.due_at));
    let is_to_come = deadline.due_at > now;
    let due_at = by_law(deadline, organisation).or(promised).filter(|_| is_to_come).unwrap_or(deadline.due_at);
    let moved = deadline.clone().moved(due_at, deadline.severity, now);
    Some(Deadline { within, counted_by: Some(basis), look_again_at: Some(now), ..moved })
}

fn by_law(deadline: &Deadline, organisation: &Organisation) -> Option<Instant> {
    let obligation = organisation.obligations.get(&deadline.ladder_version)?.find(deadline.obligation.as_deref()?)?;
    let (calendar, zone) = (organisation.calendar(deadline.site), organisation.zone(deadline.site));
    Some(obligation.due_at(deadline.starts_at, calendar, &zone))
}

/// What an older version of Salama did not keep: the length its ladder gives, where that is what it was counted by.
fn within_by_ladder(deadline: &Deadline, organisation: &Organisation) -> Option<Span> {
    if deadline.counted_by.is_some() {
        return None;
    }
    let ladder = organisation.ladders.get(&deadline.ladder_version)?.find(deadline.kind, deadline.severity)?;
    let counted = organisation.count(deadline.site, &deadline.calendar, deadline.starts_at, ladder.within);
    (counted == deadline.due_at).then_some(ladder.within)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        calendar::{Holiday, HolidayStatus, tests::office},
        deadline::{Basis, DeadlineKind, tests::deadline},
        organisation::tests::{organisation, site},
    };

    fn house(days_off: &[jiff::civil::Date]) -> Organisation {
        let mut house = organisation(vec![]);
        let mut calendar = office();
        let (name, status) = ("announced".to_owned(), HolidayStatus::Announced);
        let announced =
            |date: &jiff::civil::Date| Holiday { date: *date, name: name.clone(), status, source: None, confirmed_by: None };
        calendar.holidays.extend(days_off.iter().map(announced));
        house.calendars.body.calendars.insert("office".into(), calendar);
        house.calendars.version = 2;
        house
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    /// Two working days from a Tuesday morning, counted by the first version of the calendars.
    fn counted() -> Deadline {
        let (starts, due) = (at("2026-11-24T09:00:00Z"), at("2026-11-26T09:00:00Z"));
        let counted_by = Some(Basis { zone_data: "2026f".into(), calendars: 1 });
        Deadline { site: site(4), within: Some(Span::WorkingDays(2)), counted_by, ..deadline(starts, due) }
    }

    #[test]
    fn a_holiday_announced_late_moves_what_is_still_to_come_and_everything_is_told_anew() {
        let (house, now) = (house(&[date(2026, 11, 25)]), at("2026-11-24T20:00:00Z"));
        let after = recounted(&counted(), &house, now).unwrap();
        assert_eq!((after.due_at, after.first_due_at), (at("2026-11-27T09:00:00Z"), at("2026-11-26T09:00:00Z")));
        assert_eq!((after.generation, after.look_again_at), (1, Some(now)));
        assert_eq!(after.counted_by, Some(house.basis()));
        assert_eq!(recounted(&after, &house, now), None, "once");
    }

    #[test]
    fn nothing_is_due_earlier_than_promised_and_what_has_passed_or_was_said_stays() {
        let now = at("2026-11-24T20:00:00Z");
        let later = Deadline { due_at: at("2026-11-30T09:00:00Z"), ..counted() };
        let kept = recounted(&later, &house(&[]), now).unwrap();
        assert_eq!((kept.due_at, kept.generation, kept.counted_by), (later.due_at, 0, Some(house(&[]).basis())));
        let off = house(&[date(2026, 11, 25)]);
        let said = Deadline { within: None, ..counted() };
        assert_eq!(recounted(&said, &off, now).unwrap().due_at, said.due_at);
        let passed = at("2026-11-26T09:00:01Z");
        assert_eq!(recounted(&counted(), &off, passed).unwrap().due_at, counted().due_at);
        assert_eq!(recounted(&counted().met(now), &off, now), None);
    }

    #[test]
    fn what_the_law_counts_is_due_when_the_law_says_by_the_new_calendar() {
        use crate::domain::obligation::{
            CountedBy, Obligation, Unit,
            tests::{document, insurer},
        };
        let rule = Obligation { amount: 2, unit: Unit::WorkingDay, calendar: CountedBy::Site, ..insurer() };
        let obligation = Some(rule.id.clone());
        let filing = Deadline { kind: DeadlineKind::FileObligation, obligation, within: None, ..counted() };
        let now = at("2026-11-24T20:00:00Z");
        let due = |filing: &Deadline, off: &[jiff::civil::Date]| {
            let mut house = house(off);
            house.obligations.insert(filing.ladder_version, document(rule.clone()));
            recounted(filing, &house, now).unwrap().due_at
        };
        assert_eq!(due(&filing, &[date(2026, 11, 25)]), at("2026-11-27T09:00:00Z"));
        let put_off = Deadline { due_at: at("2026-11-30T09:00:00Z"), ..filing };
        assert_eq!(due(&put_off, &[]), at("2026-11-26T09:00:00Z"), "a holiday that was taken back does not put off the law");
    }

    #[test]
    fn a_process_with_older_tables_leaves_alone_what_newer_ones_counted() {
        let mut old = house(&[date(2026, 11, 25)]);
        let newer = Deadline { counted_by: Some(Basis { zone_data: "2026g".into(), calendars: 1 }), ..counted() };
        assert_eq!(recounted(&newer, &old, at("2026-11-24T20:00:00Z")), None);
        old.zone_data = "2027a".into();
        assert!(recounted(&newer, &old, at("2026-11-24T20:00:00Z")).is_some());
    }

    proptest! {
        #[test]
        fn whatever_the_new_calendar_says_no_due_instant_comes_sooner(days in prop::collection::vec(0_i32..20, 0..6), promised in 0_i64..20, now in 0_i64..20) {
            let off: Vec<_> = days.iter().map(|day| date(2026, 11, 20).checked_add(jiff::Span::new().days(*day)).unwrap()).collect();
            let before = Deadline { due_at: counted().starts_at.plus_ms(promised * 86_400_000), ..counted() };
            let after = recounted(&before, &house(&off), counted().starts_at.plus_ms(now * 86_400_000)).unwrap();
            prop_assert!(after.due_at >= before.due_at);
            prop_assert_eq!(after.generation > before.generation, after.due_at != before.due_at);
        }
    }
}
