//! What a phone sends, and its reading into values that cannot be wrong. Every wrong field is named at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Aspect, Confidentiality, EnvironmentFacts, Location, QualityFacts, RawEnvironment, RawQuality, ReportKind};
use crate::domain::{
    ids::{PhotoId, SiteId, client_made},
    locale::Locale,
    refusal::{FieldErrors, Refusal},
    time::Instant,
};

/// The longest narrative, in characters.
pub const NARRATIVE_LIMIT: usize = 10_000;
/// How long a claim is, in characters: 43 of base64url are 256 bits.
const CLAIM_LENGTHS: std::ops::RangeInclusive<usize> = 43..=100;
/// The most photos of one report.
pub const MANIFEST_LIMIT: usize = 20;

/// The body as it came, every field still as its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDraft {
    /// `hazard`, `near_miss` or `incident`.
    pub kind: String,
    /// One or more of `safety`, `environment`, `quality`.
    pub aspects: Vec<String>,
    /// The code of a category.
    pub category: String,
    /// A site.
    pub site_id: Uuid,
    /// What the sender saw.
    pub narrative: String,
    /// When it happened.
    #[serde(default)]
    pub occurred_at: Option<String>,
    /// When the phone says it was written.
    #[serde(default)]
    pub captured_at: Option<String>,
    /// Where.
    #[serde(default)]
    pub location: Option<RawLocation>,
    /// 1 to 5, if the sender rates it.
    #[serde(default)]
    pub potential_severity: Option<u8>,
    /// People are in danger now.
    #[serde(default)]
    pub danger_now: bool,
    /// `open` when absent.
    #[serde(default)]
    pub confidentiality: Option<String>,
    /// `ar`, `fr` or `en`; the sender's own when absent.
    #[serde(default)]
    pub language: Option<String>,
    /// The photos that will follow.
    #[serde(default)]
    pub photos: Vec<RawPhoto>,
    /// What the environment was given. Absent, it is no part of the fingerprint: phones that know nothing of it sent none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<RawEnvironment>,
    /// Which service failed; of the fingerprint as above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<RawQuality>,
    /// Random characters by which the phone of an anonymous sender proves that it sends the same again. Never kept; it
    /// counts in the fingerprint, where it is absent from drafts that have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
}

/// A position as it came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawLocation {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Metres.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
}

/// A photo of the manifest as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPhoto {
    /// Made by the phone.
    pub id: Uuid,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Such as `image/jpeg`.
    pub media_type: String,
}

/// A photo that is to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedPhoto {
    /// Made by the phone.
    pub id: PhotoId,
    /// The hash its bytes must have.
    pub sha256: [u8; 32],
    /// The number of bytes it must have.
    pub bytes: u64,
    /// What the phone says it is.
    pub media_type: String,
}

/// A report as it was sent, every field valid by itself. Whether site and category exist is the operation's to ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What kind of event.
    pub kind: ReportKind,
    /// What it concerns; at least one.
    pub aspects: BTreeSet<Aspect>,
    /// The category's code.
    pub category: String,
    /// Where in the organisation.
    pub site: SiteId,
    /// What the sender saw.
    pub narrative: String,
    /// When it happened.
    pub occurred_at: Option<Instant>,
    /// When the phone says it was written.
    pub captured_at: Option<Instant>,
    /// Where.
    pub location: Option<Location>,
    /// 1 to 5.
    pub potential_severity: Option<u8>,
    /// People are in danger now.
    pub danger_now: bool,
    /// How much the sender wants to be known.
    pub confidentiality: Confidentiality,
    /// The language it is written in.
    pub language: Option<Locale>,
    /// The photos that will follow.
    pub photos: Vec<ExpectedPhoto>,
    /// What the environment was given.
    pub environment: Option<EnvironmentFacts>,
    /// Which service failed.
    pub quality: Option<QualityFacts>,
    /// Whether its content holds a claim, so that only its own sender can send the same again.
    pub claimed: bool,
    /// SHA-256 of the body in one fixed form: the same content has the same hash, whatever its spacing and field order.
    pub content_sha256: [u8; 32],
}

