//! What happened, in order, so that nobody can change it unseen: each entry carries the hash of the one before it.
//! No narrative, name, address or medical fact ever stands in an entry.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    ids::{MemberId, ReportId},
    time::Instant,
};

/// The hash the first entry builds on.
pub const GENESIS: [u8; 32] = [0; 32];

/// What an operation puts on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, by the server's clock.
    pub at: Instant,
    /// Who; none when the clock did it.
    pub actor: Option<MemberId>,
    /// What kind of record: `report`, `action`, `photo`, `deadline`, `notice`, `member`, `document`, …
    pub subject: &'static str,
    /// Which record.
    pub subject_id: Uuid,
    /// The report whose history it belongs to.
    pub report: Option<ReportId>,
    /// What happened: `submitted`, `acknowledged`, …
    pub verb: &'static str,
    /// The facts of it, codes and ids only.
    pub facts: serde_json::Value,
}

/// An entry as it stands in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its place, from 1, without gaps.
    pub seq: i64,
    /// When, by the server's clock.
    pub at: Instant,
    /// When, as the device of whoever did it says: a claim, that no clock counts from.
    pub said_at: Option<Instant>,
    /// Who.
    pub actor: Option<MemberId>,
    /// What kind of record.
    pub subject: String,
    /// Which record.
    pub subject_id: Uuid,
    /// The report whose history it belongs to.
    pub report: Option<ReportId>,
    /// What happened.
    pub verb: String,
    /// The facts, as the exact text that was hashed.
    pub facts: String,
    /// The hash of the entry before.
    pub previous: [u8; 32],
    /// SHA-256 over all of the above.
    pub hash: [u8; 32],
}

/// What a seal says: at that instant the journal ended with that entry. Kept elsewhere, it shows that everything up to
/// there is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The number of the last entry.
    pub seq: i64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
    /// When it was sealed.
    pub at: Instant,
}

impl Seal {
    /// Whether it is over that entry as it stands.
    pub fn fits(&self, link: &Link) -> bool {
        self.seq == link.seq && self.hash == hex::encode(link.hash)
    }
}

/// The chain is broken here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is missing, or stands out of order.
    #[error("entry {expected} is missing: entry {found} stands in its place")]
    Gap {
        /// The number that should stand here.
        expected: i64,
        /// The number that does.
        found: i64,
    },
    /// An entry does not build on the one before it.
    #[error("entry {0} does not build on the entry before it")]
    Unlinked(i64),
    /// An entry was changed after it was written.
    #[error("entry {0} was changed after it was written")]
    Changed(i64),
    /// A seal was made over another entry than the one that stands there, or not by us.
    #[error("the seal over entry {0} does not fit it")]
    Unsealed(i64),
    /// The last entries are missing, or some were put behind the last: the head names another one.
    #[error("the last entry is {found}, but the journal's head names entry {expected}")]
    Cut {
        /// What the head names.
        expected: i64,
        /// What is there.
        found: i64,
    },
}

impl Link {
    /// Puts an entry at its place in the chain, with the instant at which its actor's device says it happened. Where nobody
    /// is named, nothing is said either: the time on a phone could give away who sent something.
    pub fn forge(entry: &Entry, said_at: Option<Instant>, seq: i64, previous: [u8; 32]) -> Self {
        let mut link = Self {
            seq,
            at: entry.at,
            said_at: said_at.filter(|_| entry.actor.is_some()),
            actor: entry.actor,
            subject: entry.subject.to_owned(),
            subject_id: entry.subject_id,
            report: entry.report,
            verb: entry.verb.to_owned(),
            facts: entry.facts.to_string(),
            previous,
            hash: GENESIS,
        };
        link.hash = link.digest();
        link
    }

    /// Every field is preceded by its length, so that no two entries share one form. What was said comes last, and only
    /// where something was: entries from before it was kept have the hash they always had.
    fn digest(&self) -> [u8; 32] {
        let uuid = |id: Option<Uuid>| id.map_or_else(String::new, |id| id.to_string());
        let fields = [
            self.seq.to_string(),
            self.at.ms().to_string(),
            uuid(self.actor.map(|member| member.0)),
            self.subject.clone(),
            self.subject_id.to_string(),
            uuid(self.report.map(|report| report.0)),
            self.verb.clone(),
            self.facts.clone(),
        ];
        let said_at = self.said_at.map(|at| at.ms().to_string());
        let mut hasher = Sha256::new();
        hasher.update(self.previous);
        for field in fields.into_iter().chain(said_at) {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hasher.finalize().into()
    }
}

/// Follows the chain link by link; hand it every entry in the order of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verifier {
    seq: i64,
    hash: [u8; 32],
}

impl Default for Verifier {
    fn default() -> Self {
        Self { seq: 0, hash: GENESIS }
    }
}

impl Verifier {
    /// Begins behind an entry that is taken as it stands.
    pub const fn behind(link: &Link) -> Self {
        Self { seq: link.seq, hash: link.hash }
    }

    /// Takes the next entry, or says what is wrong with it.
    pub fn take(&mut self, link: &Link) -> Result<(), Broken> {
        if link.seq != self.seq + 1 {
            return Err(Broken::Gap { expected: self.seq + 1, found: link.seq });
        }
        if link.previous != self.hash {
            return Err(Broken::Unlinked(link.seq));
        }
        if link.digest() != link.hash {
            return Err(Broken::Changed(link.seq));
        }
        *self = Self { seq: link.seq, hash: link.hash };
        Ok(())
    }

