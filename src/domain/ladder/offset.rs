//! When a step comes: counted from the due instant, from the start of the clock, or as a part of the time between them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Reckoning;
use crate::domain::{
    span::{NotASpan, Span},
    time::Instant,
};

/// An instant in a clock's life, or the length of a repeat. Written `-P2BD` or `PT4H` (from the due instant), `start+P2D`
/// (from the start), `50%` (half of the time there is).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Offset {
    /// So long after the due instant; before it when negative.
    Due(Span),
    /// So long after the start.
    Start(Span),
    /// So many hundredths of the time from start to due, counted from the start: 100 is the due instant, 200 as long again.
    Percent(u16),
}

/// The most hundredths that can be written: twenty times as long again.
const MOST_PERCENT: u16 = 2_000;
/// A clock that was set for the moment it started has no length to take parts of; parts are then of a minute.
const SHORTEST_MS: i64 = 60_000;

impl Offset {
    /// At the due instant.
    pub const ZERO: Self = Self::Due(Span::ZERO);

    /// Whether it lies before the due instant of every clock, or may do.
    pub const fn may_come_before_due(self) -> bool {
        match self {
            Self::Due(span) => span.is_negative(),
            Self::Start(_) => true,
            Self::Percent(percent) => percent < 100,
        }
    }

    /// Whether it is a length of time above zero, as a repeat needs one.
    pub const fn is_a_length(self) -> bool {
        match self {
            Self::Due(span) => span.is_positive(),
            Self::Start(_) => false,
            Self::Percent(percent) => percent > 0,
        }
    }

    /// The instant for a clock that runs from `start` to `due`.
    pub fn at(self, start: Instant, due: Instant, by: Reckoning<'_>) -> Instant {
        match self {
            Self::Due(span) => by.calendar.add(by.zone, due, span),
            Self::Start(span) => by.calendar.add(by.zone, start, span),
            Self::Percent(percent) => start.plus_ms(part(start, due, percent, 1)),
        }
    }

    /// `from`, and this length `n` times after it.
    pub fn repeated(self, from: Instant, n: u32, (start, due): (Instant, Instant), by: Reckoning<'_>) -> Instant {
        match self {
            Self::Due(span) | Self::Start(span) => by.calendar.add(by.zone, from, span.times(n)),
            Self::Percent(percent) => from.plus_ms(part(start, due, percent, n)),
        }
    }
}

fn part(start: Instant, due: Instant, percent: u16, times: u32) -> i64 {
    let length = due.since_ms(start).max(SHORTEST_MS);
    let parts = i128::from(length) * i128::from(percent) * i128::from(times) / 100;
    i64::try_from(parts).unwrap_or(i64::MAX)
}

impl FromStr for Offset {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(percent) = text.strip_suffix('%') {
            let digits = !percent.is_empty() && percent.bytes().all(|byte| byte.is_ascii_digit());
            let percent = percent.parse().ok().filter(|percent| digits && *percent <= MOST_PERCENT);
            return percent.map(Self::Percent).ok_or(NotASpan);
        }
        match text.strip_prefix("start+") {
            Some(span) => span.parse().ok().filter(|span: &Span| !span.is_negative()).map(Self::Start).ok_or(NotASpan),
            None => text.parse().map(Self::Due),
        }
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Due(span) => write!(f, "{span}"),
            Self::Start(span) => write!(f, "start+{span}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl Serialize for Offset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::tests::{casablanca, office};

    fn at(offset: &str, hours: i64) -> i64 {
        let (office, zone) = (office(), casablanca());
        let by = Reckoning { calendar: &office, zone: &zone, quiet: None };
        let (start, due) = (Instant::from_ms(0), Instant::from_ms(hours * 3_600_000));
        offset.parse::<Offset>().unwrap().at(start, due, by).ms() / 60_000
    }

    #[test]
    fn parts_are_counted_from_the_start_and_a_hundred_is_the_due_instant() {
        assert_eq!([at("50%", 4), at("100%", 4), at("150%", 4), at("start+PT1H", 4), at("PT1H", 4)], [120, 240, 360, 60, 300]);
        assert_eq!(at("200%", 0), 2, "a clock without length is a minute long");
    }

    #[test]
    fn offsets_read_back_as_written_and_others_are_refused() {
        for text in ["50%", "0%", "2000%", "start+P2D", "-P2BD", "PT4H"] {
            assert_eq!(text.parse::<Offset>().unwrap().to_string(), text);
        }
        for text in ["", "%", "-5%", "+5%", "2001%", "99999%", "50 %", "start", "start+", "start+-P2D", "start-P2D", "due+P1D"] {
            assert_eq!(text.parse::<Offset>(), Err(NotASpan), "{text}");
        }
    }
}
