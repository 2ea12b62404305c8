//! Which days and hours people work, and arithmetic over them. The tables themselves are data of the organisation; the
//! zone comes from the site.

use std::collections::BTreeMap;

use jiff::{
    ToSpan,
    civil::{Date, Time, Weekday},
};
use serde::{Deserialize, Serialize};

use super::{
    refusal::{FieldErrors, Refusal},
    span::Span,
    time::{Instant, Zone},
    words::words,
};

words! {
    /// A day of the week.
    pub enum Day {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

words! {
    /// How sure the date of a holiday is: a lunar feast is computed first and announced the evening before.
    pub enum HolidayStatus {
        /// The same date every year, by decree.
        Fixed = "fixed",
        /// Computed; may move by a day.
        Provisional = "provisional",
        /// Announced by the authority named.
        Announced = "announced",
    }
}

/// Opening and closing time of one working day, local.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Work begins.
    pub from: Time,
    /// Work ends, the same day.
    pub to: Time,
}

/// The working week; a day that is not named is weekly rest.
pub type Week = BTreeMap<Day, Hours>;

/// A day off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The local date.
    pub date: Date,
    /// What is celebrated.
    pub name: String,
    /// How sure the date is.
    pub status: HolidayStatus,
}

/// Other hours between two dates, both included, such as those of Ramadan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialHours {
    /// Why.
    pub name: String,
    /// The first date.
    pub from: Date,
    /// The last date.
    pub to: Date,
    /// The week in force between them.
    pub week: Week,
}

/// Working time of the sites that name this calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The ordinary week.
    pub week: Week,
    /// Days off.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Periods with other hours.
    #[serde(default)]
    pub special_hours: Vec<SpecialHours>,
}

/// The document: calendars by the code that sites name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Calendars {
    /// Each calendar by its code.
    pub calendars: BTreeMap<String, Calendar>,
}

/// How far a search for a working day goes before it gives up: a calendar without any is refused, so this is a guard only.
const SEARCH_DAYS: u32 = 3660;

impl Calendars {
    /// Refuses a calendar without working time and hours that end before they begin.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        if self.calendars.is_empty() {
            errors.add("/calendars", "empty");
        }
        for (code, calendar) in &self.calendars {
            if calendar.week.is_empty() {
                errors.add(format!("/calendars/{code}/week"), "empty");
            }
            for (day, hours) in &calendar.week {
                if hours.from >= hours.to {
                    errors.add(format!("/calendars/{code}/week/{day}"), "ends_before_it_begins");
                }
            }
            for (n, special) in calendar.special_hours.iter().enumerate() {
                if special.from > special.to || special.week.values().any(|hours| hours.from >= hours.to) {
                    errors.add(format!("/calendars/{code}/special_hours/{n}"), "ends_before_it_begins");
                }
            }
        }
        errors.none()
    }
}

impl Calendar {
    /// The working hours of that date; none on weekly rest and holidays.
    pub fn hours_on(&self, date: Date) -> Option<Hours> {
        if self.holidays.iter().any(|holiday| holiday.date == date) {
            return None;
        }
        let special = self.special_hours.iter().find(|special| (special.from..=special.to).contains(&date));
        special.map_or(&self.week, |special| &special.week).get(&day_of(date.weekday())).copied()
    }

