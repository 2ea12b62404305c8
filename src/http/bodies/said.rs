//! What was said about reports and actions, as a caller may see it: reasons, comments, checks, extensions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{
    access::Reader,
    action::Extension,
    comment::Comment,
    organisation::Organisation,
    report::{EffectivenessCheck, Report, Unsealing, Voice},
    time::Instant,
};

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// At most 1000 characters, where nothing else is said.
    pub reason: String,
}

/// Something said about a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommentBody {
    /// Made by the client, or by the server for the reason of a move.
    pub id: Uuid,
    /// `comment`, `question`, `transfer`, `reopening`, `down_rating` or `hold`.
    pub kind: String,
    /// What was said.
    pub text: String,
    /// Who said it; absent where that is a protected sender, or one who is forgotten.
    pub author_id: Option<Uuid>,
    /// The report's sender said it.
    pub by_reporter: bool,
    /// The report's sender may read it.
    pub for_reporter: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// SHA-256 of the JSON array `["text",for_reporter]`, without spaces.
    pub content_sha256: String,
    /// Always 1: what was said is never changed.
    pub version: i64,
}

impl CommentBody {
    /// What this reader may see of it.
    pub fn of(comment: &Comment, report: &Report, reader: &Reader<'_>) -> Self {
        Self {
            id: comment.id.0,
            kind: comment.kind.word().to_owned(),
            text: comment.text.clone(),
            author_id: comment.known_author().filter(|author| reader.may_know(*author)).map(|author| author.0),
            by_reporter: comment.is_by_the_reporter(report),
            for_reporter: comment.for_reporter,
            at: comment.at,
            content_sha256: hex::encode(comment.content_sha256()),
            version: 1,
        }
    }
}

/// A check of the effect.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckBody {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who.
    pub by_id: Uuid,
    /// Whether the cause was gone.
    pub effective: bool,
    /// How it was looked at.
    pub method: String,
    /// What was seen.
    pub note: String,
    /// Photos that show it.
    pub evidence: Vec<Uuid>,
    /// By when it was due; absent where nobody had asked for it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Instant>,
}

impl CheckBody {
    /// A check is shown alike to everybody who may see its report.
    pub fn of(check: &EffectivenessCheck) -> Self {
        Self {
            at: check.done.at,
            by_id: check.done.by.0,
            effective: check.effective,
            method: check.method.clone(),
            note: check.note.clone(),
            evidence: check.evidence.iter().map(|photo| photo.0).collect(),
            due_at: check.due_at,
        }
    }
}

/// More time for an action.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExtensionBody {
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
    /// Why it was asked for.
    pub reason: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Instant,
    /// Who asked.
    pub requested_by: Uuid,
    /// Granted or refused; absent while it waits.
    pub granted: Option<bool>,
    /// Why it was granted or refused.
    pub decision_reason: Option<String>,
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Instant>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
}

impl ExtensionBody {
    /// An extension is shown alike to everybody who may see its action.
    pub fn of(extension: &Extension) -> Self {
        let decision = extension.decision.as_ref();
        Self {
            until: extension.until,
            reason: extension.reason.clone(),
            requested_at: extension.requested.at,
            requested_by: extension.requested.by.0,
            granted: decision.map(|decision| decision.granted),
            decision_reason: decision.and_then(|decision| decision.reason.clone()),
            decided_at: decision.map(|decision| decision.stamp.at),
            decided_by: decision.map(|decision| decision.stamp.by.0),
        }
    }
}

/// One opening of a confidential sender's identity.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnsealingBody {
    /// Who asked for it.
    pub asked: VoiceBody,
    /// Who agreed; absent while it waits for a second person.
    pub agreed: Option<VoiceBody>,
    /// Until when these two may read the identity.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub open_until: Option<Instant>,
}

/// What one of the two said.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoiceBody {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who.
    pub by_id: Uuid,
    /// Their name.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl UnsealingBody {
    /// An opening is shown alike to the sender and to those who read reports.
    pub fn of(unsealing: &Unsealing, organisation: &Organisation) -> Self {
        let voice = |voice: &Voice| VoiceBody {
            at: voice.stamp.at,
            by_id: voice.stamp.by.0,
            by: organisation.members.get(&voice.stamp.by).map_or_else(String::new, |member| member.name.clone()),
            reason: voice.reason.clone(),
        };
        Self { asked: voice(&unsealing.asked), agreed: unsealing.agreed.as_ref().map(voice), open_until: unsealing.open_until() }
    }
}
