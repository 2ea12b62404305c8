//! What became of one attempt to hand a mail to the relay, and when to try again.
//! The classes are those of RFC 5321 section 4.2.1 and 4.5.4.1; the conversation itself is in `mail`.

use super::time::Instant;

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

/// How many attempts a mail gets before it is put aside and an alarm is raised: about four days, as RFC 5321 4.5.4.1 advises.
pub const ATTEMPTS: u32 = 110;

/// When to try again after `attempt` failed attempts: 1, 5, 15, 30, then every 60 minutes, each up to a quarter longer.
/// `dice` is any number; it spreads the retries of many mails.
pub fn try_again_at(attempt: u32, now: Instant, dice: u32) -> Option<Instant> {
    if attempt >= ATTEMPTS {
        return None;
    }
    let minutes = match attempt {
        0 | 1 => 1,
        2 => 5,
        3 => 15,
        4 => 30,
        _ => 60,
    };
    let wait = minutes * 60_000_i64;
    Some(now.plus_ms(wait + wait / 4 * i64::from(dice % 1000) / 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_wait_longer_each_time_and_end_after_some_days() {
        let now = Instant::from_ms(0);
        let (mut at, mut waited) = (now, 0);
        for attempt in 1..ATTEMPTS {
            let next = try_again_at(attempt, at, 0).unwrap();
            assert!(next.since_ms(at) >= waited, "attempt {attempt}");
            (at, waited) = (next, next.since_ms(at));
        }
        assert!(at.since_ms(now) > 4 * 24 * 3_600_000);
        assert_eq!(try_again_at(ATTEMPTS, at, 0), None);
    }

    #[test]
    fn dice_only_lengthen_the_wait_and_by_a_quarter_at_most() {
        let now = Instant::from_ms(0);
        for dice in [0, 1, 500, 999, 1000, u32::MAX] {
            let at = try_again_at(2, now, dice).unwrap();
            assert!((300_000..=375_000).contains(&at.ms()));
        }
    }
}
