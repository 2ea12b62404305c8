//! Instants and lengths of time. An instant is UTC to the millisecond; a zone comes in only where a person reads or a
//! calendar counts. Nothing here asks what time it is.

use std::{fmt, str::FromStr};

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(i64);

/// The text or number is no instant between the years 1970 and 9998.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write an instant with its offset, such as 2026-11-20T09:12:00Z")]
pub struct NotAnInstant;

const LATEST_MS: i64 = 253_370_764_800_000; // 9999-01-01T00:00:00Z

impl Instant {
    /// From milliseconds since 1970. Out of range values are brought to the nearest end.
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(0, LATEST_MS))
    }

    /// Milliseconds since 1970.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This many milliseconds later (earlier when negative).
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self::from_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The same instant for the calendar library.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// From the calendar library, cut to the millisecond.
    pub fn from_timestamp(at: jiff::Timestamp) -> Self {
        Self::from_ms(at.as_millisecond())
    }

    /// The date a person at that zone writes.
    pub fn local_date(self, zone: &Zone) -> jiff::civil::Date {
        self.timestamp().to_zoned(zone.rules()).date()
    }

    /// The date and time of day a clock on the wall shows at that zone.
    pub fn local(self, zone: &Zone) -> jiff::civil::DateTime {
        self.timestamp().to_zoned(zone.rules()).datetime()
    }

    /// The text a person at that zone reads, with its offset: `2026-11-20T09:12:00+00:00`.
    pub fn local_text(self, zone: &Zone) -> String {
        self.timestamp().to_zoned(zone.rules()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % 1000 == 0 { write!(f, "{:.0}", self.timestamp()) } else { write!(f, "{:.3}", self.timestamp()) }
    }
}

impl FromStr for Instant {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let at: jiff::Timestamp = text.parse().map_err(|_| NotAnInstant)?;
        let ms = at.as_millisecond();
        if (0..LATEST_MS).contains(&ms) { Ok(Self(ms)) } else { Err(NotAnInstant) }
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A time zone of the bundled database, never the machine's own copy: a stale one is an hour wrong in Morocco today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The database knows no such zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time zone; write a name such as Africa/Casablanca")]
pub struct UnknownZone(pub String);

impl Zone {
    /// The zone of that IANA name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        TimeZoneDatabase::bundled().get(name).map(Self).map_err(|_| UnknownZone(name.to_owned()))
    }

    /// Coordinated Universal Time.
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The rules, for the calendar library.
    pub fn rules(&self) -> TimeZone {
        self.0.clone()
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::named(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The bundled zone data is older than 2026c, the first that knows Morocco's permanent UTC+0.
#[derive(Debug, thiserror::Error)]
#[error("the bundled time-zone data is older than 2026c: Morocco would be an hour wrong")]
pub struct StaleZoneData;

/// Proves that the bundled zone data knows of Morocco's change of 2026-09-20 (tz database 2026c, 2026-07-08). An older one
/// still has +01:00 in the November after it and in the summer after that.
pub fn zone_data_is_current() -> Result<(), StaleZoneData> {
    knows_of_utc_for_good(&Zone::named("Africa/Casablanca").map_err(|_| StaleZoneData)?)
}

fn knows_of_utc_for_good(casablanca: &Zone) -> Result<(), StaleZoneData> {
    for noon in ["2026-11-21T12:00:00", "2027-06-01T12:00:00"] {
        let at: Instant = format!("{noon}Z").parse().map_err(|_| StaleZoneData)?;
        if at.local_text(casablanca) != format!("{noon}+00:00") {
            return Err(StaleZoneData);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn casablanca(text: &str) -> String {
        text.parse::<Instant>().unwrap().local_text(&Zone::named("Africa/Casablanca").unwrap())
    }

    #[test]
    fn morocco_left_utc_plus_one_for_good_on_20_september_2026() {
        zone_data_is_current().unwrap();
        assert_eq!(casablanca("2026-09-20T00:59:59Z"), "2026-09-20T01:59:59+01:00");
        assert_eq!(casablanca("2026-09-20T01:00:00Z"), "2026-09-20T01:00:00+00:00");
        assert_eq!(casablanca("2026-11-21T12:00:00Z"), "2026-11-21T12:00:00+00:00");
        assert_eq!(casablanca("2027-03-01T12:00:00Z"), "2027-03-01T12:00:00+00:00");
        assert_eq!(casablanca("2027-06-01T12:00:00Z"), "2027-06-01T12:00:00+00:00");
    }

    #[test]
    fn zone_data_that_still_has_morocco_at_utc_plus_one_is_refused() {
        let before_2026c = Zone(TimeZone::posix("<+01>-1").unwrap());
        assert!(knows_of_utc_for_good(&before_2026c).is_err());
        let summer_only = Zone(TimeZone::posix("<+00>0<+01>,M4.1.0,M10.1.0").unwrap());
        assert!(knows_of_utc_for_good(&summer_only).is_err());
    }

    #[test]
    fn an_instant_reads_back_as_written_and_refuses_what_is_none() {
        for text in ["2026-11-20T09:12:00Z", "2026-11-20T09:12:00.125Z"] {
            assert_eq!(text.parse::<Instant>().unwrap().to_string(), text);
        }
        for text in
            ["2026-11-20", "2026-11-20T09:12:00", "2026-13-01T00:00:00Z", "-000001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", ""]
        {
            assert_eq!(text.parse::<Instant>(), Err(NotAnInstant), "{text}");
        }
    }
}
