//! The commands that move a report on.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{answer, visible, whole};
use crate::{
    app::App,
    domain::{
        ids::ReportId,
        refusal::{FieldErrors, Refusal},
        report::{Cause, CauseKind, Closing, Command, Investigation, Report, Triage},
        severity::Answers,
    },
    http::{
        bodies::ReportBody,
        error::{Problem, ProblemBody, Since},
        extract::{Body, Id, IfMatch, MaybeBody, Who},
        once::replayed,
    },
    operations::{self, Caller, OperationError},
};

/// The answer to a command; a refusal names only what this caller may do, and only what is possible now.
pub(super) async fn done(
    app: &App,
    caller: &Caller,
    id: ReportId,
    result: Result<Report, OperationError>,
) -> Result<Response, Problem> {
    let refusal = match result {
        Ok(report) => return answer(app, caller, &HeaderMap::new(), StatusCode::OK, report).await,
        Err(OperationError::Refused(refusal)) => refusal,
        Err(OperationError::Repeated) => {
            let report = visible(app, caller, id).await?;
            return Ok(replayed(answer(app, caller, &HeaderMap::new(), StatusCode::OK, report).await?));
        }
        Err(error) => return Err(error.into()),
    };
    match (app.store.report(id).await, app.store.actions_of(id).await) {
        (Ok(Some(report)), Ok(_)) if let Refusal::Stale { since, command } = refusal => {
            Err(changed(app, caller, report, since, command).await?)
        }
        (Ok(Some(report)), Ok(actions)) => Err(refusal.naming(&caller.actor().allowed(&report, &actions)).into()),
        _ => Err(refusal.into()),
    }
}

/// Tells the report as it stands, and what was done to it since.
async fn changed(app: &App, caller: &Caller, report: Report, since: i64, command: &str) -> Result<Problem, Problem> {
    let reader = caller.actor().before(&report);
    let told = |field: &&str| reader.may_know_field(field);
    let changed = report.touched.since(since).map(|all| all.into_iter().filter(told).map(str::to_owned).collect());
    let conflict = Command::of_word(command).is_none_or(|command| report.conflicts(since, command));
    let current = serde_json::to_value(whole(app, caller, report).await?).map_err(|_| Problem::fault())?;
    Ok(Problem::changed(Since { current, changed, conflict }))
}

/// A command that needs nothing said.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NothingBody {}

/// Take charge of a report.
#[utoipa::path(post, path = "/v1/reports/{id}/acknowledge", tag = "reports", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn acknowledge_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::acknowledge_report(&app, &caller, id, version).await).await
}

/// A rating.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriageBody {
    /// What did happen, 1 to 5.
    actual_severity: u8,
    /// What could have happened, 1 to 5: drives routes and clocks.
    potential_severity: u8,
    /// Why a potential of 4 or 5 is to be lowered, or less is given than the screen proposes; at most 1000 characters.
    #[serde(default)]
    reason: Option<String>,
    /// The serious-injury screen, if it was gone through; the answer shows what it proposes.
    #[serde(default)]
    screen: Option<ScreenInput>,
    /// How likely it is to happen again, 1 to 5; the answer shows the place in the matrix.
    #[serde(default)]
    likelihood: Option<u8>,
}

/// The four questions of the serious-injury screen (EEI SCL model).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreenInput {
    /// High energy is present; the category says when absent.
    #[serde(default)]
    high_energy: Option<bool>,
    /// It was released or touched somebody.
    incident: bool,
    /// Somebody was seriously injured; needed where something happened.
    #[serde(default)]
    serious_injury: Option<bool>,
    /// A control meant for that energy held; needed where high energy did no serious injury.
    #[serde(default)]
    direct_control: Option<bool>,
}

impl From<ScreenInput> for Answers {
    fn from(said: ScreenInput) -> Self {
        let ScreenInput { high_energy, incident, serious_injury, direct_control } = said;
        Self { high_energy, incident, serious_injury, direct_control }
    }
}

/// Rate a report. A higher potential re-routes it and shortens its clocks at once; a potential of 4 or 5, also one the report
/// came with, is lowered once a second person gives the same rating.
#[utoipa::path(post, path = "/v1/reports/{id}/triage", tag = "reports", params(("id" = Uuid, Path)), request_body = TriageBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn triage_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<TriageBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    let triage = Triage {
        actual_severity: body.actual_severity,
        potential_severity: body.potential_severity,
        reason: body.reason,
        screen: body.screen.map(Into::into),
        likelihood: body.likelihood,
    };
    done(&app, &caller, id, operations::triage_report(&app, &caller, id, triage, version).await).await
}

/// Say that the place is safe.
#[utoipa::path(post, path = "/v1/reports/{id}/contain", tag = "reports", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn contain_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::contain_report(&app, &caller, id, version).await).await
}

/// What an inquiry found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvestigateBody {
    /// Causes; they take the place of those recorded before.
    #[serde(default)]
    causes: Vec<CauseInput>,
    /// What the search for similar events found, even "none found"; at most 4000 characters.
    #[serde(default)]
    similar_events: Option<String>,
}

/// A cause.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseInput {
    /// `human`, `technical`, `organisational` or `environmental`.
    kind: String,
    /// In words; at most 1000 characters.
    text: String,
}

/// Write down causes and similar events.
#[utoipa::path(post, path = "/v1/reports/{id}/investigate", tag = "reports", params(("id" = Uuid, Path)), request_body = InvestigateBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn investigate_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<InvestigateBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    let mut errors = FieldErrors::default();
    let mut causes = Vec::new();
    for (n, cause) in body.causes.into_iter().enumerate() {
        let kind =
            CauseKind::of_word(&cause.kind).ok_or_else(|| Refusal::invalid(format!("/causes/{n}/kind"), "unknown_cause_kind"));
        causes.extend(errors.take(kind).map(|kind| Cause { kind, text: cause.text }));
    }
    errors.none()?;
    let found = Investigation { causes, similar_events: body.similar_events };
    done(&app, &caller, id, operations::investigate_report(&app, &caller, id, found, version).await).await
}

/// What closing says.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseBody {
    /// What the sender is told; at most 4000 characters.
    #[serde(default)]
    outcome: String,
    /// In how many days the effect is checked: 30 or 90. Needed from potential 3 up.
    #[serde(default)]
    effectiveness_days: Option<i32>,
    /// Why photos that never came are not waited for; at most 4000 characters.
    #[serde(default)]
    waive_photos: Option<String>,
}

/// Close a report. What is still missing is named.
#[utoipa::path(post, path = "/v1/reports/{id}/close", tag = "reports", params(("id" = Uuid, Path)), request_body = Option<CloseBody>,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn close_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(body): MaybeBody<CloseBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    let closing = Closing { outcome: body.outcome, effectiveness_days: body.effectiveness_days, waive_photos: body.waive_photos };
    done(&app, &caller, id, operations::close_report(&app, &caller, id, closing, version).await).await
}
