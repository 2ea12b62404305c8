//! Signed-in devices and their refresh tokens; what a password must be. Tokens and hashes themselves are made in
//! `operations/sign_in`.

use super::{
    ids::{MemberId, SessionId},
    refusal::Refusal,
    time::Instant,
    words::words,
};

/// How long an access token lives.
pub const ACCESS_SECS: i64 = 600;
/// The most a token may be past its time, for clocks that differ (seconds).
pub const LEEWAY_SECS: i64 = 30;
/// How long a session lives without being refreshed (OWASP ASVS 5.0, 7.3.1).
pub const IDLE_MS: i64 = 30 * 86_400_000;
/// How long a session lives at all (OWASP ASVS 5.0, 10.4.8).
pub const ABSOLUTE_MS: i64 = 90 * 86_400_000;

/// One signed-in device of one member. Only hashes of its refresh tokens are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, `sid` in access tokens.
    pub id: SessionId,
    /// Whose.
    pub member: MemberId,
    /// What the device calls itself; the phone's own id.
    pub device_id: String,
    /// Its name, for people.
    pub device_name: String,
    /// When it signed in.
    pub created_at: Instant,
    /// When it was last refreshed.
    pub refreshed_at: Instant,
    /// Since when it is over.
    pub revoked_at: Option<Instant>,
    /// SHA-256 of the refresh token that is good.
    pub refresh_sha256: [u8; 32],
    /// The number of the pair of tokens that is good, from 0.
    pub pair: i64,
    /// The number of the pair it was made from.
    pub made_from: Option<i64>,
    /// When the pair that is good was first used; none while its answer may have been lost.
    pub pair_used_at: Option<Instant>,
    /// Which writing of the record this is.
    pub version: i64,
}

words! {
    /// How a refresh token came to be good no more.
    pub enum Spent {
        /// A pair was made from it.
        Used = "used",
        /// Its pair was never used: its answer was lost, and another pair took its place.
        Replaced = "replaced",
    }
}

/// A refresh token that somebody presents, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The one that is good.
    Good,
    /// One of that pair, good no more.
    Spent(i64, Spent),
    /// None of this session, and nothing is to be learned from it.
    Unknown,
}

/// What presenting a refresh token means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// It is good: this is the session from now on, and so the token that was good is spent.
    Rotated(Session, Spent),
    /// It was used before, and so was the pair made from it: somebody has a copy, so the whole family ends.
    Stolen(Session),
    /// It opens nothing, and ends nothing.
    Refused,
}

impl Session {
    /// Whether an access token of it is still good.
    pub fn is_live(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && now.since_ms(self.refreshed_at) < IDLE_MS && now.since_ms(self.created_at) < ABSOLUTE_MS
    }

    /// It ends now.
    #[must_use]
    pub fn revoked(self, now: Instant) -> Self {
        Self { revoked_at: self.revoked_at.or(Some(now)), ..self }
    }

    /// Whether an access token of that pair is still good: of the one that is good, or of the one it was made from.
    pub fn knows_pair(&self, pair: i64) -> bool {
        pair == self.pair || self.made_from == Some(pair)
    }

    /// Whether that pair is now used for the first time.
    pub fn is_first_use(&self, pair: i64) -> bool {
        pair == self.pair && self.pair_used_at.is_none()
    }

    /// A refresh token works once, and its second use ends the whole family (OWASP ASVS 5.0, 10.4.5) unless the answer was
    /// lost: while the pair made from it was never used, that pair is replaced by a fresh one.
    pub fn refresh(self, presented: Presented, next_sha256: [u8; 32], now: Instant) -> Refresh {
        if !self.is_live(now) {
            return Refresh::Refused;
        }
        let next =
            Self { refresh_sha256: next_sha256, refreshed_at: now, pair: self.pair + 1, pair_used_at: None, ..self.clone() };
        let unused = self.pair_used_at.is_none();
        match presented {
            Presented::Good => Refresh::Rotated(Self { made_from: Some(self.pair), ..next }, Spent::Used),
            Presented::Spent(pair, Spent::Used) if self.made_from == Some(pair) && unused => {
                Refresh::Rotated(next, Spent::Replaced)
            }
            Presented::Spent(pair, Spent::Replaced) if self.made_from < Some(pair) && unused => {
                Refresh::Rotated(next, Spent::Replaced)
            }
            Presented::Spent(_, Spent::Used) => Refresh::Stolen(self.revoked(now)),
            Presented::Spent(_, Spent::Replaced) | Presented::Unknown => Refresh::Refused,
        }
    }
}

