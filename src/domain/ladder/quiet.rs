//! When nobody is disturbed without need: quiet hours, weekly rest and holidays; and the morning that digests wait for.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::domain::{
    calendar::{Calendar, instant},
    refusal::FieldErrors,
    time::{Instant, Zone},
};

/// Hours over night in which only what is grave or legal reaches people. Days without working hours are quiet as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// From then in the evening, local time.
    pub from: Time,
    /// Until then the next morning.
    pub to: Time,
    /// From this potential severity up nothing is quiet.
    pub below_severity: u8,
}

/// How digests are made, and how many mails a person should get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// The time of day, local, of a person's digest; the opening of their site, where that is later.
    pub at: Time,
    /// After an outage, from so many missed deadlines on a person gets one digest instead of single mails.
    pub many: u32,
    /// So many mails a week are enough for a person. More are sent, and shown.
    pub budget: u32,
}

/// How many days ahead a search goes before it gives up: a calendar in which nobody works has no morning.
const SEARCH_DAYS: u32 = 400;

impl Default for Digests {
    fn default() -> Self {
        Self { at: Time::constant(8, 30, 0, 0), many: 5, budget: 10 }
    }
}

impl Quiet {
    /// Refuses hours that do not go over night, and a severity that is none.
    pub(super) fn check(self, errors: &mut FieldErrors) {
        if self.from <= self.to {
            errors.add("/quiet", "not_over_night");
        }
        if !(1..=6).contains(&self.below_severity) {
            errors.add("/quiet/below_severity", "not_one_to_five");
        }
    }

    /// `at` when people may be disturbed then, else the end of the quiet.
    pub fn end(self, calendar: &Calendar, zone: &Zone, at: Instant) -> Instant {
        let mut date = at.local_date(zone);
        for _ in 0..SEARCH_DAYS {
            let (morning, evening) = (instant(zone, date, self.to), instant(zone, date, self.from));
            if calendar.hours_on(date).is_some() && at < evening {
                return at.max(morning);
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        at
    }
}

impl Digests {
    /// Refuses numbers that would make every mail a digest or every week too full.
    pub(super) fn check(self, errors: &mut FieldErrors) {
        for (pointer, number, least) in [("/digest/many", self.many, 2), ("/digest/budget", self.budget, 1)] {
            if !(least..=1_000).contains(&number) {
                errors.add(pointer, "out_of_range");
            }
        }
    }

    /// The next morning after `now` on a working day of that calendar; `now` itself where nobody ever works.
    pub fn next_morning(self, calendar: &Calendar, zone: &Zone, now: Instant) -> Instant {
        let mut date = now.local_date(zone);
        for _ in 0..SEARCH_DAYS {
            if let Some(morning) = self.morning(calendar, zone, date).filter(|morning| *morning > now) {
                return morning;
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        now
    }

    fn morning(self, calendar: &Calendar, zone: &Zone, date: Date) -> Option<Instant> {
        let hours = calendar.hours_on(date)?;
        let time = if self.at < hours.to { self.at.max(hours.from) } else { hours.from };
        Some(instant(zone, date, time))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::calendar::{
        Day, Hours, SpecialHours,
        tests::{casablanca, office},
    };

    fn quiet() -> Quiet {
        Quiet { from: time(20, 0, 0, 0), to: time(7, 0, 0, 0), below_severity: 4 }
    }

    fn end(at: &str) -> String {
        quiet().end(&office(), &casablanca(), at.parse().unwrap()).to_string()
    }

    #[test]
    fn nights_weekends_and_holidays_are_quiet() {
        assert_eq!(end("2026-11-24T19:59:59Z"), "2026-11-24T19:59:59Z");
        assert_eq!(end("2026-11-24T20:00:00Z"), "2026-11-25T07:00:00Z");
        assert_eq!(end("2026-11-25T06:59:00Z"), "2026-11-25T07:00:00Z");
        assert_eq!(end("2026-11-20T21:00:00Z"), "2026-11-23T07:00:00Z", "Saturday and Sunday are rest");
        assert_eq!(end("2026-11-18T10:00:00Z"), "2026-11-19T07:00:00Z", "Independence Day");
    }

    #[test]
    fn the_morning_is_half_past_eight_or_the_opening_where_that_is_later() {
        let mut office = office();
        let late = Hours { from: time(9, 30, 0, 0), to: time(15, 0, 0, 0) };
        let week = [(Day::Tuesday, late)].into();
        office.special_hours = vec![SpecialHours { name: "Ramadan".into(), from: date(2027, 2, 8), to: date(2027, 3, 9), week }];
        let next = |now: &str| Digests::default().next_morning(&office, &casablanca(), now.parse().unwrap()).to_string();
        assert_eq!(next("2026-11-24T08:29:59Z"), "2026-11-24T08:30:00Z");
        assert_eq!(next("2026-11-24T08:30:00Z"), "2026-11-25T08:30:00Z", "one a day");
        assert_eq!(next("2026-11-20T12:00:00Z"), "2026-11-23T08:30:00Z");
        assert_eq!(next("2027-02-08T06:00:00Z"), "2027-02-09T09:30:00Z", "the hours of Ramadan");
    }

    proptest! {
        #[test]
        fn the_end_of_the_quiet_is_never_earlier_and_is_not_quiet(ms in 1_760_000_000_000_i64..1_860_000_000_000) {
            let (office, zone, at) = (office(), casablanca(), Instant::from_ms(ms));
            let end = quiet().end(&office, &zone, at);
            prop_assert!(end >= at);
            prop_assert_eq!(quiet().end(&office, &zone, end), end);
        }

        #[test]
        fn a_morning_is_always_to_come_and_in_working_time(ms in 1_760_000_000_000_i64..1_860_000_000_000) {
            let (office, zone, now) = (office(), casablanca(), Instant::from_ms(ms));
            let morning = Digests::default().next_morning(&office, &zone, now);
            prop_assert!(morning > now);
            prop_assert_eq!(office.next_open(&zone, morning), morning);
        }
    }
}