impl RawDraft {
    /// Reads every field; `photo_limit` is the most bytes of one photo.
    pub fn read(self, photo_limit: u64) -> Result<Draft, Refusal> {
        let content_sha256 = self.fingerprint();
        let mut errors = FieldErrors::default();
        let kind = errors.take(word("/kind", ReportKind::of_word(&self.kind), "unknown_kind"));
        let aspects = aspects(&self.aspects, &mut errors);
        let narrative = errors.take(narrative(&self.narrative));
        let occurred_at = instant(&mut errors, "/occurred_at", self.occurred_at.as_deref());
        let captured_at = instant(&mut errors, "/captured_at", self.captured_at.as_deref());
        let location = self.location.and_then(|location| errors.take(position(location)));
        if self.potential_severity.is_some_and(|severity| !(1..=5).contains(&severity)) {
            errors.add("/potential_severity", "not_one_to_five");
        }
        let confidentiality = self.confidentiality.as_deref().map_or(Some(Confidentiality::Open), |text| {
            errors.take(word("/confidentiality", Confidentiality::of_word(text), "unknown_confidentiality"))
        });
        let language =
            self.language.as_deref().and_then(|text| errors.take(word("/language", text.parse().ok(), "unknown_language")));
        let photos = manifest(&self.photos, photo_limit, &mut errors);
        if self.environment.is_some() && !aspects.contains(&Aspect::Environment) {
            errors.add("/environment", "aspect_not_named");
        }
        if self.quality.is_some() && !aspects.contains(&Aspect::Quality) {
            errors.add("/quality", "aspect_not_named");
        }
        let environment = self.environment.and_then(|raw| errors.take(raw.read()));
        let quality = self.quality.and_then(|raw| errors.take(raw.read()));
        if let Some(claim) = &self.claim {
            check_claim(claim, confidentiality, &mut errors);
        }
        errors.none()?;
        let (Some(kind), Some(narrative), Some(confidentiality)) = (kind, narrative, confidentiality) else {
            return Err(Refusal::invalid("", "unreadable"));
        };
        Ok(Draft {
            kind,
            aspects,
            category: self.category,
            site: SiteId(self.site_id),
            narrative,
            occurred_at,
            captured_at,
            location,
            potential_severity: self.potential_severity,
            danger_now: self.danger_now,
            confidentiality,
            language,
            photos,
            environment,
            quality,
            claimed: self.claim.is_some(),
            content_sha256,
        })
    }

    fn fingerprint(&self) -> [u8; 32] {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(&bytes).into()
    }
}

/// What is named, each once; at least one.
pub(super) fn aspects(words: &[String], errors: &mut FieldErrors) -> BTreeSet<Aspect> {
    if words.is_empty() {
        errors.add("/aspects", "empty");
    }
    let read = |(n, text): (usize, &String)| {
        errors.take(Aspect::of_word(text).ok_or_else(|| Refusal::invalid(format!("/aspects/{n}"), "unknown_aspect")))
    };
    words.iter().enumerate().filter_map(read).collect()
}

pub(super) fn word<T>(pointer: &'static str, value: Option<T>, code: &'static str) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::invalid(pointer, code))
}

fn narrative(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Refusal::invalid("/narrative", "empty")),
        _ if text.contains('\0') => Err(Refusal::invalid("/narrative", "has_nul")),
        n if n > NARRATIVE_LIMIT => Err(Refusal::invalid("/narrative", "too_long")),
        _ => Ok(text.to_owned()),
    }
}

pub(super) fn instant(errors: &mut FieldErrors, pointer: &'static str, text: Option<&str>) -> Option<Instant> {
    errors.take(text?.parse().map_err(|_| Refusal::invalid(pointer, "not_an_instant")))
}

pub(super) fn position(raw: RawLocation) -> Result<Location, Refusal> {
    if !(-90.0..=90.0).contains(&raw.lat) {
        return Err(Refusal::invalid("/location/lat", "out_of_range"));
    }
    if !(-180.0..=180.0).contains(&raw.lon) {
        return Err(Refusal::invalid("/location/lon", "out_of_range"));
    }
    if raw.accuracy_m.is_some_and(|metres| !(0.0..=1e7).contains(&metres)) {
        return Err(Refusal::invalid("/location/accuracy_m", "out_of_range"));
    }
    Ok(Location { lat: raw.lat, lon: raw.lon, accuracy_m: raw.accuracy_m })
}

/// Officers see everything else that an anonymous sender sent: what proves them must be beyond guessing.
fn check_claim(claim: &str, confidentiality: Option<Confidentiality>, errors: &mut FieldErrors) {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !CLAIM_LENGTHS.contains(&claim.len()) || !claim.chars().all(fits) {
        errors.add("/claim", "not_a_claim");
    }
    if confidentiality.is_some_and(|wanted| wanted != Confidentiality::Anonymous) {
        errors.add("/claim", "only_when_anonymous");
    }
}

fn manifest(raw: &[RawPhoto], photo_limit: u64, errors: &mut FieldErrors) -> Vec<ExpectedPhoto> {
    if raw.len() > MANIFEST_LIMIT {
        errors.add("/photos", "too_many");
    }
    let mut ids = BTreeSet::new();
    let mut photos = Vec::new();
    for (n, photo) in raw.iter().enumerate().take(MANIFEST_LIMIT) {
        if client_made(photo.id, "").is_err() {
            errors.add(format!("/photos/{n}/id"), "id_not_v4_or_v7");
        }
        if !ids.insert(photo.id) {
            errors.add(format!("/photos/{n}/id"), "stands_twice");
        }
        if photo.bytes == 0 || photo.bytes > photo_limit {
            errors.add(format!("/photos/{n}/bytes"), if photo.bytes == 0 { "empty" } else { "photo_too_large" });
        }
        if photo.media_type.is_empty() || photo.media_type.len() > 100 {
            errors.add(format!("/photos/{n}/media_type"), "empty");
        }
        let mut sha256 = [0; 32];
        if hex::decode_to_slice(&photo.sha256, &mut sha256).is_err() {
            errors.add(format!("/photos/{n}/sha256"), "not_a_sha256");
        }
        photos.push(ExpectedPhoto { id: PhotoId(photo.id), sha256, bytes: photo.bytes, media_type: photo.media_type.clone() });
    }
    photos
}
