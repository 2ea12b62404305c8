//! What became of one attempt to hand a mail to the relay, what is heard of it later, and when to try again.
//! The classes are those of RFC 5321 section 4.2.1 and 4.5.4.1; the conversation itself is in `mail`.

use super::{notice::NoticeState, time::Instant, words::words};

/// The relay's answer, sorted by what must follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took responsibility; its reply is kept, as it names its queue id.
    Accepted {
        /// The relay's own words.
        reply: String,
    },
    /// No connection, a 4xx, or an end before the final dot: the same mail again later.
    Transient {
        /// What happened, without an address or a name.
        why: String,
    },
    /// A 4xx to the recipient, as greylisting gives: the same mail again, but not before five minutes are over.
    Greylisted {
        /// What happened, without an address or a name.
        why: String,
    },
    /// A 5xx to the recipient: this address will not do; the next person is told now.
    AddressRefused {
        /// What happened, without an address or a name.
        why: String,
    },
    /// A 5xx to the message, or a message that cannot be built: repeating it is no use.
    MessageRefused {
        /// What happened, without an address or a name.
        why: String,
    },
    /// Sign-in refused, no TLS where it is demanded, wrong certificate: no mail can go until somebody mends it.
    Misconfigured {
        /// What happened, without an address or a name.
        why: String,
    },
    /// Silence after the final dot: it may have been accepted. The same mail again, under the same Message-ID.
    Unknown {
        /// What happened, without an address or a name.
        why: String,
    },
}

words! {
    /// What happens to the mail of a notice.
    pub enum Event {
        /// It was taken from the queue to be sent.
        Attempted = "attempted",
        /// The relay took it.
        Accepted = "accepted",
        /// Not this time; it is tried again.
        NotYet = "not_yet",
        /// Nobody knows whether the relay took it; it is sent again as the same mail.
        Unknown = "unknown",
        /// The relay refuses the address.
        AddressRefused = "address_refused",
        /// The relay refuses the mail, or none could be made.
        MessageRefused = "message_refused",
        /// Nothing can be sent until the configuration is mended.
        Misconfigured = "misconfigured",
        /// The relay says that it is still trying.
        Delayed = "delayed",
        /// The relay took it, and could not bring it to its reader.
        Bounced = "bounced",
        /// Somebody else was told as well, because it did not get through.
        Raised = "raised",
        /// Somebody else was told in its place.
        PassedOn = "passed_on",
    }
}

impl Outcome {
    /// As it goes on record: what happened, and what was said to it.
    pub fn on_record(&self) -> (Event, &str) {
        match self {
            Self::Accepted { reply } => (Event::Accepted, reply),
            Self::Transient { why } | Self::Greylisted { why } => (Event::NotYet, why),
            Self::AddressRefused { why } => (Event::AddressRefused, why),
            Self::MessageRefused { why } => (Event::MessageRefused, why),
            Self::Misconfigured { why } => (Event::Misconfigured, why),
            Self::Unknown { why } => (Event::Unknown, why),
        }
    }
}

/// How many attempts a mail gets before it is put aside and an alarm is raised: about four days, as RFC 5321 4.5.4.1 advises.
pub const ATTEMPTS: u32 = 110;
/// How many attempts a mail gets that cannot be written, or whose writing panics.
pub const ATTEMPTS_TO_WRITE: u32 = 5;
/// When an urgent mail has not got through for so long, the next person is told as well.
pub const RAISE_MS: i64 = 30 * 60_000;
/// The least that a greylisting relay wants between the first attempt and the second.
const GREYLIST_MINUTES: i64 = 5;
/// For how long what is heard of a mail is believed: relays give up after five days (RFC 5321 4.5.4.1).
const HEARSAY_MS: i64 = 10 * 24 * 3_600_000;

/// When to try again after `attempt` failed attempts: 1, 5, 15, 30, then every 60 minutes, each up to a quarter longer.
/// `dice` is any number; it spreads the retries of many mails.
pub fn try_again_at(attempt: u32, greylisted: bool, now: Instant, dice: u32) -> Option<Instant> {
    if attempt >= ATTEMPTS {
        return None;
    }
    let minutes = match attempt {
        0 | 1 if greylisted => GREYLIST_MINUTES,
        0 | 1 => 1,
        2 => 5,
        3 => 15,
        4 => 30,
        _ => 60,
    };
    let wait = minutes * 60_000_i64;
    Some(now.plus_ms(wait + wait / 4 * i64::from(dice % 1000) / 1000))
}

/// What follows from a delivery status that came back (RFC 3464).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearsay {
    /// It did not reach its reader: somebody else is told now.
    Bounced,
    /// It may still arrive: on record only.
    Delayed,
    /// It says nothing about what is still open.
    Nothing,
}

/// What follows when it is heard that the mail of a notice failed, or is late. An answer shows that its reader had it.
pub fn heard(state: NoticeState, decided_at: Instant, answered: bool, failed: bool, now: Instant) -> Hearsay {
    let open = matches!(state, NoticeState::Accepted | NoticeState::Queued) && !answered;
    match (open && now.since_ms(decided_at) < HEARSAY_MS, failed) {
        (false, _) => Hearsay::Nothing,
        (true, true) => Hearsay::Bounced,
        (true, false) => Hearsay::Delayed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_wait_longer_each_time_and_end_after_some_days() {
        let now = Instant::from_ms(0);
        let (mut at, mut waited) = (now, 0);
        for attempt in 1..ATTEMPTS {
            let next = try_again_at(attempt, false, at, 0).unwrap();
            assert!(next.since_ms(at) >= waited, "attempt {attempt}");
            (at, waited) = (next, next.since_ms(at));
        }
        assert!(at.since_ms(now) > 4 * 24 * 3_600_000);
        assert_eq!(try_again_at(ATTEMPTS, false, at, 0), None);
    }

    #[test]
    fn dice_only_lengthen_the_wait_and_by_a_quarter_at_most() {
        let now = Instant::from_ms(0);
        for dice in [0, 1, 500, 999, 1000, u32::MAX] {
            let at = try_again_at(2, false, now, dice).unwrap();
            assert!((300_000..=375_000).contains(&at.ms()));
        }
    }

    #[test]
    fn a_greylisting_relay_is_not_asked_again_within_five_minutes() {
        let now = Instant::from_ms(0);
        for attempt in 1..10 {
            assert!(try_again_at(attempt, true, now, 0).unwrap().ms() >= 300_000, "attempt {attempt}");
        }
        assert_eq!(try_again_at(1, false, now, 0).unwrap().ms(), 60_000);
    }

    #[test]
    fn a_bounce_counts_for_ten_days_and_only_for_a_mail_nobody_answered() {
        let (sent, day) = (Instant::from_ms(0), Instant::from_ms(24 * 3_600_000));
        for state in NoticeState::ALL {
            let open = matches!(state, NoticeState::Accepted | NoticeState::Queued);
            let expected = if open { Hearsay::Bounced } else { Hearsay::Nothing };
            assert_eq!(heard(*state, sent, false, true, day), expected, "{state}");
        }
        assert_eq!(heard(NoticeState::Accepted, sent, false, false, day), Hearsay::Delayed);
        assert_eq!(heard(NoticeState::Accepted, sent, true, true, day), Hearsay::Nothing);
        assert_eq!(heard(NoticeState::Accepted, sent, false, true, sent.plus_ms(HEARSAY_MS)), Hearsay::Nothing);
    }
}
