//! A second factor: six digits that change every half minute (RFC 6238), good once, or one of ten codes on paper. The digits
//! themselves are made in `credentials`.

use super::{audience::Role, ids::MemberId, organisation::Member, time::Instant};

/// How long the digits stand, in seconds (RFC 6238 section 5.2; OWASP ASVS 5.0, 6.5.5).
pub const STEP_SECS: i64 = 30;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;

/// Somebody's second factor. The secret is kept under a key of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Whose.
    pub member: MemberId,
    /// What the digits are made from, sealed.
    pub sealed: Vec<u8>,
    /// Since when it is asked for: once they showed that they can make the digits.
    pub confirmed_at: Option<Instant>,
    /// The last step whose digits were used; they are good once (OWASP ASVS 5.0, 6.5.1).
    pub last_step: i64,
}

/// Which half minute of the server's time it is.
pub fn step_at(now: Instant) -> i64 {
    now.seconds().div_euclid(STEP_SECS)
}

impl SecondFactor {
    /// The steps whose digits are still taken: the one that is now and the one before, for whoever types slowly, and none
    /// that was used, or is older than one that was.
    pub fn steps(&self, now: Instant) -> impl Iterator<Item = i64> + use<> {
        let (step, used) = (step_at(now), self.last_step);
        [step, step - 1].into_iter().filter(move |step| *step > used)
    }
}

/// Whether the organisation must ask somebody for a second factor where it asks for one at all: everybody but technicians,
/// whose phone is bound to them and who read their own reports alone (OWASP ASVS 5.0, 6.3.3).
pub fn is_owed_by(member: &Member) -> bool {
    member.grants.iter().any(|grant| grant.role != Role::Technician)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn digits_are_taken_for_a_minute_and_once() {
        let now = Instant::from_ms(1_795_000_000_000);
        let factor = |last_step| SecondFactor { member: MemberId(Uuid::nil()), sealed: vec![], confirmed_at: None, last_step };
        let step = step_at(now);
        let steps = |last| factor(last).steps(now).collect::<Vec<_>>();
        assert_eq!(steps(0), [step, step - 1]);
        assert_eq!(steps(step - 1), [step], "what was used, and what is older, is not taken again");
        assert!(steps(step).is_empty());
    }
}
