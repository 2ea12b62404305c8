//! Routes, ladders, obligations, calendars, rosters, the matrix, the map of clauses and retention: whole documents in versions,
//! read by everybody signed in, written by administrators.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    answer::{PageBody, or_current, resource},
    error::{Problem, ProblemBody},
    extract::{Body, IfMatch, Query, Who, language},
};
use crate::{
    app::App,
    domain::{access::Deed, calendar::Concern, time::Instant},
    operations::{self, Caller},
    store::{DocumentKind, DocumentVersion},
    texts,
};

/// A document in one of its versions. Its body stands beside `version` and the rest.
#[derive(Serialize, ToSchema)]
pub struct DocumentBody {
    /// Counted from 1; the first part of its `ETag`.
    version: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// By whom; absent for what came with a pack.
    made_by: Option<Uuid>,
    /// What it says.
    #[serde(flatten)]
    body: Value,
}

impl From<DocumentVersion> for DocumentBody {
    fn from(document: DocumentVersion) -> Self {
        Self {
            version: document.version,
            made_at: document.made_at,
            made_by: document.made_by.map(|member| member.0),
            body: document.body,
        }
    }
}

async fn current(app: &App, caller: &Caller, headers: &HeaderMap, kind: DocumentKind) -> Result<Response, Problem> {
    let document = in_force(app, caller, kind).await?;
    Ok(resource(headers, StatusCode::OK, document.version.into(), &document))
}

async fn in_force(app: &App, caller: &Caller, kind: DocumentKind) -> Result<DocumentBody, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    app.store.document(kind).await?.map(DocumentBody::from).ok_or(Problem::not_found())
}

async fn versions(app: &App, caller: &Caller, kind: DocumentKind) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let items = app.store.document_versions(kind).await?.into_iter().map(DocumentBody::from).collect();
    Ok(Json(PageBody { items, next: None }).into_response())
}

/// What a document answers with may be sent back as it is: what the server says of a version is not part of the document.
async fn change(
    app: &App,
    caller: &Caller,
    kind: DocumentKind,
    mut body: Value,
    version: Option<i64>,
) -> Result<Response, Problem> {
    if let Some(fields) = body.as_object_mut() {
        for said_by_us in ["version", "made_at", "made_by"] {
            fields.remove(said_by_us);
        }
    }
    let version = version.map(|version| u32::try_from(version).unwrap_or(u32::MAX));
    let document = operations::change_document(app, caller, kind, body, version).await;
    let document = or_current(document, in_force(app, caller, kind)).await?;
    let version = i64::from(document.version);
    Ok(resource(&HeaderMap::new(), StatusCode::OK, version, &DocumentBody::from(document)))
}

/// The routes in force: who a report goes to.
#[utoipa::path(get, path = "/v1/routes", tag = "rules", responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_routes(State(app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    current(&app, &caller, &headers, DocumentKind::Routes).await
}

