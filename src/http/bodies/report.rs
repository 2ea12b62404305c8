//! A report as a caller may see it, in a list and with everything around it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    ActionBody, CheckBody, CommentBody, CorrectionBody, DeadlineBody, EnvironmentBody, PhotoBody, QualityBody, RiskBody,
    ScreenBody, UnsealingBody,
};
use crate::{
    domain::{
        access::Part,
        action::Action,
        comment::Comment,
        deadline::Deadline,
        photo::{Photo, PhotoState},
        report::{Cause, Correction, Report},
        time::Instant,
    },
    operations::{Caller, Secrets},
    store::{Custody, Disposal},
};

/// A report in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportSummary {
    /// Made by the phone.
    pub id: Uuid,
    /// As people say it: `R-2026-00042`.
    pub number: String,
    /// `submitted`, `acknowledged`, `investigating`, `acting`, `verifying`, `closed`, `dismissed`, `duplicate` or
    /// `withdrawn`.
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
    /// When the phone says that it sent it, shown to those who read more than their own; nothing of a protected sender.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Instant>,
    /// How many milliseconds the phone's clock was behind the server's, shown to the same.
    pub clock_skew_ms: Option<i64>,
    /// What is odd about its times, shown to the same: `clock_off` by more than five minutes, `occurred_in_the_future`,
    /// `occurred_long_ago`. No clock counts from what a phone says.
    pub time_doubts: Vec<String>,
    /// Where, as the phone said.
    pub location: Option<LocationBody>,
    /// What the environment was given.
    pub environment: Option<EnvironmentBody>,
    /// Which service failed.
    pub quality: Option<QualityBody>,
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
    /// The serious-injury screen of the rating.
    pub screen: Option<ScreenBody>,
    /// Where the rating stands in the matrix.
    pub risk: Option<RiskBody>,
    /// A lower potential that waits for a second person to give the same rating.
    pub pending_severity: Option<u8>,
    /// Who asked for it.
    pub pending_by: Option<Uuid>,
    /// The causes found.
    pub causes: Vec<CauseBody>,
    /// What the search for similar events found.
    pub similar_events: Option<String>,
    /// When somebody looked at the similar events there were.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub similar_seen_at: Option<Instant>,
    /// Why a manager lets rules and equipment alone suffice.
    pub controls_justification: Option<String>,
    /// When it was closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Instant>,
    /// What the sender is told at the end.
    pub outcome: Option<String>,
    /// The report that stands for this one, shown to those who read more than their own.
    pub duplicate_of: Option<Uuid>,
    /// The closed report that this one showed not to have sufficed, shown to those who read more than their own.
    pub recurrence_of: Option<Uuid>,
    /// The report because of which this one was taken up again, shown to the same.
    pub recurred_as: Option<Uuid>,
    /// When it was last taken up again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reopened_at: Option<Instant>,
    /// In how many days after closing its effect is checked.
    pub effectiveness_days: Option<i32>,
    /// The checks of its effect, oldest first.
    pub effectiveness_checks: Vec<CheckBody>,
    /// Who opened, or asked to open, the identity of its confidential sender; shown to the sender and to those who read
    /// more than their own.
    pub unsealings: Vec<UnsealingBody>,
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
    /// What was said about it, oldest first, as far as this caller may read it.
    pub comments: Vec<CommentBody>,
    /// What was corrected, oldest first, with both values.
    pub corrections: Vec<CorrectionBody>,
    /// Since when it is held, whatever its periods say; shown to those who read more than their own.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub held_since: Option<Instant>,
    /// What is gone of it because its time was over: a mark or nothing stands in its place.
    pub disposed: Vec<DisposalBody>,
    /// What this caller may ask of it now.
    pub allowed: Vec<String>,
    /// The secrets of an anonymous sender: in the answer to their sending alone, and never again once one was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<SecretsBody>,
}

/// What an anonymous sender comes back with. Whoever has it is the sender: it belongs on paper or in the phone, not in a mail.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecretsBody {
    /// Opens the report under `/v1/follow-up`.
    pub secret: String,
    /// Is changed for a new pair when the secret was lost, once.
    pub recovery_secret: String,
}

impl From<Secrets> for SecretsBody {
    fn from(secrets: Secrets) -> Self {
        let Secrets { secret, recovery_secret } = secrets;
        Self { secret, recovery_secret }
    }
}

/// Something of a report that is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisposalBody {
    /// `position`, `mail_answers`, `photos`, `sender`, `injuries` or `words`.
    pub what: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// By which version of the retention.
    pub retention_version: u32,
}

impl DisposalBody {
    fn of(gone: &Disposal) -> Self {
        Self { what: gone.what.word().to_owned(), at: gone.at, retention_version: gone.version }
    }
}

