//! Reports that are held whatever their periods say.

use axum::{extract::State, response::Response};

use super::commands::done;
use crate::{
    app::App,
    domain::ids::ReportId,
    http::{
        bodies::{ReasonBody, ReportBody},
        error::{Problem, ProblemBody},
        extract::{Body, Id, Who},
    },
    operations,
};

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
