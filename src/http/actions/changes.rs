//! Who does an action, and until when: giving it on, and more time.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::done;
use crate::{
    app::App,
    domain::{
        ids::{ActionId, MemberId},
        time::Instant,
    },
    http::{
        bodies::ActionBody,
        error::{Problem, ProblemBody},
        extract::{Body, Id, IfMatch, Who},
    },
    operations,
};

/// Another owner.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegateBody {
    /// Who does it from now on; never its verifier.
    owner_id: Uuid,
    /// Why; at most 1000 characters.
    reason: String,
}

/// Give an action to somebody else, as its owner. They are told, and asked anew to accept it.
#[utoipa::path(post, path = "/v1/actions/{id}/delegate", tag = "actions", params(("id" = Uuid, Path)), request_body = DelegateBody,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn delegate_action(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<DelegateBody>,
) -> Result<Response, Problem> {
    let result = operations::delegate_action(&app, &caller, ActionId(id), MemberId(body.owner_id), &body.reason, version).await;
    done(&app, &caller, id, result).await
}

/// More time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionInput {
    /// Until when (RFC 3339); later than it is due.
    until: String,
    /// Why; at most 1000 characters.
    reason: String,
}

/// Ask for more time, as an action's owner. Somebody above decides.
#[utoipa::path(post, path = "/v1/actions/{id}/request-extension", tag = "actions", params(("id" = Uuid, Path)), request_body = ExtensionInput,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn request_extension(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<ExtensionInput>,
) -> Result<Response, Problem> {
    let until: Instant = body.until.parse().map_err(|_| Problem::invalid("/until", "not_an_instant"))?;
    let result = operations::request_extension(&app, &caller, ActionId(id), until, &body.reason, version).await;
    done(&app, &caller, id, result).await
}

/// What is decided.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionInput {
    /// Granted, or refused.
    granted: bool,
    /// Why, needed when it is refused; at most 1000 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// Decide about more time: somebody above the owner or a manager of the site; after two, a manager of the whole organisation.
#[utoipa::path(post, path = "/v1/actions/{id}/decide-extension", tag = "actions", params(("id" = Uuid, Path)), request_body = DecisionInput,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn decide_extension(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<DecisionInput>,
) -> Result<Response, Problem> {
    let result = operations::decide_extension(&app, &caller, ActionId(id), body.granted, body.reason.as_deref(), version).await;
    done(&app, &caller, id, result).await
}
