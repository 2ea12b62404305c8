//! How records look to a caller. Who may see which field is decided here from the access rules, in one place for each
//! record, so that no list shows what a single answer hides.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    domain::{
        action::Action,
        deadline::Deadline,
        ids::MemberId,
        journal::Link,
        organisation::Organisation,
        photo::{Photo, PhotoState},
        report::{Confidentiality, Report},
        time::Instant,
    },
    operations::Caller,
};

/// A report in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportSummary {
    /// Made by the phone.
    pub id: Uuid,
    /// As people say it: `R-2026-00042`.
    pub number: String,
    /// `submitted`, `acknowledged`, `investigating`, `acting`, `verifying` or `closed`.
    pub state: String,
    /// `hazard`, `near_miss` or `incident`.
    pub kind: String,
    /// `safety`, `environment`, `quality`.
    pub aspects: Vec<String>,
    /// The category's code.
    pub category: String,
    /// The site.
    pub site_id: Uuid,
    /// What the sender saw.
    pub narrative: String,
    /// When it happened, as the sender said.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub occurred_at: Option<Instant>,
    /// When the server had it.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Instant,
    /// The same, as read at the site.
    pub received_at_local: String,
    /// People were in danger.
    pub danger_now: bool,
    /// Who sent it; absent where the sender is protected.
    pub reporter_id: Option<Uuid>,
    /// `open`, `confidential` or `anonymous`.
    pub confidentiality: String,
    /// What could have happened, 1 to 5.
    pub potential_severity: u8,
    /// What did happen, 1 to 5.
    pub actual_severity: Option<u8>,
    /// Whom it was routed to.
    pub officer_id: Option<Uuid>,
    /// Which writing of the record this is; the first part of its `ETag`.
    pub version: i64,
}

/// A report with everything around it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportBody {
    /// What a list shows of it.
    #[serde(flatten)]
    pub summary: ReportSummary,
    /// When the phone says it was written.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub captured_at: Option<Instant>,
    /// Where, as the phone said.
    pub location: Option<LocationBody>,
    /// `ar`, `fr` or `en`.
    pub language: String,
    /// The route that chose the officer.
    pub routed_by: String,
    /// When somebody took charge.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Instant>,
    /// When the place was made safe.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub contained_at: Option<Instant>,
    /// When it was rated.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub triaged_at: Option<Instant>,
    /// The causes found.
    pub causes: Vec<CauseBody>,
    /// What the search for similar events found.
    pub similar_events: Option<String>,
    /// When it was closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Instant>,
    /// What the sender is told at the end.
    pub outcome: Option<String>,
    /// In how many days after closing its effect is checked.
    pub effectiveness_days: Option<i32>,
    /// SHA-256 of what was sent.
    pub content_sha256: String,
    /// Photos that were announced.
    pub photos: Vec<PhotoBody>,
    /// Ids of photos whose bytes have not come.
    pub missing: Vec<Uuid>,
    /// Its corrective actions.
    pub actions: Vec<ActionBody>,
    /// Its clocks.
    pub deadlines: Vec<DeadlineBody>,
    /// What this caller may ask of it now.
    pub allowed: Vec<String>,
}

/// A position.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocationBody {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Metres.
    pub accuracy_m: Option<f64>,
}

/// A cause.
#[derive(Debug, Serialize, ToSchema)]
pub struct CauseBody {
    /// `human`, `technical`, `organisational` or `environmental`.
    pub kind: String,
    /// In words.
    pub text: String,
}

/// A photo.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhotoBody {
    /// Made by the phone.
    pub id: Uuid,
    /// `expected`, `received`, `ready` or `unreadable`.
    pub state: String,
    /// The hash of its bytes.
    pub sha256: String,
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
    /// Why it was returned or cancelled.
    pub reason: Option<String>,
    /// What this caller may ask of it now.
    pub allowed: Vec<String>,
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
    /// The version of the ladders it climbs.
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

/// Who sent it, where this caller may know.
fn reporter(report: &Report, caller: &Caller) -> Option<Uuid> {
    let known = report.confidentiality == Confidentiality::Open || report.reporter == Some(caller.member);
    report.reporter.filter(|_| known).map(|MemberId(id)| id)
}

