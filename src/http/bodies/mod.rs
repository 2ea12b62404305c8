//! How records look to a caller. Who may see which field is decided here from the access rules, in one place for each
//! record, so that no list shows what a single answer hides.

mod facts;
mod held;
mod problem;
mod report;
mod said;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

pub use self::{
    facts::{CorrectionBody, EnvironmentBody, QualityBody, RiskBody, ScreenBody},
    held::{HeldBody, WaitingBody},
    problem::{OpenWorkCounts, ProblemBody, ProblemField, ProblemMissing, Since},
    report::{ReportBody, ReportSummary, SecretsBody, Whole},
    said::{CheckBody, CommentBody, ExtensionBody, ReasonBody, UnsealingBody},
};
use crate::{
    domain::{action::Action, deadline::Deadline, journal::Link, organisation::Organisation, photo::Photo, time::Instant},
    operations::Caller,
};

/// A photo.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhotoBody {
    /// Made by the phone.
    pub id: Uuid,
    /// `expected`, `received`, `ready`, `unreadable` or `disposed`.
    pub state: String,
    /// The hash of its bytes, as they were announced and came. A photo has no versions: an id has the same bytes for ever.
    pub sha256: String,
    /// The hash of the bare picture that is kept instead of them, where the report is anonymous.
    pub kept_sha256: Option<String>,
    /// The number of its bytes.
    pub bytes: u64,
    /// What it is.
    pub media_type: String,
    /// When its bytes were here.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub received_at: Option<Instant>,
    /// Width of the upright picture in pixels.
    pub width: Option<u32>,
    /// Height of the upright picture in pixels.
    pub height: Option<u32>,
    /// Why nothing could be made of it.
    pub unreadable_because: Option<String>,
    /// `dark`, `blurred` or `damaged`: what strikes the eye once it is `ready`. A reason to take another, no more.
    pub hints: Vec<String>,
    /// How often an officer changed what is hidden in it.
    pub redactions: u32,
    /// Whether what others see of it now is a small picture that its phone sent first. It is not the evidence.
    pub preview: bool,
}

/// A corrective action.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionBody {
    /// Made by the client that assigned it.
    pub id: Uuid,
    /// Its report.
    pub report_id: Uuid,
    /// Its report's site.
    pub site_id: Uuid,
    /// Its place among the report's actions.
    pub ordinal: u32,
    /// `open`, `accepted`, `in_progress`, `completed`, `verified` or `cancelled`.
    pub state: String,
    /// What is to be done, in a line.
    pub title: String,
    /// How.
    pub details: Option<String>,
    /// `containment`, `corrective` or `preventive`.
    pub kind: String,
    /// Its level in the hierarchy of controls.
    pub control: String,
    /// Who does it.
    pub owner_id: Uuid,
    /// Who sees that it is done.
    pub verifier_id: Uuid,
    /// By when.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Instant,
    /// The same, as read at the site.
    pub due_at_local: String,
    /// The first promise, which figures count against.
    #[schema(value_type = String, format = DateTime)]
    pub first_due_at: Instant,
    /// The extensions asked for, oldest first.
    pub extensions: Vec<ExtensionBody>,
    /// Not complete, and its time has passed.
    pub overdue: bool,
    /// When it was assigned.
    #[schema(value_type = String, format = DateTime)]
    pub assigned_at: Instant,
    /// When its owner said it is done.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Instant>,
    /// What they said.
    pub completion_note: Option<String>,
    /// Photos that show it.
    pub evidence: Vec<Uuid>,
    /// When somebody else saw that it is done.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub verified_at: Option<Instant>,
    /// Why it was returned, given on or cancelled, the last time.
    pub reason: Option<String>,
    /// What this caller may ask of it now.
    pub allowed: Vec<String>,
    /// SHA-256 of the assignment as it was sent.
    pub content_sha256: String,
    /// Which writing of the record this is; the first part of its `ETag`.
    pub version: i64,
}

/// A clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadlineBody {
    /// Its id.
    pub id: Uuid,
    /// Its report.
    pub report_id: Uuid,
    /// Its action, if it is an action's.
    pub action_id: Option<Uuid>,
    /// What must happen.
    pub kind: String,
    /// The id of the legal obligation, for a filing.
    pub obligation: Option<String>,
    /// `due`, `overdue`, `met`, `missed` or `cancelled`.
    pub state: String,
    /// The potential severity it was set for.
    pub severity: u8,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Instant,
    /// By when.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Instant,
    /// The same, as read at the site.
    pub due_at_local: String,
    /// The first promise.
    #[schema(value_type = String, format = DateTime)]
    pub first_due_at: Instant,
    /// When it happened.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub met_at: Option<Instant>,
    /// Until then an acknowledged escalation stays quiet.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paused_until: Option<Instant>,
    /// How long there is from its start, such as `PT4H`, `P2BD` or `PT8WH`; absent where somebody said the due instant.
    pub within: Option<String>,
    /// The code of the calendar that counts.
    pub calendar: String,
    /// The version of the calendars it is counted and planned by.
    pub calendar_version: Option<u32>,
    /// The version of the time-zone data it is counted and planned by.
    pub zone_data_version: Option<String>,
    /// The version of the ladders it climbs; of the obligations, for a filing.
    pub ladder_version: u32,
}

