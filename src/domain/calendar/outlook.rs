//! Whether the calendars are ready for what comes: a year without its holidays, or a feast whose date is still computed
//! shortly before it, would move due instants in silence.

use jiff::{ToSpan, civil::Date};

use super::{Calendars, HolidayStatus};
use crate::domain::words::words;

words! {
    /// What is not ready.
    pub enum ConcernKind {
        /// The year has no holidays at all.
        YearMissing = "year_missing",
        /// The holiday is near, and its date is still provisional.
        StillProvisional = "still_provisional",
    }
}

/// Something that somebody must enter into a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    /// The code of the calendar.
    pub calendar: String,
    /// What is not ready.
    pub kind: ConcernKind,
    /// The first date it is about.
    pub date: Date,
    /// The holiday's name, if it is about one.
    pub name: Option<String>,
}

/// From this month on, the next year's holidays are expected: decrees and computed feasts are out by then.
const NEXT_YEAR_FROM_MONTH: i8 = 10;
/// So many days before a holiday its date should be settled.
const SETTLED_DAYS: i32 = 10;

impl Calendars {
    /// What is not ready as of that local date, by calendar and date.
    pub fn concerns(&self, today: Date) -> Vec<Concern> {
        let near = today.checked_add(SETTLED_DAYS.days()).unwrap_or(today);
        let next = (today.month() >= NEXT_YEAR_FROM_MONTH).then(|| today.year().saturating_add(1));
        let years: Vec<i16> = std::iter::once(today.year()).chain(next).collect();
        let mut concerns = Vec::new();
        for (code, calendar) in &self.calendars {
            let known = |year: &i16| calendar.holidays.iter().any(|holiday| holiday.date.year() == *year);
            for year in years.iter().filter(|year| !known(year)) {
                let date = Date::new(*year, 1, 1).unwrap_or(today);
                concerns.push(Concern { calendar: code.clone(), kind: ConcernKind::YearMissing, date, name: None });
            }
            let unsettled = calendar.holidays.iter().filter(|holiday| holiday.status == HolidayStatus::Provisional);
            for holiday in unsettled.filter(|holiday| (today..=near).contains(&holiday.date)) {
                let (kind, name) = (ConcernKind::StillProvisional, Some(holiday.name.clone()));
                concerns.push(Concern { calendar: code.clone(), kind, date: holiday.date, name });
            }
        }
        concerns
    }
}
