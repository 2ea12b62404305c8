//! Counting over a calendar: the next opening, working days and working hours, forwards and backwards.

use jiff::{
    ToSpan,
    civil::{Date, Time},
};

use super::Calendar;
use crate::domain::{
    span::Span,
    time::{Instant, Zone},
};

/// How far a search for working time goes before it gives up: a calendar without any is refused, so this is a guard only.
const SEARCH_DAYS: u32 = 7320;
const HOUR_MS: i64 = 3_600_000;

impl Calendar {
    /// Whether it is working time; the closing instant is not.
    pub fn is_open(&self, zone: &Zone, at: Instant) -> bool {
        self.open_on(zone, at.local_date(zone)).is_some_and(|(opening, closing)| opening <= at && at < closing)
    }

    /// `at` when it is working time, else the next opening.
    pub fn next_open(&self, zone: &Zone, at: Instant) -> Instant {
        let found = self.days_open(zone, at, true).find(|(_, closing)| at < *closing);
        found.map_or(at, |(opening, _)| at.max(opening))
    }

    /// `at` when it is working time or a closing instant, else the last closing.
    fn last_open(&self, zone: &Zone, at: Instant) -> Instant {
        let found = self.days_open(zone, at, false).find(|(opening, _)| *opening <= at);
        found.map_or(at, |(_, closing)| at.min(closing))
    }

    /// The instant that lies `span` after `at` (before it, when negative).
    ///
    /// Elapsed time is unaffected by zone and calendar. Calendar days keep the local time of day; a time that the change
    /// of a clock skips is taken after the gap, and one that happens twice, the first time.
    ///
    /// Working days count the dates of this calendar: what comes after closing time, or on a day off, starts at the next
    /// opening (counting back: at the last closing). The local time of day is kept as far as the day found is open then.
    /// Working hours pass only while the calendar is open; a closing instant counts as the end of its day.
    pub fn add(&self, zone: &Zone, at: Instant, span: Span) -> Instant {
        match span {
            Span::Elapsed(ms) => at.plus_ms(ms),
            Span::Days(days) => {
                let local = at.timestamp().to_zoned(zone.rules());
                local.checked_add(days.days()).map_or(at, |zoned| Instant::from_timestamp(zoned.timestamp()))
            }
            Span::WorkingDays(0) | Span::WorkingHours(0) => at,
            Span::WorkingDays(days) => self.add_working_days(zone, at, days),
            Span::WorkingHours(hours) => self.add_working_hours(zone, at, i64::from(hours) * HOUR_MS),
        }
    }

    fn add_working_days(&self, zone: &Zone, at: Instant, days: i32) -> Instant {
        let onward = days > 0;
        let start = if onward { self.next_open(zone, at) } else { self.last_open(zone, at) };
        let local = start.timestamp().to_zoned(zone.rules());
        let mut left = days.unsigned_abs();
        for date in dates(local.date(), onward).skip(1) {
            let Some(hours) = self.hours_on(date) else { continue };
            left -= 1;
            if left == 0 {
                return instant(zone, date, local.time().clamp(hours.from, hours.to));
            }
        }
        // Nobody ever works: plain days, so that what is due does become due.
        self.add(zone, at, Span::Days(days))
    }

    fn add_working_hours(&self, zone: &Zone, at: Instant, ms: i64) -> Instant {
        let onward = ms > 0;
        let mut left = ms.abs();
        for (opening, closing) in self.days_open(zone, at, onward) {
            let (from, to) = if onward { (at.max(opening), closing) } else { (opening, at.min(closing)) };
            let open_ms = to.since_ms(from).max(0);
            if left <= open_ms {
                return if onward { from.plus_ms(left) } else { to.plus_ms(-left) };
            }
            left -= open_ms;
        }
        // Nobody ever works: elapsed time, so that what is due does become due.
        at.plus_ms(ms)
    }

    /// Opening and closing of each working day from the date of `at` on, or back.
    fn days_open<'a>(&'a self, zone: &'a Zone, at: Instant, onward: bool) -> impl Iterator<Item = (Instant, Instant)> + 'a {
        dates(at.local_date(zone), onward).filter_map(|date| self.open_on(zone, date))
    }

    fn open_on(&self, zone: &Zone, date: Date) -> Option<(Instant, Instant)> {
        let hours = self.hours_on(date)?;
        Some((instant(zone, date, hours.from), instant(zone, date, hours.to)))
    }
}

/// That date and those after it, or before it.
fn dates(from: Date, onward: bool) -> impl Iterator<Item = Date> {
    let next = move |date: &Date| if onward { date.tomorrow().ok() } else { date.yesterday().ok() };
    std::iter::successors(Some(from), next).take(SEARCH_DAYS as usize)
}

/// A local time that a change of the clock skips is taken after the gap; one that happens twice, the first time.
pub(in crate::domain) fn instant(zone: &Zone, date: Date, time: Time) -> Instant {
    date.to_datetime(time).to_zoned(zone.rules()).map_or(Instant::from_ms(0), |zoned| Instant::from_timestamp(zoned.timestamp()))
}