/// An entry of the journal.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryBody {
    /// Its place in the journal.
    pub seq: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// When, as the device of whoever did it says: a claim. Absent where nothing was said, and for protected senders.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub said_at: Option<Instant>,
    /// Who; absent for the clock and for protected senders.
    pub actor_id: Option<Uuid>,
    /// What kind of record.
    pub subject: String,
    /// Which record.
    pub subject_id: Uuid,
    /// What happened.
    pub verb: String,
    /// The facts of it, codes and ids only.
    pub facts: Value,
    /// The hash it is chained by.
    pub hash: String,
}

impl PhotoBody {
    /// A photo is shown alike to everybody who may see its report.
    pub fn of(photo: &Photo) -> Self {
        Self {
            id: photo.id.0,
            state: photo.state.word().to_owned(),
            sha256: hex::encode(photo.sha256),
            kept_sha256: photo.kept_sha256.map(hex::encode),
            bytes: photo.bytes,
            media_type: photo.media_type.clone(),
            received_at: photo.received_at,
            width: photo.width,
            height: photo.height,
            unreadable_because: photo.unreadable_because.clone(),
            hints: photo.hints.iter().map(|hint| hint.word().to_owned()).collect(),
            redactions: photo.redactions,
            preview: photo.preview().is_some(),
        }
    }
}

impl ActionBody {
    /// What this caller sees of it.
    pub fn of(action: &Action, caller: &Caller, now: Instant) -> Self {
        Self {
            id: action.id.0,
            report_id: action.report.0,
            site_id: action.site.0,
            ordinal: action.ordinal,
            state: action.state.word().to_owned(),
            title: action.title.clone(),
            details: action.details.clone(),
            kind: action.kind.word().to_owned(),
            control: action.control.word().to_owned(),
            owner_id: action.owner.0,
            verifier_id: action.verifier.0,
            due_at: action.due_at,
            due_at_local: action.due_at.local_text(&caller.organisation.zone(action.site)),
            first_due_at: action.first_due_at,
            extensions: action.extensions.iter().map(ExtensionBody::of).collect(),
            overdue: action.is_incomplete() && action.due_at < now,
            assigned_at: action.assigned.at,
            completed_at: action.completed.map(|stamp| stamp.at),
            completion_note: action.completion_note.clone(),
            evidence: action.evidence.iter().map(|photo| photo.0).collect(),
            verified_at: action.verified.map(|stamp| stamp.at),
            reason: action.reason.clone(),
            allowed: caller.actor().allowed_of_action(action).into_iter().map(str::to_owned).collect(),
            content_sha256: hex::encode(action.content_sha256),
            version: action.version,
        }
    }
}

impl DeadlineBody {
    /// A clock as it stands at `now`.
    pub fn of(deadline: &Deadline, organisation: &Organisation, now: Instant) -> Self {
        Self {
            id: deadline.id.0,
            report_id: deadline.report.0,
            action_id: deadline.action.map(|action| action.0),
            kind: deadline.kind.word().to_owned(),
            obligation: deadline.obligation.clone(),
            state: deadline.standing(now).to_owned(),
            severity: deadline.severity,
            starts_at: deadline.starts_at,
            due_at: deadline.due_at,
            due_at_local: deadline.due_at.local_text(&organisation.zone(deadline.site)),
            first_due_at: deadline.first_due_at,
            met_at: deadline.met_at,
            paused_until: deadline.paused_until,
            within: deadline.within.map(|within| within.to_string()),
            calendar: deadline.calendar.clone(),
            calendar_version: deadline.counted_by.as_ref().map(|basis| basis.calendars),
            zone_data_version: deadline.counted_by.as_ref().map(|basis| basis.zone_data.clone()),
            ladder_version: deadline.ladder_version,
        }
    }
}

impl EntryBody {
    /// An entry as it stands in the chain.
    pub fn of(link: &Link) -> Self {
        Self {
            seq: link.seq,
            at: link.at,
            said_at: link.said_at,
            actor_id: link.actor.map(|member| member.0),
            subject: link.subject.clone(),
            subject_id: link.subject_id,
            verb: link.verb.clone(),
            facts: serde_json::from_str(&link.facts).unwrap_or(Value::Null),
            hash: hex::encode(link.hash),
        }
    }
}
