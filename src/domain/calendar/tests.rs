//! Counting over days, hours, holidays and changes of the clock: the examples of the shared page, and what holds for all.

use std::collections::BTreeMap;

use jiff::civil::{Date, date, time};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    span::Span,
    time::{Instant, Zone},
};

fn holiday(date: Date) -> Holiday {
    Holiday { date, name: "day off".into(), status: HolidayStatus::Fixed, source: None, confirmed_by: None }
}

pub fn office() -> Calendar {
    let hours = Hours { from: time(8, 30, 0, 0), to: time(16, 30, 0, 0) };
    let days_off =
        [date(2026, 10, 31), date(2026, 11, 6), date(2026, 11, 18), date(2027, 1, 1), date(2027, 1, 11), date(2027, 1, 14)];
    Calendar {
        week: Day::ALL[..5].iter().map(|day| (*day, hours)).collect(),
        holidays: days_off.map(holiday).into(),
        special_hours: vec![],
    }
}

/// The office with shorter days in Ramadan 1448.
fn in_ramadan() -> Calendar {
    let short = Hours { from: time(9, 0, 0, 0), to: time(15, 0, 0, 0) };
    let week = Day::ALL[..5].iter().map(|day| (*day, short)).collect();
    let special = SpecialHours { name: "Ramadan".into(), from: date(2027, 2, 8), to: date(2027, 3, 9), week };
    Calendar { special_hours: vec![special], ..office() }
}

/// A crew whose weekly rest is on Friday, and whose days begin before dawn and end late.
fn crew() -> Calendar {
    let hours = Hours { from: time(0, 30, 0, 0), to: time(22, 0, 0, 0) };
    let week = Day::ALL.iter().filter(|day| **day != Day::Friday).map(|day| (*day, hours)).collect();
    Calendar { week, ..Calendar::default() }
}

