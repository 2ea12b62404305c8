//! What a person may do and where, and who stands in for them.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        administration::RawSubstitution,
        ids::{MemberId, SubstitutionId},
        organisation::Substitution,
        time::Instant,
    },
    http::{
        answer::resource,
        error::{Problem, ProblemBody},
        extract::{Body, GrantOf, Ids, Who},
    },
    operations::{self, Made},
};

/// Give a person a role at a site and below it, for its administrators; nobody gives themselves one.
#[utoipa::path(put, path = "/v1/members/{id}/grants/{role}/{site_id}", tag = "organisation",
    params(("id" = Uuid, Path), ("role" = String, Path, description = "`technician`, `officer`, `manager`, `investigator`, `auditor` or `admin`"), ("site_id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn put_grant(State(app): State<App>, Who(caller): Who, GrantOf(member, grant): GrantOf) -> Result<Response, Problem> {
    operations::grant_role(&app, &caller, member, grant, true).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take a role at a site away, for its administrators; nobody takes their own.
#[utoipa::path(delete, path = "/v1/members/{id}/grants/{role}/{site_id}", tag = "organisation",
    params(("id" = Uuid, Path), ("role" = String, Path, description = "`technician`, `officer`, `manager`, `investigator`, `auditor` or `admin`"), ("site_id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn delete_grant(
    State(app): State<App>,
    Who(caller): Who,
    GrantOf(member, grant): GrantOf,
) -> Result<Response, Problem> {
    operations::grant_role(&app, &caller, member, grant, false).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Somebody stands in for a time.
#[derive(Serialize, ToSchema)]
pub struct SubstitutionBody {
    /// Its id.
    id: Uuid,
    /// Who stands in.
    by_id: Uuid,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    from: Instant,
    /// Until when, not included.
    #[schema(value_type = String, format = DateTime)]
    until: Instant,
}

impl From<&Substitution> for SubstitutionBody {
    fn from(said: &Substitution) -> Self {
        Self { id: said.id.0, by_id: said.by.0, from: said.from, until: said.until }
    }
}

/// Who stands in, and when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutSubstitutionBody {
    /// Who stands in.
    by_id: Uuid,
    /// From when (RFC 3339).
    from: String,
    /// Until when, not included (RFC 3339).
    until: String,
}

/// Say who stands in for a person: by the person, their manager or those who administer them.
#[utoipa::path(put, path = "/v1/members/{id}/substitutions/{substitution_id}", tag = "organisation",
    params(("id" = Uuid, Path), ("substitution_id" = Uuid, Path)), request_body = PutSubstitutionBody,
    responses((status = 201, body = SubstitutionBody), (status = 200, body = SubstitutionBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_substitution(
    State(app): State<App>,
    Who(caller): Who,
    Ids(member, id): Ids,
    Body(body): Body<PutSubstitutionBody>,
) -> Result<Response, Problem> {
    let raw = RawSubstitution { by_id: body.by_id, from: body.from, until: body.until };
    let made = operations::arrange_substitution(&app, &caller, MemberId(member), SubstitutionId(id), raw).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    let revision = app.store.organisation().await?.revision;
    Ok(resource(&HeaderMap::new(), status, revision, &SubstitutionBody::from(&made.into_inner())))
}

/// Take back who stands in for a person: by the person, their manager or those who administer them.
#[utoipa::path(delete, path = "/v1/members/{id}/substitutions/{substitution_id}", tag = "organisation",
    params(("id" = Uuid, Path), ("substitution_id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn delete_substitution(State(app): State<App>, Who(caller): Who, Ids(member, id): Ids) -> Result<Response, Problem> {
    operations::end_substitution(&app, &caller, MemberId(member), SubstitutionId(id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
