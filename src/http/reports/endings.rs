//! How a report ends otherwise than by closing, the way back, and whose it is.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::commands::{NothingBody, done};
use crate::{
    app::App,
    domain::ids::{MemberId, ReportId},
    http::{
        bodies::{ReasonBody, ReportBody},
        error::{Problem, ProblemBody},
        extract::{Body, Id, IfMatch, MaybeBody, Who},
    },
    operations,
};

/// Dismiss a report. The reason is what its sender reads; at most 4000 characters.
#[utoipa::path(post, path = "/v1/reports/{id}/dismiss", tag = "reports", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn dismiss_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<ReasonBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::dismiss_report(&app, &caller, id, &body.reason, version).await).await
}

/// The report that stands.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateBody {
    /// Another report that the caller may know of; of a duplicate, its original is taken.
    of_id: Uuid,
}

/// Mark a report as a duplicate of another that stands.
#[utoipa::path(post, path = "/v1/reports/{id}/mark-duplicate", tag = "reports", params(("id" = Uuid, Path)), request_body = DuplicateBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn mark_duplicate(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<DuplicateBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::mark_duplicate(&app, &caller, id, ReportId(body.of_id), version).await).await
}

/// Take a report back, as its sender, before anybody took charge of it.
#[utoipa::path(post, path = "/v1/reports/{id}/withdraw", tag = "reports", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn withdraw_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::withdraw_report(&app, &caller, id, version).await).await
}

/// Take up a report again that was closed, dismissed or a duplicate. Its clocks run anew.
#[utoipa::path(post, path = "/v1/reports/{id}/reopen", tag = "reports", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn reopen_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<ReasonBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::reopen_report(&app, &caller, id, &body.reason, version).await).await
}

/// Another officer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    /// An officer of the report's site, or of a site above it.
    officer_id: Uuid,
    /// Why; at most 1000 characters.
    reason: String,
}

/// Hand a report to another officer, who is told.
#[utoipa::path(post, path = "/v1/reports/{id}/transfer", tag = "reports", params(("id" = Uuid, Path)), request_body = TransferBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn transfer_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<TransferBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(
        &app,
        &caller,
        id,
        operations::transfer_report(&app, &caller, id, MemberId(body.officer_id), &body.reason, version).await,
    )
    .await
}
