//! What came before the report or action it is about: it waits, is brought in when that arrives, and is shown to those who can
//! ask its sender when it waits too long. Where it waits is `store`'s.

use std::fmt;

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
/// The most photos among it: those of one report. They are counted and not weighed, as how many bytes a photo has would lead to it.
pub const MOST_PHOTOS: usize = MANIFEST_LIMIT;
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
        /// The bytes of a photo.
        Photo = "photo",
    }
}

/// What the bytes of a photo that waits are sealed under, together with their SHA-256, which is kept nowhere: until a report
/// announces that, nobody reads them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldKey(pub [u8; 32]);

impl fmt::Debug for HeldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeldKey")
    }
}

/// By what a photo is known again when it is sent again: the same ids and the same bytes always have the same marks, and nothing
/// leads back from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Of its sender, its report and itself.
    pub ids: Uuid,
    /// Of these and its bytes.
    pub bytes: [u8; 32],
}

/// What somebody said, or sent.
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
    /// The bytes of a photo.
    Photo {
        /// The photo's own id.
        id: PhotoId,
        /// The report's.
        report: ReportId,
        /// The file that its bytes lie in.
        file: Uuid,
        /// What they are sealed under.
        key: HeldKey,
        /// By what it is known again.
        marks: Marks,
    },
}

/// A photo that came before its report, and is brought in now that this is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlyPhoto {
    /// The file that its bytes lie in.
    pub file: Uuid,
    /// Which photo it is.
    pub photo: PhotoId,
    /// What its bytes are sealed under.
    pub key: HeldKey,
    /// Who sent it; nobody where its report is anonymous.
    pub sent: Option<SentEarly>,
}

/// Who sent a photo before its report, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentEarly {
    /// Who.
    pub member: MemberId,
    /// When, as their device says.
    pub said_at: Option<Instant>,
    /// Since when it waited.
    pub since: Instant,
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
    /// The id under which its sender sends it again: the comment's, or the action's; of a photo a mark of it.
    pub own_id: Uuid,
    /// What they said, while it may still be brought in. It is taken out where that can never be: so nothing here leads from
    /// somebody to a report that is not theirs to know, or whose sender wants to be nobody.
    pub said: Option<Said>,
    /// SHA-256 of what they said, without what it is about; of a photo a mark of its bytes.
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
            Self::Photo { .. } => HeldKind::Photo,
        }
    }

    /// The id under which its sender sends it again.
    pub const fn own_id(&self) -> Uuid {
        match self {
            Self::Comment { id, .. } => id.0,
            Self::Completion { action, .. } => action.0,
            Self::Photo { marks, .. } => marks.ids,
        }
    }

    /// The report or action it is about.
    pub const fn about(&self) -> Uuid {
        match self {
            Self::Comment { report, .. } | Self::Photo { report, .. } => report.0,
            Self::Completion { action, .. } => action.0,
        }
    }

    /// SHA-256 of it, without what it is about: whatever that is, the hash says nothing of it. Of a photo a mark of its bytes.
    pub fn content_sha256(&self) -> [u8; 32] {
        let bytes = match self {
            Self::Comment { text, for_reporter, .. } => serde_json::to_vec(&(text, for_reporter)),
            Self::Completion { note, evidence, .. } => serde_json::to_vec(&(note, evidence)),
            Self::Photo { marks, .. } => return marks.bytes,
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
            photo @ Self::Photo { .. } => Ok(photo),
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

    /// The file that the bytes of a photo lie in, while it may still be brought in.
    pub fn file(&self) -> Option<Uuid> {
        if let Some(Said::Photo { file, .. }) = &self.said { Some(*file) } else { None }
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

/// Refuses more of a kind than may wait of one member, of whom these wait.
pub fn must_have_room(kind: HeldKind, waiting: &[HeldKind]) -> Result<(), Refusal> {
    let photos = waiting.iter().filter(|waiting| **waiting == HeldKind::Photo).count();
    let full = waiting.len() >= MOST || kind == HeldKind::Photo && photos >= MOST_PHOTOS;
    if full { Err(Refusal::TooMuch("held_full")) } else { Ok(()) }
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
        let room = |kind, comments, photos| {
            let waiting = [vec![HeldKind::Comment; comments], vec![HeldKind::Photo; photos]].concat();
            must_have_room(kind, &waiting).is_ok()
        };
        assert!(room(HeldKind::Comment, MOST - 1, 0) && !room(HeldKind::Comment, MOST - 1, 1));
        assert!(room(HeldKind::Photo, 3, MOST_PHOTOS - 1) && !room(HeldKind::Photo, 3, MOST_PHOTOS));
        assert!(room(HeldKind::Comment, 3, MOST_PHOTOS));
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
