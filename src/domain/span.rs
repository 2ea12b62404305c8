//! A length of time as rules write it: elapsed, calendar days, working days or working hours. What working time is, is the
//! calendar's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A signed length of time. Written as in ISO 8601-1, with `BD` for working days and `WH` for working
/// hours: `PT4H`, `-P7D`, `P2BD`, `PT8WH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Milliseconds that pass, whatever the calendar says.
    Elapsed(i64),
    /// Local dates, at the same time of day.
    Days(i32),
    /// Days of the site's calendar that are neither weekly rest nor holiday.
    WorkingDays(i32),
    /// Hours that pass only while the site's calendar is open.
    WorkingHours(i32),
}

/// The text is no length of time of at most ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a length of time such as PT4H, P5D, P2BD or PT8WH")]
pub struct NotASpan;

const LONGEST_DAYS: i32 = 3660;
/// Ten years of eight hours on five days a week.
const LONGEST_WORKING_HOURS: u16 = 20_800;
const LONGEST_MS: i64 = LONGEST_DAYS as i64 * 86_400_000;

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self::Elapsed(0);

    /// Whether it lies before the instant it is counted from.
    pub const fn is_negative(self) -> bool {
        match self {
            Self::Elapsed(ms) => ms < 0,
            Self::Days(n) | Self::WorkingDays(n) | Self::WorkingHours(n) => n < 0,
        }
    }

    /// Whether it moves time on.
    pub const fn is_positive(self) -> bool {
        match self {
            Self::Elapsed(ms) => ms > 0,
            Self::Days(n) | Self::WorkingDays(n) | Self::WorkingHours(n) => n > 0,
        }
    }

    /// Whether it is the same whatever the calendar and the zone say.
    pub const fn is_elapsed(self) -> bool {
        matches!(self, Self::Elapsed(_))
    }

    /// This many times as long.
    #[must_use]
    pub fn times(self, n: u32) -> Self {
        let many = |one: i32| one.saturating_mul(i32::try_from(n).unwrap_or(i32::MAX));
        match self {
            Self::Elapsed(ms) => Self::Elapsed(ms.saturating_mul(i64::from(n))),
            Self::Days(days) => Self::Days(many(days)),
            Self::WorkingDays(days) => Self::WorkingDays(many(days)),
            Self::WorkingHours(hours) => Self::WorkingHours(many(hours)),
        }
    }
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        if let Some(days) = digits.strip_prefix('P').and_then(|rest| rest.strip_suffix("BD")) {
            let days: u16 = days.parse().map_err(|_| NotASpan)?;
            return bounded_days(sign * i32::from(days)).map(Self::WorkingDays);
        }
        if let Some(hours) = digits.strip_prefix("PT").and_then(|rest| rest.strip_suffix("WH")) {
            let hours: u16 = hours.parse().map_err(|_| NotASpan)?;
            return if hours <= LONGEST_WORKING_HOURS { Ok(Self::WorkingHours(sign * i32::from(hours))) } else { Err(NotASpan) };
        }
        let span: jiff::Span = text.parse().map_err(|_| NotASpan)?;
        if span.get_years() != 0 || span.get_months() != 0 {
            return Err(NotASpan);
        }
        let days = span.get_weeks().checked_mul(7).and_then(|weeks| weeks.checked_add(span.get_days())).ok_or(NotASpan)?;
        let ms = i64::from(span.get_hours()) * 3_600_000
            + span.get_minutes().checked_mul(60_000).ok_or(NotASpan)?
            + span.get_seconds().checked_mul(1000).ok_or(NotASpan)?
            + span.get_milliseconds();
        match (days, ms) {
            (0, ms) if ms.abs() <= LONGEST_MS => Ok(Self::Elapsed(ms)),
            (days, 0) => bounded_days(days).map(Self::Days),
            _ => Err(NotASpan),
        }
    }
}

fn bounded_days(days: i32) -> Result<i32, NotASpan> {
    if days.abs() <= LONGEST_DAYS { Ok(days) } else { Err(NotASpan) }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        match *self {
            Self::Days(days) => write!(f, "{sign}P{}D", days.abs()),
            Self::WorkingDays(days) => write!(f, "{sign}P{}BD", days.abs()),
            Self::WorkingHours(hours) => write!(f, "{sign}PT{}WH", hours.abs()),
            Self::Elapsed(ms) => {
                let (seconds, ms) = (ms.abs() / 1000, ms.abs() % 1000);
                let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
                write!(f, "{sign}PT")?;
                if hours > 0 {
                    write!(f, "{hours}H")?;
                }
                if minutes > 0 {
                    write!(f, "{minutes}M")?;
                }
                match (seconds, ms) {
                    (0, 0) if hours > 0 || minutes > 0 => Ok(()),
                    (seconds, 0) => write!(f, "{seconds}S"),
                    (seconds, ms) => write!(f, "{seconds}.{ms:03}S"),
                }
            }
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_are_read_as_written() {
        assert_eq!("PT4H".parse(), Ok(Span::Elapsed(14_400_000)));
        assert_eq!("-PT30S".parse(), Ok(Span::Elapsed(-30_000)));
        assert_eq!("P1W".parse(), Ok(Span::Days(7)));
        assert_eq!("-P2BD".parse(), Ok(Span::WorkingDays(-2)));
        assert_eq!("PT8WH".parse(), Ok(Span::WorkingHours(8)));
        assert_eq!("-PT4WH".parse(), Ok(Span::WorkingHours(-4)));
        for text in [
            "",
            "P",
            "4H",
            "P1M",
            "P1Y",
            "P1DT4H",
            "PBD",
            "P99999BD",
            "P99999D",
            "PT99999999H",
            "PTWH",
            "P8WH",
            "PT1.5WH",
            "PT99999WH",
            "tomorrow",
        ] {
            assert_eq!(text.parse::<Span>(), Err(NotASpan), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(ms in -LONGEST_MS..LONGEST_MS, days in -LONGEST_DAYS..LONGEST_DAYS) {
            let spans = [Span::Elapsed(ms), Span::WorkingDays(days), Span::WorkingHours(days)];
            for span in spans {
                prop_assert_eq!(span.to_string().parse(), Ok(span));
            }
            prop_assume!(days != 0);
            prop_assert_eq!(Span::Days(days).to_string().parse(), Ok(Span::Days(days)));
        }
    }
}
