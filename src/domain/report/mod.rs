//! A hazard, near miss or incident that somebody sent, and how it lives:
//! `submitted → acknowledged → investigating → acting → verifying → closed`, or `dismissed`, `duplicate`, `withdrawn`.
//! Moves consume the report and either give the next one or say why not. Corrective actions are in `action`.

mod aspects;
mod command;
mod correction;
mod draft;
mod effect;
mod ending;
mod facts;
mod fields;
mod moves;
mod rating;
mod recurrence;
mod times;
mod unseal;
#[cfg(test)]
mod walk;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::{
    aspects::{EnvironmentFacts, QualityFacts, RawEnvironment, RawQuality, ReceivingBody, Service},
    command::Command,
    correction::{CorrectedField, Correction, CorrectionDraft, RawCorrection},
    draft::{Draft, ExpectedPhoto, MANIFEST_LIMIT, NARRATIVE_LIMIT, RawDraft, RawLocation, RawPhoto},
    effect::{CheckDraft, EffectivenessCheck},
    ending::Closing,
    facts::FileFacts,
    fields::ACTIONS,
    moves::{Investigation, Justification},
    rating::{DownRating, HIGH_FROM, Triage},
    recurrence::{Likeness, Similar, YEAR_MS},
    times::TimeDoubt,
    unseal::{UNSEALED_MS, Unsealing, Voice},
};
use super::{
    ids::{MemberId, ReportId, SiteId},
    locale::Locale,
    severity::{Risk, Screened},
    since::Touched,
    time::Instant,
    words::words,
};

words! {
    /// What kind of event was reported.
    pub enum ReportKind {
        /// A source of danger; nothing has happened.
        Hazard = "hazard",
        /// Something happened and nobody was harmed.
        NearMiss = "near_miss",
        /// Something happened and did harm.
        Incident = "incident",
    }
}

words! {
    /// What it concerns: one record serves ISO 45001, ISO 14001 and ISO 9001.
    pub enum Aspect {
        /// People's health and safety (ISO 45001).
        Safety = "safety",
        /// The environment (ISO 14001).
        Environment = "environment",
        /// Service and quality (ISO 9001).
        Quality = "quality",
    }
}

words! {
    /// How much the sender wants to be known.
    pub enum Confidentiality {
        /// Whoever may read the report sees who sent it.
        Open = "open",
        /// The sender's identity is sealed.
        Confidential = "confidential",
        /// No link to the sender is kept.
        Anonymous = "anonymous",
    }
}

words! {
    /// Where a report stands.
    pub enum ReportState {
        /// Stored, routed, on the clock; nobody has answered yet.
        Submitted = "submitted",
        /// An officer has taken charge.
        Acknowledged = "acknowledged",
        /// It is rated, causes are being looked for.
        Investigating = "investigating",
        /// Corrective actions are under way.
        Acting = "acting",
        /// All actions are complete; somebody else verifies them.
        Verifying = "verifying",
        /// Done, with its outcome told to the sender.
        Closed = "closed",
        /// Nothing is to be done about it; the sender reads why.
        Dismissed = "dismissed",
        /// Another report of the same thing stands for it.
        Duplicate = "duplicate",
        /// Its sender took it back before anybody took charge.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What kind of thing caused it.
    pub enum CauseKind {
        /// People: competence, fatigue, haste.
        Human = "human",
        /// Equipment and material.
        Technical = "technical",
        /// Planning, procedure, supervision.
        Organisational = "organisational",
        /// Weather, ground, traffic, third parties.
        Environmental = "environmental",
    }
}

/// One cause found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Of what kind.
    pub kind: CauseKind,
    /// In words; at most 1000 characters.
    pub text: String,
}

/// Where it happened, as the phone said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// The phone's own estimate of its error, in metres.
    pub accuracy_m: Option<f64>,
}

/// Somebody did something at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: MemberId,
}

/// The check, some time after closing, whether the cause is gone (ISO 45001 clause 10.2 e).
pub const EFFECTIVENESS_DAYS: [i32; 2] = [30, 90];

