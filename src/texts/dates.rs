//! Instants and lengths of time as people read them. The zone and both instants are handed in; nothing asks for the time.

use super::{Value, text_with};
use crate::domain::{
    locale::Locale,
    time::{Instant, Zone},
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The date and the time of day at that zone, with its offset named: `20 novembre 2026 à 09:12 (UTC+0)`.
/// Arabic has the Moroccan names of months and Western digits.
pub fn date_time(locale: Locale, at: Instant, zone: &Zone) -> String {
    let local = at.timestamp().to_zoned(zone.rules());
    let values: [(&str, Value<'_>); 5] = [
        ("day", i64::from(local.day()).into()),
        ("month", i64::from(local.month()).into()),
        ("year", local.year().to_string().into()),
        ("time", format!("{:02}:{:02}", local.hour(), local.minute()).into()),
        ("offset", offset_name(local.offset().seconds()).into()),
    ];
    text_with(locale, "date-time", &values)
}

/// A length of time in its largest unit, rounded down: `3 days`. Its sign is not shown.
pub fn span(locale: Locale, ms: i64) -> String {
    let ms = ms.saturating_abs();
    let (key, count) = if ms >= 2 * DAY_MS {
        ("span-days", ms / DAY_MS)
    } else if ms >= HOUR_MS {
        ("span-hours", ms / HOUR_MS)
    } else {
        ("span-minutes", ms / MINUTE_MS)
    };
    text_with(locale, key, &[("count", count.into())])
}

fn offset_name(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    match minutes % 60 {
        0 => format!("UTC{sign}{}", minutes / 60),
        rest => format!("UTC{sign}{}:{rest:02}", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn each_language_writes_dates_in_its_own_way() {
        let casablanca = Zone::named("Africa/Casablanca").unwrap();
        let then = at("2026-11-20T09:12:59Z");
        assert_eq!(date_time(Locale::Fr, then, &casablanca), "20 novembre 2026 à 09:12 (UTC+0)");
        assert_eq!(date_time(Locale::En, then, &casablanca), "20 November 2026 at 09:12 (UTC+0)");
        assert_eq!(date_time(Locale::Ar, then, &casablanca), "20 نونبر 2026 على الساعة 09:12 (UTC+0)");
        assert_eq!(date_time(Locale::Fr, at("2026-08-01T05:00:00Z"), &casablanca), "1er août 2026 à 06:00 (UTC+1)");
    }

    #[test]
    fn moroccan_months_are_named_as_in_morocco() {
        let names = ["يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"];
        for (month, name) in (1..).zip(names) {
            let text = date_time(Locale::Ar, at(&format!("2027-{month:02}-15T12:00:00Z")), &Zone::utc());
            assert!(text.starts_with(&format!("15 {name} 2027 ")), "{text}");
        }
    }

    #[test]
    fn offsets_of_half_hours_and_of_the_west_are_named() {
        let offset = |zone: &str| date_time(Locale::En, at("2026-11-20T09:12:00Z"), &Zone::named(zone).unwrap());
        assert!(offset("Asia/Kolkata").ends_with("14:42 (UTC+5:30)"));
        assert!(offset("America/St_Johns").ends_with("05:42 (UTC-3:30)"));
    }

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        assert_eq!(span(Locale::En, 3 * DAY_MS + HOUR_MS), "3 days");
        assert_eq!(span(Locale::Fr, 47 * HOUR_MS), "47 heures");
        assert_eq!(span(Locale::Ar, -2 * DAY_MS), "يومين");
        assert_eq!(span(Locale::En, 59_999), "less than a minute");
    }
}
