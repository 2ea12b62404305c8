//! The body of a report as a phone sends it. Its reading into values that cannot be wrong is `domain::report`'s.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    domain::report::{RawDraft, RawLocation, RawPhoto},
    http::bodies::{EnvironmentBody, QualityBody},
};

/// A report as a phone sends it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftBody {
    /// `hazard`, `near_miss` or `incident`.
    kind: String,
    /// One or more of `safety`, `environment`, `quality`.
    aspects: Vec<String>,
    /// The code of a category.
    category: String,
    /// A site.
    site_id: Uuid,
    /// What the sender saw; at most 10,000 characters.
    narrative: String,
    /// When it happened (RFC 3339).
    #[serde(default)]
    occurred_at: Option<String>,
    /// When the phone says it was written (RFC 3339).
    #[serde(default)]
    captured_at: Option<String>,
    /// Where.
    #[serde(default)]
    location: Option<DraftLocation>,
    /// What could have happened, 1 to 5; the category says when absent.
    #[serde(default)]
    potential_severity: Option<u8>,
    /// People are in danger now.
    #[serde(default)]
    danger_now: bool,
    /// `open` (when absent), `confidential` or `anonymous`.
    #[serde(default)]
    confidentiality: Option<String>,
    /// `ar`, `fr` or `en`.
    #[serde(default)]
    language: Option<String>,
    /// The photos that will follow; at most 20.
    #[serde(default)]
    photos: Vec<DraftPhoto>,
    /// What the environment was given; only with the aspect `environment`.
    #[serde(default)]
    environment: Option<EnvironmentBody>,
    /// Which service failed; only with the aspect `quality`.
    #[serde(default)]
    quality: Option<QualityBody>,
    /// Of an anonymous report: 43 to 100 random letters, digits, hyphens or low lines (256 bits), never shown to anybody. A
    /// phone that sends the same again with its claim gets secrets that were lost on the way.
    #[serde(default)]
    claim: Option<String>,
}

/// A position as the phone says it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftLocation {
    /// Degrees north, -90 to 90.
    lat: f64,
    /// Degrees east, -180 to 180.
    lon: f64,
    /// Metres, 0 to 10,000,000.
    #[serde(default)]
    accuracy_m: Option<f64>,
}

/// A photo that will follow.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftPhoto {
    /// Made by the phone.
    id: Uuid,
    /// 64 hexadecimal digits.
    sha256: String,
    /// Its length, 1 to 268,435,456 bytes; the server may take less.
    bytes: u64,
    /// Such as `image/jpeg`; at most 100 characters.
    media_type: String,
}

impl From<DraftLocation> for RawLocation {
    fn from(at: DraftLocation) -> Self {
        Self { lat: at.lat, lon: at.lon, accuracy_m: at.accuracy_m }
    }
}

impl From<DraftBody> for RawDraft {
    fn from(body: DraftBody) -> Self {
        let photo = |photo: DraftPhoto| RawPhoto {
            id: photo.id,
            sha256: photo.sha256.to_ascii_lowercase(),
            bytes: photo.bytes,
            media_type: photo.media_type,
        };
        Self {
            kind: body.kind,
            aspects: body.aspects,
            category: body.category,
            site_id: body.site_id,
            narrative: body.narrative,
            occurred_at: body.occurred_at,
            captured_at: body.captured_at,
            location: body.location.map(Into::into),
            potential_severity: body.potential_severity,
            danger_now: body.danger_now,
            confidentiality: body.confidentiality,
            language: body.language,
            photos: body.photos.into_iter().map(photo).collect(),
            environment: body.environment.map(Into::into),
            quality: body.quality.map(Into::into),
            claim: body.claim,
        }
    }
}
