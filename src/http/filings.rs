//! Legal filings of a report: recorded by those who handle and investigate, read by those who read reports.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::PageBody,
    error::{Problem, ProblemBody},
    extract::{Body, Id, Ids, Who},
    reports::visible,
};
use crate::{
    app::App,
    domain::{
        access::Part,
        ids::{FilingId, ReportId},
        obligation::{Filing, RawFiling},
        time::Instant,
    },
    operations::{self, Made},
};

/// A filing, as it is recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingInput {
    /// The id of an obligation that runs on the report, such as `MA-AT-INS`.
    obligation: String,
    /// When it was filed (RFC 3339): not before the event and not to come.
    filed_at: String,
    /// With whom; at most 200 characters.
    recipient: String,
    /// Its proof.
    proof: ProofInput,
    /// What kept the organisation from filing in time; at most 1000 characters. The filing stays late.
    #[serde(default)]
    force_majeure: Option<String>,
}

/// What proves a filing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofInput {
    /// `receipt`, `registered_mail`, `electronic` or `minutes`.
    kind: String,
    /// The number on it; at most 200 characters.
    reference: String,
}

/// A filing.
#[derive(Serialize, ToSchema)]
pub struct FilingBody {
    /// Made by the client.
    id: Uuid,
    /// The id of the obligation.
    obligation: String,
    /// When it was filed.
    #[schema(value_type = String, format = DateTime)]
    filed_at: Instant,
    /// With whom.
    recipient: String,
    /// Its proof.
    proof: ProofBody,
    /// What kept the organisation from filing in time.
    force_majeure: Option<String>,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// By whom.
    recorded_by: Uuid,
}

/// What proves a filing.
#[derive(Serialize, ToSchema)]
pub struct ProofBody {
    /// What it is.
    kind: String,
    /// The number on it.
    reference: String,
}

impl From<Filing> for FilingBody {
    fn from(filing: Filing) -> Self {
        let facts = filing.facts;
        Self {
            id: filing.id.0,
            obligation: facts.obligation,
            filed_at: facts.filed_at,
            recipient: facts.recipient,
            proof: ProofBody { kind: facts.proof.word().to_owned(), reference: facts.reference },
            force_majeure: facts.force_majeure,
            recorded_at: filing.recorded.at,
            recorded_by: filing.recorded.by.0,
        }
    }
}

/// Record what was filed because the law wants it, with its proof. It meets the clock of the obligation; a late one stays late.
#[utoipa::path(put, path = "/v1/reports/{id}/filings/{filing_id}", tag = "obligations",
    params(("id" = Uuid, Path), ("filing_id" = Uuid, Path)), request_body = FilingInput,
    responses((status = 201, body = FilingBody), (status = 200, body = FilingBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_filing(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, id): Ids,
    Body(body): Body<FilingInput>,
) -> Result<Response, Problem> {
    let raw = RawFiling {
        obligation: body.obligation,
        filed_at: body.filed_at,
        recipient: body.recipient,
        proof: body.proof.kind,
        reference: body.proof.reference,
        force_majeure: body.force_majeure,
    };
    let made = operations::record_filing(&app, &caller, ReportId(report), FilingId(id), raw).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(FilingBody::from(made.into_inner()))).into_response())
}

/// What was filed about a report, in the order it was recorded. Its clocks, met or not, stand among the report's deadlines.
#[utoipa::path(get, path = "/v1/reports/{id}/filings", tag = "obligations", params(("id" = Uuid, Path)),
    responses((status = 200, body = PageBody<FilingBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_filings(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Response, Problem> {
    let report = visible(&app, &caller, ReportId(id)).await?;
    caller.actor().before(&report).must(Part::Filings)?;
    let items = app.store.filings(report.id).await?.into_iter().map(FilingBody::from).collect();
    Ok(Json(PageBody { items, next: None }).into_response())
}