/// A position.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocationBody {
    /// Degrees north, -90 to 90.
    pub lat: f64,
    /// Degrees east, -180 to 180.
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
            reporter_id: report.reporter.filter(|sender| caller.actor().before(report).may_know(*sender)).map(|sender| sender.0),
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
    /// What was said about it.
    pub comments: Vec<Comment>,
    /// What was corrected.
    pub corrections: Vec<Correction>,
    /// How it is kept.
    pub custody: Option<Custody>,
}

impl Whole {
    /// A report with nothing around it yet.
    pub const fn bare(report: Report) -> Self {
        Self { report, photos: vec![], actions: vec![], deadlines: vec![], comments: vec![], corrections: vec![], custody: None }
    }
}

impl ReportBody {
    /// What this caller may see of it.
    pub fn of(whole: &Whole, caller: &Caller, now: Instant) -> Self {
        let Whole { report, photos, actions, deadlines, comments, corrections, custody } = whole;
        let actor = caller.actor();
        let reader = actor.before(report).with_actions(actions);
        let read = comments.iter().filter(|comment| reader.may_read(comment));
        let others = reader.may(Part::OtherReports);
        let openings = report.unsealings.iter().filter(|_| reader.may(Part::Unsealings));
        let shown = deadlines.iter().filter(|deadline| !deadline.kind.is_legal() || reader.may(Part::Filings));
        let missing = photos.iter().filter(|photo| photo.state == PhotoState::Expected);
        let doubts = report.time_doubts().into_iter().filter(|_| reader.may(Part::Findings));
        let held = custody.as_ref().and_then(|custody| custody.held);
        let gone: Vec<&Disposal> = custody.iter().flat_map(|custody| &custody.gone).collect();
        let cause = |cause: &Cause| CauseBody { kind: cause.kind.word().to_owned(), text: cause.text.clone() };
        Self {
            summary: ReportSummary::of(report, caller),
            captured_at: report.captured_at,
            sent_at: report.sent_at.filter(|_| reader.may(Part::Findings)),
            clock_skew_ms: report.clock_skew_ms().filter(|_| reader.may(Part::Findings)),
            time_doubts: doubts.map(|doubt| doubt.word().to_owned()).collect(),
            location: report.location.map(|at| LocationBody { lat: at.lat, lon: at.lon, accuracy_m: at.accuracy_m }),
            environment: report.environment.as_ref().map(EnvironmentBody::of),
            quality: report.quality.as_ref().map(QualityBody::of),
            language: report.language.tag().to_owned(),
            routed_by: report.routed_by.clone(),
            acknowledged_at: report.acknowledged.map(|stamp| stamp.at),
            contained_at: report.contained.map(|stamp| stamp.at),
            triaged_at: report.triaged.map(|stamp| stamp.at),
            screen: report.screened.map(ScreenBody::of),
            risk: report.risk.map(RiskBody::of),
            pending_severity: report.pending.map(|pending| pending.potential_severity),
            pending_by: report.pending.map(|pending| pending.asked.by.0),
            causes: report.causes.iter().map(cause).collect(),
            similar_events: report.similar_events.clone(),
            similar_seen_at: report.similar_seen.map(|stamp| stamp.at),
            controls_justification: report.controls_justified.as_ref().map(|justified| justified.text.clone()),
            closed_at: report.closed.map(|stamp| stamp.at),
            outcome: report.outcome.clone(),
            duplicate_of: report.duplicate_of.filter(|_| others).map(|of| of.0),
            recurrence_of: report.recurrence_of.filter(|_| others).map(|of| of.0),
            recurred_as: report.recurred_as.filter(|_| others).map(|of| of.0),
            reopened_at: report.reopened.map(|stamp| stamp.at),
            effectiveness_days: report.effectiveness_days,
            effectiveness_checks: report.checks.iter().map(CheckBody::of).collect(),
            unsealings: openings.map(|opening| UnsealingBody::of(opening, &caller.organisation)).collect(),
            content_sha256: hex::encode(report.content_sha256),
            missing: missing.map(|photo| photo.id.0).collect(),
            photos: photos.iter().map(PhotoBody::of).collect(),
            actions: actions.iter().map(|action| ActionBody::of(action, caller, now)).collect(),
            deadlines: shown.map(|deadline| DeadlineBody::of(deadline, &caller.organisation, now)).collect(),
            comments: read.map(|comment| CommentBody::of(comment, report, &reader)).collect(),
            corrections: corrections.iter().map(|correction| CorrectionBody::of(correction, report, &reader)).collect(),
            held_since: held.filter(|_| reader.may(Part::Hold)).map(|held| held.at),
            disposed: gone.into_iter().map(DisposalBody::of).collect(),
            allowed: actor.allowed(report, actions).into_iter().map(str::to_owned).collect(),
            follow_up: None,
        }
    }
}