    /// `at` when it is working time, else the next opening.
    pub fn next_open(&self, zone: &Zone, at: Instant) -> Instant {
        let local = at.timestamp().to_zoned(zone.rules());
        let mut date = local.date();
        for _ in 0..SEARCH_DAYS {
            if let Some(hours) = self.hours_on(date) {
                let opening = instant(zone, date, hours.from);
                if at < opening {
                    return opening;
                }
                if at < instant(zone, date, hours.to) {
                    return at;
                }
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        at
    }

    /// The instant that lies `span` after `at` (before it, when negative).
    ///
    /// Elapsed time is unaffected by zone and calendar. Calendar days keep the local time of day. Working days count the
    /// dates of this calendar: what comes after closing time, or on a day off, starts at the next opening.
    pub fn add(&self, zone: &Zone, at: Instant, span: Span) -> Instant {
        match span {
            Span::Elapsed(ms) => at.plus_ms(ms),
            Span::Days(days) => {
                let local = at.timestamp().to_zoned(zone.rules());
                local.checked_add(days.days()).map_or(at, |zoned| Instant::from_timestamp(zoned.timestamp()))
            }
            Span::WorkingDays(days) => self.add_working_days(zone, at, days),
        }
    }

    fn add_working_days(&self, zone: &Zone, at: Instant, days: i32) -> Instant {
        let start = if days > 0 && !self.before_closing(zone, at) { self.next_open(zone, at) } else { at };
        let local = start.timestamp().to_zoned(zone.rules());
        let mut date = local.date();
        let mut left = days.unsigned_abs();
        for _ in 0..SEARCH_DAYS.saturating_mul(2) {
            if left == 0 {
                break;
            }
            let Ok(next) = (if days > 0 { date.tomorrow() } else { date.yesterday() }) else { break };
            date = next;
            if self.hours_on(date).is_some() {
                left -= 1;
            }
        }
        instant(zone, date, local.time())
    }

    fn before_closing(&self, zone: &Zone, at: Instant) -> bool {
        let local = at.timestamp().to_zoned(zone.rules());
        self.hours_on(local.date()).is_some_and(|hours| local.time() < hours.to)
    }
}

/// A local time that a change of the clock skips is taken after the gap; one that happens twice, the first time.
pub(super) fn instant(zone: &Zone, date: Date, time: Time) -> Instant {
    date.to_datetime(time).to_zoned(zone.rules()).map_or(Instant::from_ms(0), |zoned| Instant::from_timestamp(zoned.timestamp()))
}

const fn day_of(weekday: Weekday) -> Day {
    match weekday {
        Weekday::Monday => Day::Monday,
        Weekday::Tuesday => Day::Tuesday,
        Weekday::Wednesday => Day::Wednesday,
        Weekday::Thursday => Day::Thursday,
        Weekday::Friday => Day::Friday,
        Weekday::Saturday => Day::Saturday,
        Weekday::Sunday => Day::Sunday,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;

    pub fn office() -> Calendar {
        let hours = Hours { from: time(8, 30, 0, 0), to: time(16, 30, 0, 0) };
        let days_off =
            [date(2026, 10, 31), date(2026, 11, 6), date(2026, 11, 18), date(2027, 1, 1), date(2027, 1, 11), date(2027, 1, 14)];
        Calendar {
            week: Day::ALL[..5].iter().map(|day| (*day, hours)).collect(),
            holidays: days_off.map(|date| Holiday { date, name: "day off".into(), status: HolidayStatus::Fixed }).into(),
            special_hours: vec![],
        }
    }

    pub fn casablanca() -> Zone {
        Zone::named("Africa/Casablanca").unwrap()
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
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
        assert_eq!(after("2026-12-31T10:00:00Z", 2), "2027-01-05T10:00:00Z");
        assert_eq!(after("2026-11-10T10:00:00Z", -2), "2026-11-05T10:00:00Z");
    }

    #[test]
    fn what_comes_after_closing_starts_at_the_next_opening() {
        assert_eq!(after("2026-11-20T18:00:00Z", 1), "2026-11-24T08:30:00Z");
        assert_eq!(after("2026-11-21T10:00:00Z", 2), "2026-11-25T08:30:00Z");
    }

    #[test]
    fn twenty_four_hours_are_elapsed_and_a_day_is_local() {
        let (office, zone, start) = (office(), casablanca(), at("2026-09-19T20:00:00Z"));
        assert_eq!(office.add(&zone, start, Span::Elapsed(86_400_000)), at("2026-09-20T20:00:00Z"));
        assert_eq!(office.add(&zone, start, Span::Days(1)), at("2026-09-20T21:00:00Z"));
    }

    #[test]
    fn special_hours_replace_the_week_between_their_dates() {
        let mut office = office();
        let short = Hours { from: time(9, 0, 0, 0), to: time(15, 0, 0, 0) };
        let week = BTreeMap::from([(Day::Monday, short)]);
        office.special_hours = vec![SpecialHours { name: "Ramadan".into(), from: date(2027, 2, 8), to: date(2027, 3, 9), week }];
        assert_eq!(office.hours_on(date(2027, 2, 8)), Some(short));
        assert_eq!(office.hours_on(date(2027, 2, 9)), None);
    }

    #[test]
    fn a_calendar_nobody_works_in_is_refused() {
        let calendars = Calendars { calendars: BTreeMap::from([("x".into(), Calendar::default())]) };
        assert_eq!(calendars.check(), Err(Refusal::invalid("/calendars/x/week", "empty")));
    }

    proptest! {
        #[test]
        fn the_next_opening_is_never_earlier_and_is_working_time(ms in 1_760_000_000_000_i64..1_860_000_000_000) {
            let (office, zone, start) = (office(), casablanca(), Instant::from_ms(ms));
            let open = office.next_open(&zone, start);
            prop_assert!(open >= start);
            prop_assert_eq!(office.next_open(&zone, open), open);
        }

        #[test]
        fn more_working_days_are_never_sooner(ms in 1_760_000_000_000_i64..1_860_000_000_000, days in 0_i32..60) {
            let (office, zone, start) = (office(), casablanca(), Instant::from_ms(ms));
            let due = office.add(&zone, start, Span::WorkingDays(days));
            prop_assert!(due >= start);
            prop_assert!(office.add(&zone, start, Span::WorkingDays(days + 1)) > due);
        }
    }
}
