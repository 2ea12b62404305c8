//! Which days and hours people work. The tables themselves are data of the organisation; counting over them is
//! `counting`'s, and whether they are ready for what comes is `outlook`'s. The zone comes from the site.

mod counting;
mod outlook;
#[cfg(test)]
pub(super) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

pub(super) use self::counting::instant;
pub use self::outlook::{Concern, ConcernKind};
use super::{
    ids::MemberId,
    refusal::{FieldErrors, Refusal},
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
    /// Where the date is from: a decree, a computation, an announcement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Who confirmed it: needed where it is announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<MemberId>,
}

/// Other hours between two dates, both included, such as those of Ramadan. Where two overlap, the first counts.
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

/// Working time of the sites and crews that name this calendar.
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

/// The document: calendars by their codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Calendars {
    /// Each calendar by its code, as sites and crews name it.
    pub calendars: BTreeMap<String, Calendar>,
}

impl Calendars {
    /// Refuses a calendar without working time, hours that end before they begin, and an announcement nobody answers for.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        if self.calendars.is_empty() {
            errors.add("/calendars", "empty");
        }
        for (code, calendar) in &self.calendars {
            if calendar.week.is_empty() {
                errors.add(format!("/calendars/{code}/week"), "empty");
            }
            calendar.check(&format!("/calendars/{code}"), &mut errors);
        }
        errors.none()
    }
}

impl Calendar {
    fn check(&self, at: &str, errors: &mut FieldErrors) {
        check_week(&self.week, &format!("{at}/week"), errors);
        for (n, special) in self.special_hours.iter().enumerate() {
            if special.from > special.to {
                errors.add(format!("{at}/special_hours/{n}/to"), "ends_before_it_begins");
            }
            check_week(&special.week, &format!("{at}/special_hours/{n}/week"), errors);
        }
        let mut dates = BTreeSet::new();
        for (n, holiday) in self.holidays.iter().enumerate() {
            if !dates.insert(holiday.date) {
                errors.add(format!("{at}/holidays/{n}/date"), "stands_twice");
            }
            if holiday.status != HolidayStatus::Announced {
                continue;
            }
            if holiday.source.as_deref().is_none_or(|source| source.trim().is_empty()) {
                errors.add(format!("{at}/holidays/{n}/source"), "empty");
            }
            if holiday.confirmed_by.is_none() {
                errors.add(format!("{at}/holidays/{n}/confirmed_by"), "missing");
            }
        }
    }

    /// The working hours of that date; none on weekly rest and holidays.
    pub fn hours_on(&self, date: Date) -> Option<Hours> {
        if self.holidays.iter().any(|holiday| holiday.date == date) {
            return None;
        }
        let special = self.special_hours.iter().find(|special| (special.from..=special.to).contains(&date));
        special.map_or(&self.week, |special| &special.week).get(&Day::of(date.weekday())).copied()
    }
}

fn check_week(week: &Week, at: &str, errors: &mut FieldErrors) {
    for (day, hours) in week {
        if hours.from >= hours.to {
            errors.add(format!("{at}/{day}"), "ends_before_it_begins");
        }
    }
}

impl Day {
    /// The day of the calendar library.
    pub const fn of(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}
