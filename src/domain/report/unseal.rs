//! The identity of a confidential sender. Two persons open it, each with a reason, and for themselves alone. Who may is in
//! `access`.

use serde::{Deserialize, Serialize};

use super::{Confidentiality, Report, Stamp};
use crate::domain::{
    ids::MemberId,
    prose::{SHORT, prose},
    refusal::Refusal,
    time::Instant,
};

/// How long the two may read the identity, in milliseconds from the moment the second one agreed: enough to speak to the
/// sender after a weekend, and too short to serve another purpose than the one they gave.
pub const UNSEALED_MS: i64 = 72 * 3_600_000;

/// What one of the two said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Who, and when.
    pub stamp: Stamp,
    /// Why the sender must be known; at most 1000 characters.
    pub reason: String,
}

/// One opening of the identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsealing {
    /// Who asked for it.
    pub asked: Voice,
    /// Who agreed; none while it waits for a second person.
    pub agreed: Option<Voice>,
}

impl Unsealing {
    /// Until when the two may read the identity; none while nobody has agreed.
    pub fn open_until(&self) -> Option<Instant> {
        self.agreed.as_ref().map(|agreed| agreed.stamp.at.plus_ms(UNSEALED_MS))
    }

    /// Whether the member is one of the two, and what they opened, or asked for, still stands.
    fn stands_for(&self, member: MemberId, now: Instant) -> bool {
        let voices = [Some(&self.asked), self.agreed.as_ref()];
        let is_one = voices.into_iter().flatten().any(|voice| voice.stamp.by == member);
        is_one && self.open_until().is_none_or(|until| now < until)
    }
}

impl Report {
    /// Whether its sender is protected, and so named to nobody else.
    pub fn protects_sender(&self) -> bool {
        self.confidentiality != Confidentiality::Open
    }

    /// Whether it has a sender whose identity can be opened.
    pub fn is_sealed(&self) -> bool {
        self.confidentiality == Confidentiality::Confidential
    }

    /// Who has asked to open the identity and waits for a second person.
    pub fn unsealing_asked(&self) -> Option<&Voice> {
        self.unsealings.last().filter(|last| last.agreed.is_none()).map(|last| &last.asked)
    }

    /// Whether the member is one of two who opened the identity, and their time has not run out.
    pub fn is_unsealed_for(&self, member: MemberId, now: Instant) -> bool {
        self.unsealings.iter().any(|one| one.agreed.is_some() && one.stands_for(member, now))
    }

    /// The identity is asked for, or opened by somebody who `agrees` with whoever asked. Saying it again changes nothing.
    pub fn unseal(mut self, reason: &str, agrees: bool, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        if !self.is_sealed() {
            return Err(Refusal::Conflict("nothing_sealed"));
        }
        let voice = Voice { stamp: Stamp { at: now, by }, reason: prose("/reason", reason, SHORT)? };
        match self.unsealings.last_mut() {
            Some(last) if agrees && last.agreed.is_none() => last.agreed = Some(voice),
            Some(last) if last.stands_for(by, now) => {}
            _ => self.unsealings.push(Unsealing { asked: voice, agreed: None }),
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::report::tests::report;

    fn who(n: u128) -> MemberId {
        MemberId(Uuid::from_u128(n))
    }

    fn sealed() -> Report {
        Report { confidentiality: Confidentiality::Confidential, reporter: Some(who(1)), ..report(2) }
    }

    fn asks(report: Report, n: u128, agrees: bool, ms: i64) -> Report {
        report.unseal("a threat", agrees, who(n), Instant::from_ms(ms)).unwrap()
    }

    fn open_to(report: &Report, ms: i64) -> Vec<u128> {
        (1..6).filter(|n| report.is_unsealed_for(who(*n), Instant::from_ms(ms))).collect()
    }

    #[test]
    fn one_person_opens_nothing_and_two_open_it_for_themselves_and_for_three_days() {
        let asked = asks(asks(sealed(), 2, false, 0), 2, false, 5);
        assert_eq!((asked.unsealings.len(), open_to(&asked, 5)), (1, vec![]), "the same person twice is one person");
        let opened = asks(asked, 3, true, 10);
        assert_eq!(open_to(&opened, 10), [2, 3]);
        assert_eq!(open_to(&opened, 10 + UNSEALED_MS - 1), [2, 3]);
        assert_eq!(open_to(&opened, 10 + UNSEALED_MS), Vec::<u128>::new());
        assert_eq!(asks(opened.clone(), 3, false, 20), opened, "saying it again changes nothing");
        let anew = asks(opened, 3, false, 10 + UNSEALED_MS);
        assert_eq!((anew.unsealings.len(), open_to(&anew, 10 + UNSEALED_MS)), (2, vec![]));
    }

    #[test]
    fn nothing_is_opened_without_a_reason_or_where_nothing_is_sealed() {
        let now = Instant::from_ms(0);
        assert_eq!(sealed().unseal(" ", false, who(2), now), Err(Refusal::invalid("/reason", "empty")));
        for confidentiality in [Confidentiality::Open, Confidentiality::Anonymous] {
            let report = Report { confidentiality, ..sealed() };
            assert_eq!(report.unseal("why", false, who(2), now), Err(Refusal::Conflict("nothing_sealed")));
        }
    }
}
