//! The inquiry into a report: its findings, signatures and completion.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{or_current, resource},
    error::{Problem, ProblemBody},
    extract::{Body, Id, IfMatch, MaybeBody, Who},
    once::replayed,
    reports::{NothingBody, visible},
};
use crate::{
    app::App,
    domain::{
        access::Part,
        ids::ReportId,
        inquiry::{CauseNode, Findings, Inquiry, Moment, Signature, TeamMember},
        refusal::Refusal,
        time::Instant,
    },
    operations::{self, Caller, Made, OperationError},
};

/// What an inquiry found so far; the whole of it, each time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InquiryInput {
    /// Who looks into it: `[{member_id, side, part}]`; side `employer` or `employee`, part `lead`, `member`,
    /// `worker_representative` or `expert`; at least one, at most 20.
    #[schema(value_type = Vec<Value>)]
    team: Vec<TeamMember>,
    /// What happened: `[{at, what, source?}]`; at most 200 moments.
    #[serde(default)]
    #[schema(value_type = Vec<Value>)]
    timeline: Vec<Moment>,
    /// Chains of up to five answers to "why?"; at most 20 chains.
    #[serde(default)]
    whys: Vec<Vec<String>>,
    /// The cause tree: `[{id, parent_id?, kind, level, text}]`; kind `human`, `technical`, `organisational` or
    /// `environmental`, level `immediate`, `underlying` or `root`. At most 100 nodes.
    #[serde(default)]
    #[schema(value_type = Vec<Value>)]
    causes: Vec<CauseNode>,
}

/// An inquiry.
#[derive(Serialize, ToSchema)]
pub struct InquiryBody {
    /// Its report.
    report_id: Uuid,
    /// Which one of the report, from 1: one that was taken up again gets another.
    round: u32,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Instant,
    /// By whom.
    opened_by: Uuid,
    /// Who looks into it.
    #[schema(value_type = Vec<Value>)]
    team: Vec<TeamMember>,
    /// What happened.
    #[schema(value_type = Vec<Value>)]
    timeline: Vec<Moment>,
    /// Chains of answers to "why?".
    whys: Vec<Vec<String>>,
    /// The cause tree.
    #[schema(value_type = Vec<Value>)]
    causes: Vec<CauseNode>,
    /// SHA-256 of the findings: what a signature is given for.
    content_sha256: String,
    /// Who signed these findings.
    signatures: Vec<SignatureBody>,
    /// What it needs before it is complete.
    missing: Vec<String>,
    /// When it was complete.
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Instant>,
    /// Who said so.
    completed_by: Option<Uuid>,
    /// Which writing of the record this is, for `If-Match`.
    version: i64,
}

