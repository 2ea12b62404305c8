//! The receipt of what came before the report or action it is about.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{held::Held, time::Instant};

/// Something that is kept until the report or action it is about arrives. Nothing is to be sent again; it is answered so as
/// well where that is not the caller's to know, and is dropped then as it is where that never comes.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldBody {
    /// The id under which it was sent: the comment's, the action's, or the photo's.
    pub id: Uuid,
    /// Always true.
    pub held: bool,
    /// `comment`, `completion` or `photo`.
    pub kind: String,
    /// The report or action it waits for.
    pub waits_for_id: Uuid,
    /// Always 1: it is never changed.
    pub version: i64,
    /// SHA-256 of it: of the JSON array `["text",for_reporter]` or `["note",["evidence", …]]`, without spaces; of a photo of
    /// its bytes.
    pub content_sha256: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub held_at: Instant,
    /// When it is dropped, if what it waits for has not come.
    #[schema(value_type = String, format = DateTime)]
    pub kept_until: Instant,
}

impl HeldBody {
    /// What waits for that.
    pub fn of(held: &Held, waits_for: Uuid) -> Self {
        Self {
            id: held.own_id,
            held: true,
            kind: held.kind.word().to_owned(),
            waits_for_id: waits_for,
            version: 1,
            content_sha256: hex::encode(held.content_sha256),
            held_at: held.since,
            kept_until: held.kept_until(),
        }
    }
}

/// What has waited too long. What was said, and about what, is shown to nobody: it could say who knows of an anonymous report.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingBody {
    /// Made by the server.
    pub id: Uuid,
    /// `comment`, `completion` or `photo`.
    pub kind: String,
    /// Who sent it, and can be asked what their phone still has.
    pub member_id: Uuid,
    /// Since when it waits.
    #[schema(value_type = String, format = DateTime)]
    pub held_at: Instant,
    /// When it is dropped.
    #[schema(value_type = String, format = DateTime)]
    pub kept_until: Instant,
}

impl WaitingBody {
    /// That it waits.
    pub fn of(held: &Held) -> Self {
        Self {
            id: held.id.0,
            kind: held.kind.word().to_owned(),
            member_id: held.member.0,
            held_at: held.since,
            kept_until: held.kept_until(),
        }
    }
}