    /// The number of the last entry that was taken.
    pub const fn seq(self) -> i64 {
        self.seq
    }

    /// Compares the end with the head that is kept apart; gives the number of entries.
    pub fn end(self, head_seq: i64, head_hash: [u8; 32]) -> Result<i64, Broken> {
        if self.seq != head_seq {
            return Err(Broken::Cut { expected: head_seq, found: self.seq });
        }
        if self.hash != head_hash {
            return Err(Broken::Changed(self.seq));
        }
        Ok(self.seq)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn chain(n: i64) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for k in 0..n {
            let previous = links.last().map_or(GENESIS, |link| link.hash);
            let entry = Entry {
                at: Instant::from_ms(k),
                actor: Some(MemberId(Uuid::from_u128(1))),
                subject: "report",
                subject_id: Uuid::from_u128(k.unsigned_abs().into()),
                report: None,
                verb: "submitted",
                facts: json!({ "n": k }),
            };
            links.push(Link::forge(&entry, (k % 2 == 1).then_some(Instant::from_ms(k - 1)), k + 1, previous));
        }
        links
    }

    /// The digest as it was before it was kept when something was said, written out once more.
    fn former_digest(link: &Link) -> [u8; 32] {
        let actor = link.actor.map_or_else(String::new, |actor| actor.0.to_string());
        let report = link.report.map_or_else(String::new, |report| report.0.to_string());
        let (seq, at, id) = (link.seq.to_string(), link.at.ms().to_string(), link.subject_id.to_string());
        let mut bytes = link.previous.to_vec();
        for field in [&seq, &at, &actor, &link.subject, &id, &report, &link.verb, &link.facts] {
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field.as_bytes());
        }
        Sha256::digest(bytes).into()
    }

    #[test]
    fn an_entry_of_the_former_form_still_verifies_and_later_ones_build_on_it() {
        let mut links = chain(4);
        let mut previous = GENESIS;
        for link in links.iter_mut().take(2) {
            *link = Link { said_at: None, previous, ..link.clone() };
            link.hash = former_digest(link);
            previous = link.hash;
        }
        for link in links.iter_mut().skip(2) {
            *link = Link { previous, ..link.clone() };
            link.hash = link.digest();
            previous = link.hash;
        }
        assert!(links[3].said_at.is_some());
        assert_eq!(verify(&links, &links[3]), Ok(4));
    }

    #[test]
    fn where_nobody_is_named_nothing_was_said() {
        let entry = |actor| Entry {
            at: Instant::from_ms(9),
            actor,
            subject: "report",
            subject_id: Uuid::nil(),
            report: None,
            verb: "submitted",
            facts: json!({}),
        };
        let said = Some(Instant::from_ms(5));
        assert_eq!(Link::forge(&entry(Some(MemberId(Uuid::nil()))), said, 1, GENESIS).said_at, said);
        assert_eq!(Link::forge(&entry(None), said, 1, GENESIS).said_at, None);
    }

    fn verify(links: &[Link], head: &Link) -> Result<i64, Broken> {
        let mut verifier = Verifier::default();
        for link in links {
            verifier.take(link)?;
        }
        verifier.end(head.seq, head.hash)
    }

    proptest! {
        #[test]
        fn an_edited_deleted_inserted_or_reordered_entry_is_found_and_named(n in 3_usize..20, at in 1_usize..19) {
            prop_assume!(at + 1 < n);
            let links = chain(i64::try_from(n).unwrap());
            let head = links[n - 1].clone();
            let named = i64::try_from(at).unwrap() + 1;
            prop_assert_eq!(verify(&links, &head), Ok(head.seq));

            let mut edited = links.clone();
            edited[at].facts = json!({ "n": 99 }).to_string();
            prop_assert_eq!(verify(&edited, &head), Err(Broken::Changed(named)));

            let mut backdated = links.clone();
            backdated[at].said_at = Some(Instant::from_ms(7_000));
            prop_assert_eq!(verify(&backdated, &head), Err(Broken::Changed(named)));
            backdated[at].said_at = None;
            prop_assert_eq!(verify(&backdated, &head).is_ok(), links[at].said_at.is_none());

            let mut rehashed = edited.clone();
            rehashed[at].hash = rehashed[at].digest();
            prop_assert_eq!(verify(&rehashed, &head), Err(Broken::Unlinked(named + 1)));

            let mut deleted = links.clone();
            deleted.remove(at);
            prop_assert_eq!(verify(&deleted, &head), Err(Broken::Gap { expected: named, found: named + 1 }));

            let mut inserted = links.clone();
            inserted.insert(at, links[at].clone());
            prop_assert_eq!(verify(&inserted, &head), Err(Broken::Gap { expected: named + 1, found: named }));

            let mut swapped = links.clone();
            swapped.swap(at - 1, at);
            prop_assert!(verify(&swapped, &head).is_err());

            prop_assert_eq!(verify(&links[..n - 1], &head), Err(Broken::Cut { expected: head.seq, found: head.seq - 1 }));
        }
    }
}