/// A signature.
#[derive(Serialize, ToSchema)]
pub struct SignatureBody {
    /// Who signed.
    member_id: Uuid,
    /// `employer` or `employee`.
    side: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

fn signature(signature: &Signature) -> SignatureBody {
    SignatureBody { member_id: signature.stamp.by.0, side: signature.side.word().to_owned(), at: signature.stamp.at }
}

fn answer(headers: &HeaderMap, status: StatusCode, inquiry: Inquiry) -> Response {
    resource(headers, status, inquiry.version, &body(inquiry))
}

fn body(inquiry: Inquiry) -> InquiryBody {
    let missing = if inquiry.completed.is_some() { vec![] } else { inquiry.missing_to_complete() };
    InquiryBody {
        report_id: inquiry.report.0,
        round: inquiry.round,
        opened_at: inquiry.opened.at,
        opened_by: inquiry.opened.by.0,
        content_sha256: hex::encode(inquiry.findings.sha256()),
        team: inquiry.findings.team,
        timeline: inquiry.findings.timeline,
        whys: inquiry.findings.whys,
        causes: inquiry.findings.causes,
        signatures: inquiry.signatures.iter().map(signature).collect(),
        missing: missing.into_iter().map(str::to_owned).collect(),
        completed_at: inquiry.completed.map(|stamp| stamp.at),
        completed_by: inquiry.completed.map(|stamp| stamp.by.0),
        version: inquiry.version,
    }
}

/// Open the inquiry of a report, or write its findings anew: signatures under other findings are dropped. The version in
/// `If-Match` is the inquiry's own.
#[utoipa::path(put, path = "/v1/reports/{id}/inquiry", tag = "inquiries", params(("id" = Uuid, Path)), request_body = InquiryInput,
    responses((status = 201, body = InquiryBody), (status = 200, body = InquiryBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_inquiry(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<InquiryInput>,
) -> Result<Response, Problem> {
    let findings = Findings { team: body.team, timeline: body.timeline, whys: body.whys, causes: body.causes };
    let id = ReportId(id);
    let made = operations::hold_inquiry(&app, &caller, id, findings, version).await;
    let made = or_current(made, current(&app, &caller, id)).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    Ok(answer(&HeaderMap::new(), status, made.into_inner()))
}

/// The inquiry of a report, for its team and those who investigate or audit.
#[utoipa::path(get, path = "/v1/reports/{id}/inquiry", tag = "inquiries", params(("id" = Uuid, Path)),
    responses((status = 200, body = InquiryBody), (status = 304), (status = "4XX", body = ProblemBody)))]
pub async fn get_inquiry(State(app): State<App>, Who(caller): Who, Id(id): Id, headers: HeaderMap) -> Result<Response, Problem> {
    Ok(answer(&headers, StatusCode::OK, readable(&app, &caller, ReportId(id)).await?))
}

/// The inquiry, if the caller may read it.
async fn readable(app: &App, caller: &Caller, id: ReportId) -> Result<Inquiry, Problem> {
    let report = visible(app, caller, id).await?;
    let inquiry = app.store.inquiries(report.id).await?.pop();
    caller.actor().before(&report).with_inquiry(inquiry.as_ref()).must(Part::Inquiry)?;
    inquiry.ok_or(Problem::not_found())
}

/// The inquiry as it stands, as the caller reads it.
async fn current(app: &App, caller: &Caller, id: ReportId) -> Result<InquiryBody, Problem> {
    readable(app, caller, id).await.map(body)
}

/// The answer to a command on an inquiry, also to one that happened before.
async fn done(app: &App, caller: &Caller, id: ReportId, result: Result<Inquiry, OperationError>) -> Result<Response, Problem> {
    match result {
        Err(OperationError::Repeated) => {
            Ok(replayed(answer(&HeaderMap::new(), StatusCode::OK, readable(app, caller, id).await?)))
        }
        other => Ok(answer(&HeaderMap::new(), StatusCode::OK, or_current(other, current(app, caller, id)).await?)),
    }
}

/// What is signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignBody {
    /// The hash of the findings that were read, as 64 hexadecimal digits.
    content_sha256: String,
}

/// Sign what the inquiry found, as one of its team. Findings that have changed since are refused (412).
#[utoipa::path(post, path = "/v1/reports/{id}/inquiry/sign", tag = "inquiries", params(("id" = Uuid, Path)), request_body = SignBody,
    responses((status = 200, body = InquiryBody), (status = "4XX", body = ProblemBody)))]
pub async fn sign_inquiry(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Body(body): Body<SignBody>,
) -> Result<Response, Problem> {
    let mut content = [0; 32];
    hex::decode_to_slice(&body.content_sha256, &mut content).map_err(|_| Refusal::invalid("/content_sha256", "not_a_sha256"))?;
    done(&app, &caller, ReportId(id), operations::sign_inquiry(&app, &caller, ReportId(id), content).await).await
}

/// Complete the inquiry: signed by both sides, with a cause that lies deeper than the immediate one. Its causes become
/// those of the report.
#[utoipa::path(post, path = "/v1/reports/{id}/inquiry/complete", tag = "inquiries", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = InquiryBody), (status = "4XX", body = ProblemBody)))]
pub async fn complete_inquiry(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    done(&app, &caller, ReportId(id), operations::complete_inquiry(&app, &caller, ReportId(id), version).await).await
}
