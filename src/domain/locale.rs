//! The three languages people are spoken to in. The texts themselves are in `texts`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language of a person, a mail or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// Arabic as written in Morocco: right to left, Western digits, Moroccan month names.
    Ar,
    /// French.
    Fr,
    /// English.
    #[default]
    En,
}

impl Locale {
    /// All languages, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Ar, Self::Fr, Self::En];

    /// The language tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The best of our languages for an `Accept-Language` header (RFC 4647 look-up by primary tag), English when none fits.
    pub fn accepted(header: &str) -> Self {
        let mut wanted: Vec<(u16, Self)> = header
            .split(',')
            .filter_map(|part| {
                let mut pieces = part.split(';');
                let tag = pieces.next()?.trim();
                let quality = pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
                let locale = tag.get(..2)?.to_ascii_lowercase().parse().ok()?;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a quality is clamped to 0..=1 first"
                )]
                Some(((quality.clamp(0.0, 1.0) * 1000.0) as u16, locale))
            })
            .filter(|(quality, _)| *quality > 0)
            .collect();
        wanted.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        wanted.first().map_or(Self::En, |(_, locale)| *locale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The text named no language of ours.
#[derive(Debug, thiserror::Error)]
#[error("write ar, fr or en")]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|locale| locale.tag() == text).ok_or(UnknownLocale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wanted_of_our_languages_is_chosen() {
        assert_eq!(Locale::accepted("ar-MA,fr;q=0.8"), Locale::Ar);
        assert_eq!(Locale::accepted("de, fr-FR;q=0.5, en;q=0.4"), Locale::Fr);
        assert_eq!(Locale::accepted("fr;q=0, en"), Locale::En);
        assert_eq!(Locale::accepted("العربية, é;q=x"), Locale::En);
    }
}