impl ReportSummary {
    /// What this caller may see of it.
    pub fn of(report: &Report, caller: &Caller) -> Self {
        Self {
            id: report.id.0,
            number: report.number.clone(),
            state: report.state.word().to_owned(),
            kind: report.kind.word().to_owned(),
            aspects: report.aspects.iter().map(|aspect| aspect.word().to_owned()).collect(),
            category: report.category.clone(),
            site_id: report.site.0,
            narrative: report.narrative.clone(),
            occurred_at: report.occurred_at,
            received_at: report.received_at,
            received_at_local: report.received_at.local_text(&caller.organisation.zone(report.site)),
            danger_now: report.danger_now,
            reporter_id: reporter(report, caller),
            confidentiality: report.confidentiality.word().to_owned(),
            potential_severity: report.potential_severity,
            actual_severity: report.actual_severity,
            officer_id: report.officer.map(|officer| officer.0),
            version: report.version,
        }
    }
}

/// A report with what belongs to it, as read together.
pub struct Whole {
    /// The report.
    pub report: Report,
    /// Its photos.
    pub photos: Vec<Photo>,
    /// Its actions.
    pub actions: Vec<Action>,
    /// Its clocks.
    pub deadlines: Vec<Deadline>,
}

impl ReportBody {
    /// What this caller may see of it.
    pub fn of(whole: &Whole, caller: &Caller, now: Instant) -> Self {
        let Whole { report, photos, actions, deadlines } = whole;
        let missing = photos.iter().filter(|photo| photo.state == PhotoState::Expected);
        let cause =
            |cause: &crate::domain::report::Cause| CauseBody { kind: cause.kind.word().to_owned(), text: cause.text.clone() };
        Self {
            summary: ReportSummary::of(report, caller),
            captured_at: report.captured_at,
            location: report.location.map(|at| LocationBody { lat: at.lat, lon: at.lon, accuracy_m: at.accuracy_m }),
            language: report.language.tag().to_owned(),
            routed_by: report.routed_by.clone(),
            acknowledged_at: report.acknowledged.map(|stamp| stamp.at),
            contained_at: report.contained.map(|stamp| stamp.at),
            triaged_at: report.triaged.map(|stamp| stamp.at),
            causes: report.causes.iter().map(cause).collect(),
            similar_events: report.similar_events.clone(),
            closed_at: report.closed.map(|stamp| stamp.at),
            outcome: report.outcome.clone(),
            effectiveness_days: report.effectiveness_days,
            content_sha256: hex::encode(report.content_sha256),
            missing: missing.map(|photo| photo.id.0).collect(),
            photos: photos.iter().map(PhotoBody::of).collect(),
            actions: actions.iter().map(|action| ActionBody::of(action, caller, now)).collect(),
            deadlines: deadlines.iter().map(|deadline| DeadlineBody::of(deadline, &caller.organisation, now)).collect(),
            allowed: caller.actor().allowed(report).into_iter().map(str::to_owned).collect(),
        }
    }
}

impl PhotoBody {
    /// A photo is shown alike to everybody who may see its report.
    pub fn of(photo: &Photo) -> Self {
        Self {
            id: photo.id.0,
            state: photo.state.word().to_owned(),
            sha256: hex::encode(photo.sha256),
            bytes: photo.bytes,
            media_type: photo.media_type.clone(),
            received_at: photo.received_at,
            width: photo.width,
            height: photo.height,
            unreadable_because: photo.unreadable_because.clone(),
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
            overdue: action.is_incomplete() && action.due_at < now,
            assigned_at: action.assigned.at,
            completed_at: action.completed.map(|stamp| stamp.at),
            completion_note: action.completion_note.clone(),
            evidence: action.evidence.iter().map(|photo| photo.0).collect(),
            verified_at: action.verified.map(|stamp| stamp.at),
            reason: action.reason.clone(),
            allowed: caller.actor().allowed_of_action(action).into_iter().map(str::to_owned).collect(),
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
            state: deadline.standing(now).to_owned(),
            severity: deadline.severity,
            starts_at: deadline.starts_at,
            due_at: deadline.due_at,
            due_at_local: deadline.due_at.local_text(&organisation.zone(deadline.site)),
            first_due_at: deadline.first_due_at,
            met_at: deadline.met_at,
            paused_until: deadline.paused_until,
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
            actor_id: link.actor.map(|member| member.0),
            subject: link.subject.clone(),
            subject_id: link.subject_id,
            verb: link.verb.clone(),
            facts: serde_json::from_str(&link.facts).unwrap_or(Value::Null),
            hash: hex::encode(link.hash),
        }
    }
}
