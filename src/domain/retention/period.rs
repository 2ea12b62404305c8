//! A length of time as the calendar counts it: years, months and days. What a span within a record is, is `span`'s.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::domain::time::{Instant, Zone};

/// Years, months and days, of a hundred years at most. Written as in ISO 8601-1: `P10Y`, `P1Y6M`, `P90D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    years: i16,
    months: i32,
    days: i32,
}

/// The text is no such length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a length of time such as P10Y, P6M or P90D, of a hundred years at most")]
pub struct NotAPeriod;

impl Period {
    /// This long after an instant, at the same time of day of that zone.
    pub fn after(self, from: Instant, zone: &Zone) -> Instant {
        let then = from.timestamp().to_zoned(zone.rules()).checked_add(self.span());
        then.map_or(Instant::from_ms(i64::MAX), |then| Instant::from_timestamp(then.timestamp()))
    }

    /// This long before an instant, at the same time of day of that zone.
    pub fn before(self, until: Instant, zone: &Zone) -> Instant {
        let then = until.timestamp().to_zoned(zone.rules()).checked_sub(self.span());
        then.map_or(Instant::from_ms(0), |then| Instant::from_timestamp(then.timestamp()))
    }

    /// How many days it is at the least.
    pub const fn days_at_least(self) -> i32 {
        self.years as i32 * 365 + self.months * 28 + self.days
    }

    fn span(self) -> jiff::Span {
        jiff::Span::new().years(self.years).months(self.months).days(self.days)
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let span: jiff::Span = text.parse().map_err(|_| NotAPeriod)?;
        let (years, months, days) = (span.get_years(), span.get_months(), span.get_days());
        let fits = (0..=100).contains(&years) && (0..=1_200).contains(&months) && (0..=36_525).contains(&days);
        let period = Self { years, months, days };
        if fits && period.days_at_least() <= 36_525 && period.span().fieldwise() == span { Ok(period) } else { Err(NotAPeriod) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.span().fmt(f)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
