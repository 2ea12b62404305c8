//! How often something may be tried: so many times at once, then one each so often. A bucket is one instant, at which it will
//! be full again (the generic cell rate algorithm of ITU-T I.371); where buckets are kept is not known here.

use super::time::Instant;

/// How often something may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many times at once.
    pub at_once: i64,
    /// How long it takes until one more is there, in milliseconds.
    pub every_ms: i64,
}

impl Allowance {
    /// Takes one try from a bucket that would be full again at `full_at`: when it will be full now, or how long to wait until
    /// there is one, in milliseconds.
    pub fn take(self, full_at: Instant, now: Instant) -> Result<Instant, i64> {
        self.take_part(1, full_at, now)
    }

    /// Takes the `part`th part of a try.
    pub fn take_part(self, part: i64, full_at: Instant, now: Instant) -> Result<Instant, i64> {
        let next = full_at.max(now).plus_ms(self.every_ms / part.max(1));
        let over = next.since_ms(now) - self.every_ms * self.at_once;
        if over > 0 { Err(over) } else { Ok(next) }
    }

    /// Gives a try back: it was no guess.
    pub fn give_back(self, full_at: Instant) -> Instant {
        full_at.plus_ms(-self.every_ms)
    }

    /// How many tries are left.
    pub fn left(self, full_at: Instant, now: Instant) -> i64 {
        (self.every_ms * self.at_once - full_at.max(now).since_ms(now)) / self.every_ms.max(1)
    }
}

/// Who tries to get in, as far as it is counted. A device that somebody signed in on before has tries of its own, so that
/// nobody who only knows a login can lock its owner out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trier<'a> {
    /// A device on which this account signed in before.
    KnownDevice(&'a str, &'a str),
    /// An account, from devices it never signed in on.
    Account(&'a str),
    /// A network address, with all that stand behind it.
    Address(&'a str),
    /// Everybody together.
    Whole,
}

impl Trier<'_> {
    /// How many wrong tries it has (OWASP ASVS 5.0, 6.1.1 and 6.3.1): never none for long, and never many.
    pub const fn allowance(self) -> Allowance {
        match self {
            Self::KnownDevice(..) => Allowance { at_once: 10, every_ms: 30_000 },
            Self::Account(_) => Allowance { at_once: 10, every_ms: 60_000 },
            Self::Address(_) => Allowance { at_once: 60, every_ms: 5_000 },
            Self::Whole => Allowance { at_once: 1_200, every_ms: 100 },
        }
    }

    /// Its name, of which only a hash is kept.
    pub fn name(self) -> String {
        match self {
            Self::KnownDevice(account, device) => format!("device\n{account}\n{device}"),
            Self::Account(account) => format!("account\n{account}"),
            Self::Address(address) => format!("address\n{address}"),
            Self::Whole => "whole".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEN: Allowance = Allowance { at_once: 10, every_ms: 1_000 };

    #[test]
    fn ten_at_once_then_one_a_second() {
        let now = Instant::from_ms(5_000_000);
        let mut bucket = Instant::from_ms(0);
        for n in 0..10 {
            assert_eq!(TEN.left(bucket, now), 10 - n);
            bucket = TEN.take(bucket, now).unwrap();
        }
        assert_eq!((TEN.left(bucket, now), TEN.take(bucket, now)), (0, Err(1_000)));
        assert_eq!(TEN.take(bucket, now.plus_ms(400)), Err(600));
        assert!(TEN.take(bucket, now.plus_ms(1_000)).is_ok());
        assert!(TEN.take(TEN.give_back(bucket), now).is_ok(), "what was no guess is given back");
    }

    proptest! {
        #[test]
        fn however_one_tries_no_more_get_through_than_the_rate_allows(waits in prop::collection::vec(0_i64..3_000, 1..200)) {
            let (mut now, mut bucket, mut through) = (Instant::from_ms(0), Instant::from_ms(0), 0);
            for wait in waits {
                now = now.plus_ms(wait);
                if let Ok(next) = TEN.take(bucket, now) {
                    bucket = next;
                    through += 1;
                }
                prop_assert!(through <= TEN.at_once + now.ms() / TEN.every_ms);
            }
        }

        #[test]
        fn whoever_waits_as_long_as_they_are_told_gets_through(spent in 0_i64..100) {
            let now = Instant::from_ms(0);
            let bucket = now.plus_ms(spent * 500);
            if let Err(wait) = TEN.take(bucket, now) {
                prop_assert!(TEN.take(bucket, now.plus_ms(wait)).is_ok());
                prop_assert!(TEN.take(bucket, now.plus_ms(wait - 1)).is_err());
            }
        }
    }
}
