//! What came before the report or action it is about: it waits, is brought in when that arrives, and is shown to those who can
//! ask its sender when it waits too long. Where it waits is `store`'s.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    access::{Actor, Deed},
    ids::{ActionId, CommentId, HeldId, MemberId, PhotoId, ReportId},
    organisation::Organisation,
    prose::{LONG, prose},
    refusal::{FieldErrors, Refusal},
    report::MANIFEST_LIMIT,
    time::Instant,
    words::words,
};

/// The most that waits of one member.
pub const MOST: usize = 100;
/// What waits longer is shown to officers, in milliseconds.
pub const SHOWN_AFTER_MS: i64 = 5 * 86_400_000;
/// What waits longer is dropped, in milliseconds.
pub const KEPT_MS: i64 = 30 * 86_400_000;

words! {
    /// What waits.
    pub enum HeldKind {
        /// Something said about a report.
        Comment = "comment",
        /// That an action is done.
        Completion = "completion",
    }
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// About a report.
    Comment {
        /// The comment's own id.
        id: CommentId,
        /// The report's.
        report: ReportId,
        /// At most 4000 characters.
        text: String,
        /// Whether the report's sender may read it.
        for_reporter: bool,
    },
    /// That an action is done.
    Completion {
        /// The action's id.
        action: ActionId,
        /// What was done.
        note: String,
        /// Photos that show it.
        evidence: Vec<PhotoId>,
    },
}

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Made by the server.
    pub id: HeldId,
    /// Who said it.
    pub member: MemberId,
    /// What it is.
    pub kind: HeldKind,
    /// The id under which its sender sends it again: the comment's, or the action's.
    pub own_id: Uuid,
    /// What they said, while it may still be brought in. It is taken out where that can never be: so nothing here leads from
    /// somebody to a report that is not theirs to know, or whose sender wants to be nobody.
    pub said: Option<Said>,
    /// SHA-256 of what they said, without what it is about.
    pub content_sha256: [u8; 32],
    /// When, as their device says.
    pub said_at: Option<Instant>,
    /// Since when it waits.
    pub since: Instant,
}

impl Said {
    /// What it is.
    pub const fn kind(&self) -> HeldKind {
        match self {
            Self::Comment { .. } => HeldKind::Comment,
            Self::Completion { .. } => HeldKind::Completion,
        }
    }

    /// The id under which its sender sends it again.
    pub const fn own_id(&self) -> Uuid {
        match self {
            Self::Comment { id, .. } => id.0,
            Self::Completion { action, .. } => action.0,
        }
    }

    /// The report or action it is about.
    pub const fn about(&self) -> Uuid {
        match self {
            Self::Comment { report, .. } => report.0,
            Self::Completion { action, .. } => action.0,
        }
    }

    /// SHA-256 of it, without what it is about: whatever that is, the hash says nothing of it.
    pub fn content_sha256(&self) -> [u8; 32] {
        let bytes = match self {
            Self::Comment { text, for_reporter, .. } => serde_json::to_vec(&(text, for_reporter)),
            Self::Completion { note, evidence, .. } => serde_json::to_vec(&(note, evidence)),
        };
        Sha256::digest(bytes.unwrap_or_default()).into()
    }

    /// The same with its words read; wrong ones are refused before they wait.
    pub fn read(self) -> Result<Self, Refusal> {
        match self {
            Self::Comment { id, report, text, for_reporter } => {
                Ok(Self::Comment { id, report, text: prose("/text", &text, LONG)?, for_reporter })
            }
            Self::Completion { action, note, evidence } => {
                let mut errors = FieldErrors::default();
                let note = errors.take(prose("/note", &note, LONG));
                if evidence.len() > MANIFEST_LIMIT {
                    errors.add("/evidence", "too_many");
                }
                errors.none()?;
                Ok(Self::Completion { action, note: note.unwrap_or_default(), evidence })
            }
        }
    }
}

