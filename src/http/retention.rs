//! Retention: what is due to be disposed of, and reports that are held whatever their periods say. The document itself is
//! one of the `rules`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    bodies::{ReasonBody, ReportBody},
    error::{Problem, ProblemBody},
    extract::{Body, Id, Who},
    reports::done,
};
use crate::{
    app::App,
    domain::{access::Deed, ids::ReportId, time::Instant},
    operations::{self, ClassDue},
};

/// What would be disposed of now.
#[derive(Serialize, ToSchema)]
pub struct TidyingBody {
    /// The version of the retention.
    version: u32,
    /// When that version begins to act: a week after it was made.
    #[schema(value_type = String, format = DateTime)]
    acts_at: Instant,
    /// Class by class, in the order of the document.
    classes: Vec<ClassDueBody>,
}

/// How much of a class is due.
#[derive(Serialize, ToSchema)]
pub struct ClassDueBody {
    /// The class.
    name: String,
    /// What is disposed of.
    what: String,
    /// How long it is kept.
    period: String,
    /// How many reports, members or sessions are due; of sessions ten thousand are counted at most.
    due: usize,
}

impl From<ClassDue> for ClassDueBody {
    fn from(class: ClassDue) -> Self {
        let ClassDue { name, what, period, due } = class;
        Self { name, what: what.word().to_owned(), period: period.to_string(), due }
    }
}

/// What would be disposed of now under the newest retention, also before it acts; nothing is changed.
#[utoipa::path(get, path = "/v1/retention/due", tag = "rules",
    responses((status = 200, body = TidyingBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_retention_due(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::WriteRules)?;
    let tidying = operations::rehearse_tidying(&app).await?.ok_or(Problem::not_found())?;
    let classes = tidying.classes.into_iter().map(ClassDueBody::from).collect();
    Ok(Json(TidyingBody { version: tidying.version, acts_at: tidying.acts_at, classes }).into_response())
}

/// Hold a report, for a claim or a court: nothing of it is disposed of until it is let go. Holding it again changes nothing.
#[utoipa::path(post, path = "/v1/reports/{id}/hold", tag = "reports", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn hold_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Body(body): Body<ReasonBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::hold_report(&app, &caller, id, true, &body.reason).await).await
}

/// Let go of a report that was held: its periods count again.
#[utoipa::path(post, path = "/v1/reports/{id}/let-go", tag = "reports", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn let_go_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Body(body): Body<ReasonBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::hold_report(&app, &caller, id, false, &body.reason).await).await
}