/// Every version of the routes, newest first.
#[utoipa::path(get, path = "/v1/routes/versions", tag = "rules",
    responses((status = 200, body = PageBody<DocumentBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_routes_versions(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    versions(&app, &caller, DocumentKind::Routes).await
}

/// Write the next version of the routes. With `If-Match`, only over the version named.
#[utoipa::path(put, path = "/v1/routes", tag = "rules", request_body = Value,
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_routes(
    State(app): State<App>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Body(body): Body<Value>,
) -> Result<Response, Problem> {
    change(&app, &caller, DocumentKind::Routes, body, version).await
}

/// The ladders in force: who is told about a deadline, and when.
#[utoipa::path(get, path = "/v1/ladders", tag = "rules", responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_ladders(State(app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    current(&app, &caller, &headers, DocumentKind::Ladders).await
}

/// Every version of the ladders, newest first.
#[utoipa::path(get, path = "/v1/ladders/versions", tag = "rules",
    responses((status = 200, body = PageBody<DocumentBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_ladders_versions(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    versions(&app, &caller, DocumentKind::Ladders).await
}

/// Write the next version of the ladders. With `If-Match`, only over the version named.
#[utoipa::path(put, path = "/v1/ladders", tag = "rules", request_body = Value,
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_ladders(
    State(app): State<App>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Body(body): Body<Value>,
) -> Result<Response, Problem> {
    change(&app, &caller, DocumentKind::Ladders, body, version).await
}

/// What the law wants filed, in force. A rule that no counsel has reviewed says so, in the caller's language, in `review`.
#[utoipa::path(get, path = "/v1/obligations", tag = "rules", responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_obligations(State(app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let document = app.store.document(DocumentKind::Obligations).await?.ok_or(Problem::not_found())?;
    let version = i64::from(document.version);
    let mut body = DocumentBody::from(document);
    for obligation in body.body["obligations"].as_array_mut().into_iter().flatten() {
        if obligation["reviewed_by"].is_null() {
            obligation["review"] = texts::text(language(&headers), "review-awaited").into();
        }
    }
    Ok(resource(&headers, StatusCode::OK, version, &body))
}

/// Every version of the obligations, newest first.
#[utoipa::path(get, path = "/v1/obligations/versions", tag = "rules",
    responses((status = 200, body = PageBody<DocumentBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_obligations_versions(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    versions(&app, &caller, DocumentKind::Obligations).await
}

/// Write the next version of the obligations. What runs keeps the version it started with. With `If-Match`, only over the
/// version named.
#[utoipa::path(put, path = "/v1/obligations", tag = "rules", request_body = Value,
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_obligations(
    State(app): State<App>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Body(mut body): Body<Value>,
) -> Result<Response, Problem> {
    for obligation in body.get_mut("obligations").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(fields) = obligation.as_object_mut() {
            fields.remove("review");
        }
    }
    change(&app, &caller, DocumentKind::Obligations, body, version).await
}

/// The calendars in force: when people work.
#[utoipa::path(get, path = "/v1/calendars", tag = "rules", responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_calendars(State(app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    current(&app, &caller, &headers, DocumentKind::Calendars).await
}

/// Every version of the calendars, newest first.
#[utoipa::path(get, path = "/v1/calendars/versions", tag = "rules",
    responses((status = 200, body = PageBody<DocumentBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_calendars_versions(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    versions(&app, &caller, DocumentKind::Calendars).await
}

/// Write the next version of the calendars. With `If-Match`, only over the version named.
#[utoipa::path(put, path = "/v1/calendars", tag = "rules", request_body = Value,
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_calendars(
    State(app): State<App>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Body(body): Body<Value>,
) -> Result<Response, Problem> {
    change(&app, &caller, DocumentKind::Calendars, body, version).await
}

/// A holiday or a year that somebody must enter into a calendar.
#[derive(Serialize, ToSchema)]
pub struct ConcernBody {
    /// The code of the calendar.
    calendar: String,
    /// `year_missing` or `still_provisional`.
    kind: String,
    /// The first date it is about.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// The holiday's name, if it is about one.
    name: Option<String>,
    /// What to do, in the caller's language.
    text: String,
}

/// What the calendars are not ready for: a year without holidays, or a feast whose date is still computed ten days before.
#[utoipa::path(get, path = "/v1/calendars/concerns", tag = "rules",
    responses((status = 200, body = PageBody<ConcernBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_calendar_concerns(State(app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let locale = language(&headers);
    let body = |concern: Concern| ConcernBody {
        text: texts::text(locale, &format!("calendar-{}", concern.kind.word().replace('_', "-"))),
        calendar: concern.calendar,
        kind: concern.kind.word().to_owned(),
        date: concern.date,
        name: concern.name,
    };
    let items = operations::calendar_concerns(&app).await?.into_iter().map(body).collect();
    Ok(Json(PageBody { items, next: None }).into_response())
}

/// The crews and duty rosters in force: who works together, and who is on duty when.
#[utoipa::path(get, path = "/v1/rosters", tag = "rules", responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_rosters(State(app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    current(&app, &caller, &headers, DocumentKind::Rosters).await
}

/// Every version of the rosters, newest first.
#[utoipa::path(get, path = "/v1/rosters/versions", tag = "rules",
    responses((status = 200, body = PageBody<DocumentBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_rosters_versions(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    versions(&app, &caller, DocumentKind::Rosters).await
}

/// Write the next version of the rosters. With `If-Match`, only over the version named.
#[utoipa::path(put, path = "/v1/rosters", tag = "rules", request_body = Value,
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_rosters(
    State(app): State<App>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Body(body): Body<Value>,
) -> Result<Response, Problem> {
    change(&app, &caller, DocumentKind::Rosters, body, version).await
}

/// The matrix in force: how severity and likelihood weigh together.
#[utoipa::path(get, path = "/v1/matrices", tag = "rules", responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_matrices(State(app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    current(&app, &caller, &headers, DocumentKind::Matrices).await
}

/// Every version of the matrix, newest first.
#[utoipa::path(get, path = "/v1/matrices/versions", tag = "rules",
    responses((status = 200, body = PageBody<DocumentBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_matrices_versions(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    versions(&app, &caller, DocumentKind::Matrices).await
}

/// Write the next version of the matrix; one that contradicts itself is refused. With `If-Match`, only over the version named.
#[utoipa::path(put, path = "/v1/matrices", tag = "rules", request_body = Value,
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_matrices(
    State(app): State<App>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Body(body): Body<Value>,
) -> Result<Response, Problem> {
    change(&app, &caller, DocumentKind::Matrices, body, version).await
}

/// Which part of the map of clauses.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClausesQuery {
    /// Of that standard, such as `ISO 45001`.
    standard: Option<String>,
    /// In that edition, such as `2018`.
    edition: Option<String>,
}

/// The map of clauses in force: which clauses of which standards records are evidence for.
#[utoipa::path(get, path = "/v1/clauses", tag = "rules", params(ClausesQuery),
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_clauses(
    State(app): State<App>,
    Who(caller): Who,
    headers: HeaderMap,
    Query(query): Query<ClausesQuery>,
) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let mut document = app.store.document(DocumentKind::Clauses).await?.ok_or(Problem::not_found())?;
    let is = |wanted: &Option<String>, said: &Value| wanted.as_ref().is_none_or(|wanted| said == wanted);
    if let Some(standards) = document.body["standards"].as_array_mut() {
        standards.retain(|one| is(&query.standard, &one["standard"]) && is(&query.edition, &one["edition"]));
    }
    let version = i64::from(document.version);
    Ok(resource(&headers, StatusCode::OK, version, &DocumentBody::from(document)))
}

/// Every version of the map of clauses, newest first.
#[utoipa::path(get, path = "/v1/clauses/versions", tag = "rules",
    responses((status = 200, body = PageBody<DocumentBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_clauses_versions(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    versions(&app, &caller, DocumentKind::Clauses).await
}

/// Write the next version of the map of clauses. With `If-Match`, only over the version named.
#[utoipa::path(put, path = "/v1/clauses", tag = "rules", request_body = Value,
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_clauses(
    State(app): State<App>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Body(body): Body<Value>,
) -> Result<Response, Problem> {
    change(&app, &caller, DocumentKind::Clauses, body, version).await
}

/// The retention in force, or soon to be: how long what is kept.
#[utoipa::path(get, path = "/v1/retention", tag = "rules", responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_retention(State(app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    current(&app, &caller, &headers, DocumentKind::Retention).await
}

/// Every version of the retention, newest first.
#[utoipa::path(get, path = "/v1/retention/versions", tag = "rules",
    responses((status = 200, body = PageBody<DocumentBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_retention_versions(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    versions(&app, &caller, DocumentKind::Retention).await
}

/// Write the next version of the retention. With `If-Match`, only over the version named. It begins to act a week later;
/// `GET /v1/retention/due` says what it would dispose of.
#[utoipa::path(put, path = "/v1/retention", tag = "rules", request_body = Value,
    responses((status = 200, body = DocumentBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_retention(
    State(app): State<App>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Body(body): Body<Value>,
) -> Result<Response, Problem> {
    change(&app, &caller, DocumentKind::Retention, body, version).await
}