impl Held {
    /// What somebody said just now. It can be brought in later only where nothing is there that it is about.
    pub fn waiting(id: HeldId, member: MemberId, said: Said, is_there: bool, said_at: Option<Instant>, now: Instant) -> Self {
        let (kind, own_id, content_sha256) = (said.kind(), said.own_id(), said.content_sha256());
        Self { id, member, kind, own_id, said: (!is_there).then_some(said), content_sha256, said_at, since: now }
    }

    /// Whether it is that, said again. Of what can never be brought in nobody knows any more what it was about.
    pub fn is(&self, said: &Said) -> bool {
        let about = self.said.as_ref().is_none_or(|known| known.about() == said.about());
        about && self.content_sha256 == said.content_sha256()
    }

    /// When it is dropped.
    pub fn kept_until(&self) -> Instant {
        self.since.plus_ms(KEPT_MS)
    }

    /// Whether that officer is shown that it waits: they handle reports where its sender has a role. What was said, and about
    /// what, is shown to nobody.
    pub fn is_shown_to(&self, officer: MemberId, organisation: &Organisation) -> bool {
        let actor = Actor { member: officer, organisation };
        let sender = organisation.members.get(&self.member);
        sender.is_some_and(|sender| sender.grants.iter().any(|grant| actor.may_at(Deed::HandleReports, grant.site)))
    }
}

/// Refuses more than may wait of one member.
pub const fn must_have_room(waiting: usize) -> Result<(), Refusal> {
    if waiting < MOST { Ok(()) } else { Err(Refusal::TooMuch("held_full")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        audience::Role,
        organisation::tests::{member, organisation, person},
    };

    fn comment(report: u128, text: &str) -> Said {
        let (id, report) = (CommentId(Uuid::from_u128(1)), ReportId(Uuid::from_u128(report)));
        Said::Comment { id, report, text: text.to_owned(), for_reporter: false }
    }

    fn held(said: Said, is_there: bool) -> Held {
        Held::waiting(HeldId(Uuid::from_u128(9)), member(1), said, is_there, None, Instant::from_ms(0))
    }

    #[test]
    fn what_is_said_again_is_known_and_nothing_is_kept_of_what_can_never_be_brought_in() {
        let waits = held(comment(7, "Seen"), false);
        assert!(waits.is(&comment(7, "Seen")) && !waits.is(&comment(7, "Heard")) && !waits.is(&comment(8, "Seen")));
        let never = held(comment(7, "Seen"), true);
        assert_eq!(never.said, None);
        assert!(never.is(&comment(7, "Seen")) && !never.is(&comment(7, "Heard")));
        assert_eq!(comment(7, "Seen").content_sha256(), comment(8, "Seen").content_sha256());
    }

    #[test]
    fn words_are_read_before_they_wait_and_only_so_much_waits() {
        assert_eq!(comment(7, " Seen ").read(), Ok(comment(7, "Seen")));
        assert_eq!(comment(7, " ").read(), Err(Refusal::invalid("/text", "empty")));
        let done =
            |n| Said::Completion { action: ActionId(Uuid::nil()), note: "x".into(), evidence: vec![PhotoId(Uuid::nil()); n] };
        assert!(done(MANIFEST_LIMIT).read().is_ok());
        assert_eq!(done(MANIFEST_LIMIT + 1).read(), Err(Refusal::invalid("/evidence", "too_many")));
        assert!(must_have_room(MOST - 1).is_ok() && must_have_room(MOST).is_err());
    }

    #[test]
    fn it_is_shown_to_officers_of_its_senders_sites_and_to_no_others() {
        let house = organisation(vec![
            person(1, None, &[(Role::Technician, 4)]),
            person(2, None, &[(Role::Officer, 2)]),
            person(3, None, &[(Role::Officer, 3)]),
            person(4, None, &[(Role::Manager, 1)]),
        ]);
        let shown = [1, 2, 3, 4].map(|n| held(comment(7, "Seen"), false).is_shown_to(member(n), &house));
        assert_eq!(shown, [false, true, false, false]);
    }
}
