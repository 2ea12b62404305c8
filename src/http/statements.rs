//! What witnesses said: announced, brought as a file, and read by those who may. Nothing else of the contract shows them.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::PageBody,
    error::{Problem, ProblemBody},
    extract::{Body, Id, Ids, Who},
    pace::paced,
    photos::send_file,
    reports::visible,
};
use crate::{
    app::App,
    domain::{
        access::Part,
        ids::{ReportId, StatementId},
        report::Report,
        statement::{RawStatement, Statement},
        time::Instant,
    },
    operations::{self, Caller, Made},
    photos::keeping::statement_key,
};

/// A statement, as it is announced; its file follows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementInput {
    /// Who gave it, and in which capacity; at most 200 characters.
    given_by: String,
    /// SHA-256 of the file, as 64 hexadecimal digits.
    sha256: String,
    /// Its length, 1 to 31,457,280 bytes.
    bytes: u64,
    /// `application/pdf`, `text/plain`, `image/jpeg`, `image/png`, `audio/mp4`, `audio/ogg` or `audio/mpeg`.
    media_type: String,
}

/// A statement.
#[derive(Serialize, ToSchema)]
pub struct StatementBody {
    /// Made by the client.
    id: Uuid,
    /// Who gave it.
    given_by: String,
    /// The hash of its file.
    sha256: String,
    /// Its length.
    bytes: u64,
    /// What it is.
    media_type: String,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    added_at: Instant,
    /// By whom.
    added_by: Uuid,
    /// When its file was here; null while it is awaited.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Instant>,
}

fn body(statement: Statement) -> StatementBody {
    StatementBody {
        id: statement.id.0,
        given_by: statement.given_by,
        sha256: hex::encode(statement.sha256),
        bytes: statement.bytes,
        media_type: statement.media_type.word().to_owned(),
        added_at: statement.added.at,
        added_by: statement.added.by.0,
        received_at: statement.received_at,
    }
}

fn made(made: Made<Statement>) -> Response {
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    (status, Json(body(made.into_inner()))).into_response()
}

/// The report, if the caller may read what witnesses said of it: who investigates or audits there, and the inquiry's team.
async fn readable(app: &App, caller: &Caller, report: Uuid) -> Result<Report, Problem> {
    let report = visible(app, caller, ReportId(report)).await?;
    let inquiries = app.store.inquiries(report.id).await?;
    caller.actor().before(&report).with_inquiry(inquiries.last()).must(Part::Statements)?;
    Ok(report)
}

/// Announce a statement. The same words again are answered 200; other words under the same id 409.
#[utoipa::path(put, path = "/v1/reports/{id}/statements/{statement_id}", tag = "inquiries",
    params(("id" = Uuid, Path), ("statement_id" = Uuid, Path)), request_body = StatementInput,
    responses((status = 201, body = StatementBody), (status = 200, body = StatementBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_statement(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, id): Ids,
    Body(body): Body<StatementInput>,
) -> Result<Response, Problem> {
    let raw = RawStatement { given_by: body.given_by, sha256: body.sha256, bytes: body.bytes, media_type: body.media_type };
    Ok(made(operations::add_statement(&app, &caller, ReportId(report), StatementId(id), &raw).await?))
}

/// Send the file of a statement. Bytes that are not those announced are refused (409); the same again is answered 200.
#[utoipa::path(put, path = "/v1/reports/{id}/statements/{statement_id}/file", tag = "inquiries",
    params(("id" = Uuid, Path), ("statement_id" = Uuid, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = StatementBody), (status = 200, body = StatementBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_statement_file(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, id): Ids,
    request: Request,
) -> Result<Response, Problem> {
    let arriving = paced(request.into_body().into_data_stream());
    Ok(made(operations::attach_statement(&app, &caller, ReportId(report), StatementId(id), arriving).await?))
}

/// What witnesses said, in the order it was added.
#[utoipa::path(get, path = "/v1/reports/{id}/statements", tag = "inquiries", params(("id" = Uuid, Path)),
    responses((status = 200, body = PageBody<StatementBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_statements(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Response, Problem> {
    let report = readable(&app, &caller, id).await?;
    let items = app.store.statements(report.id).await?.into_iter().map(body).collect();
    Ok(Json(PageBody { items, next: None }).into_response())
}

/// The file of a statement. Each fetch is on record.
#[utoipa::path(get, path = "/v1/reports/{id}/statements/{statement_id}/file", tag = "inquiries",
    params(("id" = Uuid, Path), ("statement_id" = Uuid, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206), (status = 304), (status = "4XX", body = ProblemBody)))]
pub async fn get_statement_file(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, id): Ids,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let report = readable(&app, &caller, report).await?;
    let here = |statement: &Statement| statement.report == report.id && statement.received_at.is_some();
    let statement = app.store.statement(StatementId(id)).await?.filter(here).ok_or(Problem::not_found())?;
    operations::fetch_statement(&app, &caller, &statement).await?;
    let tag = format!("\"{}\"", hex::encode(statement.sha256.get(..16).unwrap_or_default()));
    let disposition = format!("attachment; filename=\"{}\"", statement.id);
    send_file(&app, &statement_key(&statement.sha256), tag, statement.media_type.word(), &disposition, &headers).await
}
