//! What a password must be (OWASP ASVS 5.0, 6.2): long enough, and none that is guessed first. How it is hashed is in
//! `credentials`, which also knows those that were stolen elsewhere.

use std::{collections::HashSet, sync::LazyLock};

use super::refusal::Refusal;

/// The shortest and longest password, in characters (OWASP ASVS 5.0, 6.2.1 and 6.2.9).
pub const PASSWORD_LENGTHS: std::ops::RangeInclusive<usize> = 8..=256;

/// Passwords that are tried first, one a line, in lower case and in order.
const COMMON: &str = include_str!("common_passwords.txt");

/// Words that may not make up a password even with digits or marks around them, in lower case.
const GUESSED_FIRST: [&str; 24] = [
    "password",
    "passw0rd",
    "motdepasse",
    "changeme",
    "change-me",
    "secret",
    "salama",
    "admin",
    "administrator",
    "welcome",
    "bienvenue",
    "qwerty",
    "azerty",
    "azertyuiop",
    "qwertyuiop",
    "iloveyou",
    "letmein",
    "example",
    "test",
    "demo",
    "default",
    "morocco",
    "maroc",
    "safety",
];

/// Refuses a password that is too short, too long, or guessed first. There are no rules of composition.
pub fn password_is_usable(password: &str, login: &str) -> Result<(), Refusal> {
    let refused = |code| Err(Refusal::invalid("/password", code));
    if !PASSWORD_LENGTHS.contains(&password.chars().count()) {
        return refused("password_length");
    }
    if is_guessed_first(password) || is_common(password) || password.eq_ignore_ascii_case(login) {
        return refused("password_guessed");
    }
    Ok(())
}

/// Whether it is one of the words that are tried first, with digits or marks around it or not, or one character repeated.
pub fn is_guessed_first(secret: &str) -> bool {
    let lower = secret.to_lowercase();
    let core = lower.trim_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let first = lower.chars().next();
    core.is_empty()
        || GUESSED_FIRST.contains(&core)
        || GUESSED_FIRST.contains(&lower.as_str())
        || lower.chars().all(|c| Some(c) == first)
}

/// Whether it is one of those that everybody has (OWASP ASVS 5.0, 6.2.4).
fn is_common(password: &str) -> bool {
    static WORDS: LazyLock<HashSet<&'static str>> =
        LazyLock::new(|| COMMON.lines().filter(|line| !line.starts_with('#')).collect());
    WORDS.contains(password.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_guessed_first_are_refused_and_long_phrases_are_welcome() {
        for weak in [
            "short",
            "sunshine",
            "Corvette",
            "1QAZ2wsx",
            "password",
            "Password1!",
            "changeme2026",
            "12345678",
            "aaaaaaaaaa",
            "SALAMA2026",
            "rachid@example.org",
        ] {
            assert!(password_is_usable(weak, "Rachid@example.org").is_err(), "{weak}");
        }
        for fine in ["correct horse battery", "كلمة سر طويلة جدا", "tr0ub4dor&3 "] {
            assert!(password_is_usable(fine, "rachid@example.org").is_ok(), "{fine}");
        }
    }
}
