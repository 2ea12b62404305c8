//! What is said about a report: comments, questions to its sender, a manager's justification, and checks of its effect.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{commands::done, visible};
use crate::{
    app::App,
    domain::{
        ids::{CommentId, PhotoId, ReportId},
        report::CheckDraft,
    },
    http::{
        bodies::{CommentBody, HeldBody, ReportBody},
        error::{Problem, ProblemBody},
        extract::{Body, Id, Ids, IfMatch, Who},
        held::receipt,
    },
    operations::{self, Arrival, Made},
};

/// A comment as it is said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentInput {
    /// At most 4000 characters.
    text: String,
    /// Whether the report's sender may read it.
    #[serde(default)]
    for_reporter: bool,
}

/// Say something about a report. The same words again are answered 200; other words under the same id 409. What is said about
/// a report that has not come waits for it (202); that is no receipt yet, so keep it until the report shows it.
#[utoipa::path(put, path = "/v1/reports/{id}/comments/{comment_id}", tag = "reports",
    params(("id" = Uuid, Path), ("comment_id" = Uuid, Path)), request_body = CommentInput,
    responses((status = 201, body = CommentBody), (status = 200, body = CommentBody), (status = 202, body = HeldBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_comment(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, id): Ids,
    Body(body): Body<CommentInput>,
) -> Result<Response, Problem> {
    let report = ReportId(report);
    let made = match operations::add_comment(&app, &caller, report, CommentId(id), &body.text, body.for_reporter).await? {
        Arrival::Here(made) => made,
        Arrival::Held(held) => return Ok(receipt(&held, report.0)),
    };
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    let report = visible(&app, &caller, report).await?;
    Ok((status, Json(CommentBody::of(&made.into_inner(), &report, &caller.actor().before(&report)))).into_response())
}

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionBody {
    /// At most 4000 characters.
    question: String,
}

/// Ask a report's sender something: a comment for them, and a mail that says no more than that they are asked.
#[utoipa::path(post, path = "/v1/reports/{id}/request-information", tag = "reports", params(("id" = Uuid, Path)), request_body = QuestionBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn request_information(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<QuestionBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::request_information(&app, &caller, id, &body.question, version).await).await
}

/// A justification.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JustificationBody {
    /// Why rules and equipment alone are the best that can be done; at most 4000 characters.
    justification: String,
}

/// Answer, as a manager, for meeting a potential of 4 or 5 by rules and equipment alone.
#[utoipa::path(post, path = "/v1/reports/{id}/justify-controls", tag = "reports", params(("id" = Uuid, Path)), request_body = JustificationBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn justify_controls(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<JustificationBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::justify_controls(&app, &caller, id, &body.justification, version).await).await
}

/// A check of the effect.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInput {
    /// Whether the cause is gone; if it is not, the report is taken up again.
    effective: bool,
    /// How it was looked at: a visit, measurements, records; at most 1000 characters.
    method: String,
    /// What was seen; at most 4000 characters.
    note: String,
    /// Photos of the report that show it.
    #[serde(default)]
    evidence: Vec<Uuid>,
}

/// Say whether the cause of a closed report is gone, as somebody who had no part in its actions.
#[utoipa::path(post, path = "/v1/reports/{id}/check-effectiveness", tag = "reports", params(("id" = Uuid, Path)), request_body = CheckInput,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn check_effectiveness(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<CheckInput>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    let evidence = body.evidence.into_iter().map(PhotoId).collect();
    let check = CheckDraft { effective: body.effective, method: body.method, note: body.note, evidence };
    done(&app, &caller, id, operations::check_effectiveness(&app, &caller, id, check, version).await).await
}