/// The shortest and longest password, in characters (OWASP ASVS 5.0, 6.2.1 and 6.2.9).
pub const PASSWORD_LENGTHS: std::ops::RangeInclusive<usize> = 8..=256;

/// Words that may not make up a password, in lower case: the commonest ones and our own names.
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
    if is_guessed_first(password) || password.eq_ignore_ascii_case(login) {
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session() -> Session {
        Session {
            id: SessionId(Uuid::nil()),
            member: MemberId(Uuid::nil()),
            device_id: "phone".into(),
            device_name: "Phone".into(),
            created_at: Instant::from_ms(0),
            refreshed_at: Instant::from_ms(0),
            revoked_at: None,
            refresh_sha256: [1; 32],
            pair: 0,
            made_from: None,
            pair_used_at: None,
            version: 1,
        }
    }

    #[test]
    fn a_refresh_token_works_once_and_its_second_use_ends_the_family() {
        let now = Instant::from_ms(10);
        let Refresh::Rotated(next, Spent::Used) = session().refresh(Presented::Good, [2; 32], now) else { panic!("refused") };
        let used = Session { pair_used_at: Some(now), ..next };
        let Refresh::Stolen(dead) = used.refresh(Presented::Spent(0, Spent::Used), [3; 32], now) else { panic!("used twice") };
        assert_eq!(dead.refresh(Presented::Good, [4; 32], now), Refresh::Refused);
    }

    #[test]
    fn a_lost_answer_is_given_again_until_one_was_used() {
        let now = Instant::from_ms(10);
        let Refresh::Rotated(lost, Spent::Used) = session().refresh(Presented::Good, [2; 32], now) else { panic!("refused") };
        let again = lost.refresh(Presented::Spent(0, Spent::Used), [3; 32], now);
        let Refresh::Rotated(second, Spent::Replaced) = again else { panic!("{again:?}") };
        assert!(second.knows_pair(0) && !second.knows_pair(1) && second.knows_pair(2), "what was replaced opens nothing");
        let sibling = second.clone().refresh(Presented::Spent(1, Spent::Replaced), [4; 32], now);
        assert!(matches!(sibling, Refresh::Rotated(..)), "nobody knows which of the two answers came: {sibling:?}");
        let used = Session { pair_used_at: Some(now), ..second };
        assert_eq!(used.clone().refresh(Presented::Spent(1, Spent::Replaced), [4; 32], now), Refresh::Refused);
        assert!(matches!(used.refresh(Presented::Spent(0, Spent::Used), [4; 32], now), Refresh::Stolen(_)));
    }

    #[test]
    fn nonsense_opens_nothing_and_ends_nothing() {
        assert_eq!(session().refresh(Presented::Unknown, [2; 32], Instant::from_ms(10)), Refresh::Refused);
    }

    #[test]
    fn a_session_ends_after_thirty_idle_days_and_after_ninety_in_all() {
        assert!(!session().is_live(Instant::from_ms(IDLE_MS)));
        let busy = Session { refreshed_at: Instant::from_ms(ABSOLUTE_MS - 1), ..session() };
        assert!(busy.is_live(Instant::from_ms(ABSOLUTE_MS - 1)));
        assert!(!busy.is_live(Instant::from_ms(ABSOLUTE_MS)));
    }

    #[test]
    fn passwords_that_are_guessed_first_are_refused_and_long_phrases_are_welcome() {
        for weak in
            ["short", "password", "Password1!", "changeme2026", "12345678", "aaaaaaaaaa", "SALAMA2026", "rachid@example.org"]
        {
            assert!(password_is_usable(weak, "Rachid@example.org").is_err(), "{weak}");
        }
        for fine in ["correct horse battery", "كلمة سر طويلة جدا", "tr0ub4dor&3 "] {
            assert!(password_is_usable(fine, "rachid@example.org").is_ok(), "{fine}");
        }
    }
}
