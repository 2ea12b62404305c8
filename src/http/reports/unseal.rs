//! Who sent a confidential report: opened by two persons, and read by them alone.

use axum::{Json, extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::commands::done;
use crate::{
    app::App,
    domain::ids::ReportId,
    http::{
        bodies::{ReasonBody, ReportBody},
        error::{Problem, ProblemBody},
        extract::{Body, Id, IfMatch, Who},
    },
    operations,
};

/// Ask to know who sent a confidential report or, as a second person, agree. Those who investigate ask; another of them, or a
/// manager of the whole organisation, agrees; never the officer in charge. The sender is told, and reads who and why.
#[utoipa::path(post, path = "/v1/reports/{id}/unseal", tag = "reports", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn unseal_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<ReasonBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::unseal_report(&app, &caller, id, &body.reason, version).await).await
}

/// Who sent a confidential report.
#[derive(Serialize, ToSchema)]
pub struct IdentityBody {
    /// Who.
    member_id: Uuid,
    /// Their name.
    name: String,
}

/// Read who sent a confidential report, as one of the two who opened it, for three days. Each reading is in the journal.
#[utoipa::path(get, path = "/v1/reports/{id}/identity", tag = "reports", params(("id" = Uuid, Path)),
    responses((status = 200, body = IdentityBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_identity(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Json<IdentityBody>, Problem> {
    let sender = operations::read_identity(&app, &caller, ReportId(id)).await?;
    let name = caller.organisation.members.get(&sender).map_or_else(String::new, |member| member.name.clone());
    Ok(Json(IdentityBody { member_id: sender.0, name }))
}
