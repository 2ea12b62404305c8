//! What people write in their own words: trimmed, not empty, not endless, and fit for both databases.

use std::borrow::Cow;

use super::refusal::Refusal;

/// The longest outcome, note or comment, in characters.
pub const LONG: usize = 4_000;
/// The longest reason, in characters.
pub const SHORT: usize = 1_000;

/// The text without the space around it, of at most `most` characters.
pub fn prose(pointer: impl Into<Cow<'static, str>>, text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Refusal::invalid(pointer, "empty")),
        _ if text.contains('\0') => Err(Refusal::invalid(pointer, "has_nul")),
        n if n > most => Err(Refusal::invalid(pointer, "too_long")),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_trimmed_and_neither_empty_nor_endless_nor_broken() {
        assert_eq!(prose("/reason", "  so ", 2), Ok("so".into()));
        for (text, code) in [(" \n", "empty"), ("a\0b", "has_nul"), ("abc", "too_long")] {
            assert_eq!(prose("/reason", text, 2), Err(Refusal::invalid("/reason", code)));
        }
    }
}
