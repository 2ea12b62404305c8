//! How an anonymous sender comes back to their report: by a secret that was shown once, with a second one for the day when
//! the first is lost. Only hashes are kept, and nothing here knows of a person.

use super::{
    ids::ReportId,
    refusal::Refusal,
    report::{Command, Report},
};

/// What the secret lets its holder ask of the report, where its state allows it.
const BY_SECRET: [Command; 2] = [Command::Comment, Command::Withdraw];

/// The hashes of two secrets that were made together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Of the one that opens the report.
    pub secret_sha256: [u8; 32],
    /// Of the one that is changed for a new pair.
    pub recovery_sha256: [u8; 32],
}

/// The way back to one anonymous report. Until its secret was used, the answer that carried it may have been lost on the
/// way, and may be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// To which report.
    pub report: ReportId,
    /// The pair that is good.
    pub pair: Pair,
    /// The recovery secret that this pair was given for, if it is not the first pair.
    pub recovered_with: Option<[u8; 32]>,
    /// Whether the secret was used.
    pub used: bool,
    /// Which writing of the record this is.
    pub version: i64,
}

impl FollowUp {
    /// The first pair of a report.
    pub const fn begun(report: ReportId, pair: Pair) -> Self {
        Self { report, pair, recovered_with: None, used: false, version: 1 }
    }

    /// A new first pair, for a sender who sends the same again; none once a secret was used.
    pub fn given_again(self, pair: Pair) -> Option<Self> {
        (!self.used && self.recovered_with.is_none()).then_some(Self { pair, ..self })
    }

    /// A new pair for a recovery secret, which ends the old pair. The same one gives another, as long as the new pair was
    /// not used.
    pub fn recovered(self, presented_sha256: [u8; 32], pair: Pair) -> Result<Self, Refusal> {
        let is_good = self.pair.recovery_sha256 == presented_sha256;
        let was_lost = self.recovered_with == Some(presented_sha256) && !self.used;
        if is_good || was_lost {
            Ok(Self { pair, recovered_with: Some(presented_sha256), used: false, ..self })
        } else {
            Err(Refusal::Unknown)
        }
    }
}

/// What the holder of a secret may ask of the report now.
pub fn allowed(report: &Report) -> Vec<&'static str> {
    BY_SECRET.iter().filter(|command| report.allows(**command)).map(|command| command.word()).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn pair(n: u8) -> Pair {
        Pair { secret_sha256: [n; 32], recovery_sha256: [n + 100; 32] }
    }

    fn begun() -> FollowUp {
        FollowUp::begun(ReportId(Uuid::nil()), pair(1))
    }

    #[test]
    fn a_pair_whose_answer_was_lost_is_given_again_until_it_was_used() {
        let again = begun().given_again(pair(2)).unwrap();
        assert_eq!(again.pair, pair(2));
        assert_eq!(FollowUp { used: true, ..again }.given_again(pair(3)), None);
        let recovered = begun().recovered([101; 32], pair(2)).unwrap();
        assert_eq!(recovered.given_again(pair(3)), None, "whoever recovered it had the first pair");
    }

    #[test]
    fn a_recovery_secret_ends_the_old_pair_and_is_good_for_one_new_pair() {
        let used = FollowUp { used: true, ..begun() };
        assert_eq!(used.clone().recovered([1; 32], pair(2)), Err(Refusal::Unknown), "the other secret recovers nothing");
        let second = used.recovered([101; 32], pair(2)).unwrap();
        assert_eq!((second.pair, second.used), (pair(2), false));
        let third = second.recovered([101; 32], pair(3)).unwrap();
        assert_eq!(third.clone().recovered([102; 32], pair(4)), Err(Refusal::Unknown), "that pair was replaced");
        let used = FollowUp { used: true, ..third };
        assert_eq!(used.clone().recovered([101; 32], pair(4)), Err(Refusal::Unknown), "its new pair has been used");
        assert!(used.recovered([103; 32], pair(4)).is_ok());
    }
}
