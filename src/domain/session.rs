//! Signed-in devices and their refresh tokens. Tokens and hashes themselves are made in `operations/sign_in`; what a password
//! must be is `password`, how often one may try is `throttle`.

use super::{
    ids::{MemberId, SessionId},
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

words! {
    /// What somebody proved who they are with.
    pub enum Proof {
        /// A password.
        Password = "password",
        /// A code that an officer or administrator made for them.
        Enrolment = "enrolment",
        /// The organisation's own provider said so (OpenID Connect).
        SingleSignOn = "single_sign_on",
    }
}

/// Why somebody is not let in, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    /// The password is right, and the second factor is missing or not the right one.
    #[error("the second factor is missing or wrong")]
    SecondFactor,
    /// Whoever has this role must set up a second factor before anything else.
    #[error("a second factor must be set up first")]
    SecondFactorFirst,
    /// The sign-in is too long ago for what is asked.
    #[error("the sign-in is too long ago")]
    NotFresh,
    /// The code that should put a phone into service is unknown, was used, or is too old: which of these is not said.
    #[error("the code is not good")]
    Code,
    /// What came back from the provider is not what was asked for.
    #[error("the provider's answer is not good")]
    Provider,
    /// The provider knows them, and nobody here is linked to that.
    #[error("nobody is linked to this identity")]
    Unlinked,
    /// The organisation has no provider.
    #[error("there is no provider")]
    NoProvider,
    /// The provider cannot be asked just now.
    #[error("the provider cannot be reached")]
    ProviderAway,
    /// Too many wrong tries; the wait in milliseconds.
    #[error("too many tries")]
    TooOften(i64),
}

/// For how long after a sign-in one's own password, second factor and identities may be changed (OWASP ASVS 5.0, 7.5.1).
pub const FRESH_MS: i64 = 15 * 60_000;

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
    /// What was shown to sign in.
    pub proof: Proof,
    /// Whether a second factor was shown as well.
    pub second_factor: bool,
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

    /// Whether somebody signed in just now, and not somebody else who found the device later.
    pub fn is_fresh(&self, now: Instant) -> bool {
        now.since_ms(self.created_at) < FRESH_MS
    }

    /// Whether what is asked again, because its answer was lost, would make other tokens of it.
    pub fn could_be_given_again(&self) -> bool {
        self.made_from.is_some() || self.proof == Proof::Enrolment
    }

    /// The answer that carried its tokens was lost before anything of them was used: others take their place.
    #[must_use]
    pub fn given_again(self, next_sha256: [u8; 32], now: Instant) -> Option<Self> {
        let lost = self.is_live(now) && self.pair_used_at.is_none() && self.made_from.is_none();
        lost.then(|| Self { refresh_sha256: next_sha256, refreshed_at: now, pair: self.pair + 1, ..self })
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

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    /// A session on a phone.
    pub fn session() -> Session {
        Session {
            id: SessionId(Uuid::nil()),
            member: MemberId(Uuid::nil()),
            device_id: "phone".into(),
            device_name: "Phone".into(),
            proof: Proof::Password,
            second_factor: false,
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
}