/// From this potential severity up the record needs causes, evidence of completion and an effectiveness check.
pub const SERIOUS_FROM: u8 = 3;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Made by the phone.
    pub id: ReportId,
    /// As people say it: `R-2026-00042`, without gaps.
    pub number: String,
    /// Where it stands.
    pub state: ReportState,
    /// What kind of event.
    pub kind: ReportKind,
    /// What it concerns.
    pub aspects: BTreeSet<Aspect>,
    /// The category's code.
    pub category: String,
    /// Where in the organisation.
    pub site: SiteId,
    /// What the sender saw, in their words.
    pub narrative: String,
    /// When it happened, as the sender said.
    pub occurred_at: Option<Instant>,
    /// When the phone says it was written.
    pub captured_at: Option<Instant>,
    /// When the phone says that it sent it; nothing where the sender is protected, whom the time on a phone could give away.
    pub sent_at: Option<Instant>,
    /// When the server had it: the time that counts.
    pub received_at: Instant,
    /// Where, as the phone said.
    pub location: Option<Location>,
    /// What the environment was given.
    pub environment: Option<EnvironmentFacts>,
    /// Which service failed.
    pub quality: Option<QualityFacts>,
    /// The sender thinks people are in danger now.
    pub danger_now: bool,
    /// Who sent it.
    pub reporter: Option<MemberId>,
    /// How much the sender wants to be known.
    pub confidentiality: Confidentiality,
    /// The language it is written in.
    pub language: Locale,
    /// What could have happened, 1 to 5: drives routes and clocks.
    pub potential_severity: u8,
    /// What did happen, 1 to 5; none until rated.
    pub actual_severity: Option<u8>,
    /// The serious-injury screen of the rating, where it was gone through.
    pub screened: Option<Screened>,
    /// Where the rating stands in the matrix, where a likelihood was given.
    pub risk: Option<Risk>,
    /// Whom it was routed to; none only where the organisation has nobody.
    pub officer: Option<MemberId>,
    /// The name of the rule that chose them, with the version of the routes.
    pub routed_by: String,
    /// Who took charge.
    pub acknowledged: Option<Stamp>,
    /// Who made the place safe.
    pub contained: Option<Stamp>,
    /// Who rated it.
    pub triaged: Option<Stamp>,
    /// A lower potential that waits for a second person.
    pub pending: Option<DownRating>,
    /// The causes found.
    pub causes: Vec<Cause>,
    /// When the first of them was written down.
    pub causes_found_at: Option<Instant>,
    /// What the search for similar events found, even "none found".
    pub similar_events: Option<String>,
    /// Who looked at the similar events there were.
    pub similar_seen: Option<Stamp>,
    /// Why evidence that never came is not waited for.
    pub photos_waived: Option<String>,
    /// Why a manager lets a serious danger be met by rules and equipment alone.
    pub controls_justified: Option<Justification>,
    /// Who closed it.
    pub closed: Option<Stamp>,
    /// What the sender is told at the end; that of the last end, where it was reopened.
    pub outcome: Option<String>,
    /// The report that stands for this one.
    pub duplicate_of: Option<ReportId>,
    /// The closed report that it showed not to have sufficed.
    pub recurrence_of: Option<ReportId>,
    /// The report that showed that this one had not sufficed, the last time.
    pub recurred_as: Option<ReportId>,
    /// Who took it up again, the last time; where it happened again, who had closed it.
    pub reopened: Option<Stamp>,
    /// How many of its actions had not sufficed when it was last reopened after closing: they count no more.
    pub actions_before: u32,
    /// In how many days after closing its effect is checked.
    pub effectiveness_days: Option<i32>,
    /// The checks of its effect, oldest first.
    pub checks: Vec<EffectivenessCheck>,
    /// Who opened, or asked to open, the identity of its confidential sender, oldest first.
    pub unsealings: Vec<Unsealing>,
    /// SHA-256 of what was sent, by which a repeated sending is known.
    pub content_sha256: [u8; 32],
    /// When each of its fields was last written.
    pub touched: Touched,
    /// Which writing of the record this is.
    pub version: i64,
}

#[cfg(test)]
pub(super) mod tests;