pub fn casablanca() -> Zone {
    Zone::named("Africa/Casablanca").unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn counted(calendar: &Calendar, start: &str, span: &str) -> String {
    calendar.add(&casablanca(), at(start), span.parse().unwrap()).to_string()
}

fn after(start: &str, days: i32) -> String {
    office().add(&casablanca(), at(start), Span::WorkingDays(days)).to_string()
}

#[test]
fn working_days_skip_rest_and_moroccan_holidays() {
    assert_eq!(after("2026-11-05T10:00:00Z", 2), "2026-11-10T10:00:00Z");
    assert_eq!(after("2026-11-17T10:00:00Z", 2), "2026-11-20T10:00:00Z");
    assert_eq!(after("2026-10-30T10:00:00Z", 2), "2026-11-03T10:00:00Z");
    assert_eq!(after("2026-10-30T10:00:00Z", 5), "2026-11-09T10:00:00Z");
    assert_eq!(after("2027-01-08T10:00:00Z", 2), "2027-01-13T10:00:00Z");
    assert_eq!(after("2027-01-08T10:00:00Z", 5), "2027-01-19T10:00:00Z");
    assert_eq!(after("2026-11-10T10:00:00Z", -2), "2026-11-05T10:00:00Z");
}

#[test]
fn whether_new_year_is_off_is_the_calendars_to_say() {
    assert_eq!(after("2026-12-31T10:00:00Z", 2), "2027-01-05T10:00:00Z");
    let mut private = office();
    private.holidays.retain(|holiday| holiday.date != date(2027, 1, 1));
    assert_eq!(counted(&private, "2026-12-31T10:00:00Z", "P2BD"), "2027-01-04T10:00:00Z");
}

#[test]
fn what_comes_after_closing_starts_at_the_next_opening_and_counts_back_from_the_last_closing() {
    assert_eq!(after("2026-11-20T18:00:00Z", 1), "2026-11-24T08:30:00Z");
    assert_eq!(after("2026-11-21T10:00:00Z", 2), "2026-11-25T08:30:00Z");
    assert_eq!(after("2026-11-23T05:00:00Z", 1), "2026-11-24T08:30:00Z");
    assert_eq!(after("2026-11-21T10:00:00Z", -1), "2026-11-19T16:30:00Z");
}

#[test]
fn working_hours_pass_only_while_the_calendar_is_open() {
    let office = office();
    assert_eq!(counted(&office, "2026-11-05T14:30:00Z", "PT4WH"), "2026-11-09T10:30:00Z", "over a holiday and a weekend");
    assert_eq!(counted(&office, "2026-11-09T08:30:00Z", "PT8WH"), "2026-11-09T16:30:00Z", "a whole day ends at its closing");
    assert_eq!(counted(&office, "2026-11-21T10:00:00Z", "PT1WH"), "2026-11-23T09:30:00Z", "from a Saturday");
    assert_eq!(counted(&office, "2026-11-09T10:30:00Z", "-PT4WH"), "2026-11-05T14:30:00Z");
    assert_eq!(counted(&in_ramadan(), "2027-02-05T15:30:00Z", "PT8WH"), "2027-02-09T10:00:00Z", "one hour, six, and one");
    assert_eq!(counted(&crew(), "2026-11-19T21:00:00Z", "PT2WH"), "2026-11-21T01:30:00Z", "weekly rest on Friday");
}

#[test]
fn a_working_day_ends_within_the_hours_of_the_day_it_ends_on() {
    assert_eq!(counted(&in_ramadan(), "2027-02-05T16:00:00Z", "P1BD"), "2027-02-08T15:00:00Z");
    assert_eq!(counted(&in_ramadan(), "2027-02-05T08:45:00Z", "P1BD"), "2027-02-08T09:00:00Z");
}

#[test]
fn twenty_four_hours_are_elapsed_and_a_day_is_local() {
    let (office, zone, start) = (office(), casablanca(), at("2026-09-19T20:00:00Z"));
    let due = office.add(&zone, start, Span::Elapsed(86_400_000));
    assert_eq!(due, at("2026-09-20T20:00:00Z"));
    assert_eq!(
        (start.local_text(&zone), due.local_text(&zone)),
        ("2026-09-19T21:00:00+01:00".into(), "2026-09-20T20:00:00+00:00".into())
    );
    assert_eq!(office.add(&zone, start, Span::Days(1)), at("2026-09-20T21:00:00Z"));
}

#[test]
fn a_time_that_happens_twice_is_the_first_and_one_that_is_skipped_comes_after_the_gap() {
    // 2026-09-20: from 02:00 back to 01:00. 2026-03-22: from 02:00 on to 03:00.
    assert_eq!(counted(&crew(), "2026-09-19T00:30:00Z", "P1D"), "2026-09-20T00:30:00Z");
    assert_eq!(counted(&crew(), "2026-09-19T00:30:00Z", "P1BD"), "2026-09-20T00:30:00Z");
    assert_eq!(counted(&crew(), "2026-03-21T02:30:00Z", "P1D"), "2026-03-22T02:30:00Z");
    assert_eq!(at("2026-03-22T02:30:00Z").local_text(&casablanca()), "2026-03-22T03:30:00+01:00");
    assert_eq!(counted(&crew(), "2026-09-19T23:30:00Z", "PT2WH"), "2026-09-20T01:30:00Z", "both passes of the hour are worked");
}

#[test]
fn special_hours_replace_the_week_between_their_dates() {
    let short = Hours { from: time(9, 0, 0, 0), to: time(15, 0, 0, 0) };
    assert_eq!(in_ramadan().hours_on(date(2027, 2, 8)), Some(short));
    assert_eq!(in_ramadan().hours_on(date(2027, 2, 13)), None, "a Saturday");
    assert_eq!(in_ramadan().hours_on(date(2027, 3, 12)).map(|hours| hours.from), Some(time(8, 30, 0, 0)));
}

#[test]
fn a_calendar_nobody_works_in_is_refused_and_would_still_let_time_pass() {
    let calendars = Calendars { calendars: BTreeMap::from([("x".into(), Calendar::default())]) };
    assert_eq!(calendars.check(), Err(Refusal::invalid("/calendars/x/week", "empty")));
    assert_eq!(counted(&Calendar::default(), "2026-11-21T10:00:00Z", "P2BD"), "2026-11-23T10:00:00Z");
    assert_eq!(counted(&Calendar::default(), "2026-11-21T10:00:00Z", "PT8WH"), "2026-11-21T18:00:00Z");
}

#[test]
fn an_announced_holiday_says_who_announced_it_and_who_confirmed_it_and_no_date_stands_twice() {
    let announced = Holiday { status: HolidayStatus::Announced, ..holiday(date(2027, 3, 9)) };
    let mut calendar = Calendar { holidays: vec![announced.clone(), announced], ..office() };
    let of = |calendar: &Calendar| Calendars { calendars: BTreeMap::from([("x".into(), calendar.clone())]) };
    let Err(Refusal::Invalid(errors)) = of(&calendar).check() else { panic!("accepted") };
    let wrong: Vec<_> =
        errors.iter().map(|error| (error.pointer.trim_start_matches("/calendars/x/holidays/"), error.code)).collect();
    let each = [("0/source", "empty"), ("0/confirmed_by", "missing"), ("1/date", "stands_twice")];
    assert_eq!(wrong, [&each[..], &[("1/source", "empty"), ("1/confirmed_by", "missing")]].concat());
    calendar.holidays.truncate(1);
    calendar.holidays[0].source = Some("Habous".into());
    calendar.holidays[0].confirmed_by = Some(MemberId(Uuid::from_u128(1)));
    assert_eq!(of(&calendar).check(), Ok(()));
}

#[test]
fn a_year_without_holidays_and_a_feast_still_computed_ten_days_before_are_a_concern() {
    let feast = Holiday { status: HolidayStatus::Provisional, ..holiday(date(2027, 3, 10)) };
    let mut calendar = office();
    calendar.holidays.push(feast);
    let calendars = Calendars { calendars: BTreeMap::from([("x".into(), calendar)]) };
    let concerns = |on: Date| calendars.concerns(on).into_iter().map(|it| (it.kind, it.date)).collect::<Vec<_>>();
    assert_eq!(concerns(date(2027, 2, 27)), []);
    assert_eq!(concerns(date(2027, 2, 28)), [(ConcernKind::StillProvisional, date(2027, 3, 10))]);
    assert_eq!(concerns(date(2027, 3, 10)), [(ConcernKind::StillProvisional, date(2027, 3, 10))]);
    assert_eq!(concerns(date(2027, 3, 11)), []);
    assert_eq!(concerns(date(2027, 9, 30)), []);
    assert_eq!(concerns(date(2027, 10, 1)), [(ConcernKind::YearMissing, date(2028, 1, 1))]);
    assert_eq!(concerns(date(2028, 2, 1)), [(ConcernKind::YearMissing, date(2028, 1, 1))]);
}

/// From September 2026, before Morocco left UTC+1, to April 2027, after Ramadan.
const MS: std::ops::Range<i64> = 1_788_300_000_000..1_806_500_000_000;

fn calendars() -> impl Strategy<Value = Calendar> {
    prop_oneof![Just(office()), Just(in_ramadan()), Just(crew())]
}

fn working_spans() -> impl Strategy<Value = Span> {
    prop_oneof![(-30_i32..30).prop_map(Span::WorkingDays), (-200_i32..200).prop_map(Span::WorkingHours)]
}

fn any_span() -> impl Strategy<Value = Span> {
    prop_oneof![working_spans(), (-40_i32..40).prop_map(Span::Days), (-900_000_000_i64..900_000_000).prop_map(Span::Elapsed)]
}

proptest! {
    #[test]
    fn the_next_opening_is_never_earlier_and_is_working_time(calendar in calendars(), ms in MS) {
        let (zone, start) = (casablanca(), Instant::from_ms(ms));
        let open = calendar.next_open(&zone, start);
        prop_assert!(open >= start && calendar.is_open(&zone, open));
        prop_assert_eq!(calendar.next_open(&zone, open), open);
    }

    #[test]
    fn what_starts_later_is_never_due_sooner(calendar in calendars(), ms in MS, wait in 0_i64..900_000_000, span in any_span()) {
        // On 2026-09-20 the local time of day itself went back, and days keep the time of day.
        let turned = |ms: i64| (1_789_862_400_000..1_789_869_600_000).contains(&ms);
        let by_time_of_day = matches!(span, Span::Days(_) | Span::WorkingDays(_));
        prop_assume!(!(by_time_of_day && (turned(ms) || turned(ms + wait))));
        let (zone, start) = (casablanca(), Instant::from_ms(ms));
        prop_assert!(calendar.add(&zone, start.plus_ms(wait), span) >= calendar.add(&zone, start, span));
    }

    #[test]
    fn a_longer_span_is_never_due_sooner(calendar in calendars(), ms in MS, span in working_spans()) {
        let (zone, start) = (casablanca(), Instant::from_ms(ms));
        let longer = match span {
            Span::WorkingDays(days) => Span::WorkingDays(days + 1),
            Span::WorkingHours(hours) => Span::WorkingHours(hours + 1),
            other => other,
        };
        prop_assert!(calendar.add(&zone, start, longer) > calendar.add(&zone, start, span));
    }

    #[test]
    fn what_is_counted_in_working_time_is_never_due_while_nobody_works(calendar in calendars(), ms in MS, span in working_spans()) {
        prop_assume!(span.is_positive() || span.is_negative());
        let (zone, start) = (casablanca(), Instant::from_ms(ms));
        let due = calendar.add(&zone, start, span);
        let closing = calendar.is_open(&zone, due.plus_ms(-1));
        prop_assert!(calendar.is_open(&zone, due) || closing, "{} {span} is {}", start, due.local_text(&zone));
    }

    #[test]
    fn working_hours_added_and_taken_away_again_are_the_same_instant(calendar in calendars(), ms in MS, hours in 1_i32..300) {
        let zone = casablanca();
        let start = calendar.next_open(&zone, Instant::from_ms(ms));
        let due = calendar.add(&zone, start, Span::WorkingHours(hours));
        prop_assert_eq!(calendar.add(&zone, due, Span::WorkingHours(-hours)), start);
    }

    #[test]
    fn working_days_added_and_taken_away_again_are_the_same_instant(ms in MS, days in 1_i32..60) {
        // Where every day has the same hours: on a shorter day the time of day is brought into its hours.
        let (calendar, zone) = (office(), casablanca());
        let start = calendar.next_open(&zone, Instant::from_ms(ms));
        let due = calendar.add(&zone, start, Span::WorkingDays(days));
        prop_assert_eq!(calendar.add(&zone, due, Span::WorkingDays(-days)), start);
    }

    #[test]
    fn elapsed_time_is_what_it_says_whatever_the_calendar(calendar in calendars(), ms in MS, span in -900_000_000_i64..900_000_000) {
        let (zone, start) = (casablanca(), Instant::from_ms(ms));
        prop_assert_eq!(calendar.add(&zone, start, Span::Elapsed(span)).since_ms(start), span);
    }
}
