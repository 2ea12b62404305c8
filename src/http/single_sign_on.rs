//! Signing in through the organisation's own sign-in (OpenID Connect). The app begins here, opens a browser, takes over the
//! address it comes back to, and finishes here. No cookie and no page of ours is needed.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    address::Address,
    error::{Problem, ProblemBody},
    extract::Body,
    sessions::{DeviceBody, SessionBody, session},
};
use crate::{
    app::App,
    domain::time::Instant,
    operations::{self, Finish},
};

/// Which device signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginSignOnBody {
    /// The device.
    device: DeviceBody,
}

/// A sign-in that goes on in a browser.
#[derive(Serialize, ToSchema)]
pub struct SignOnBody {
    /// Kept by the app, and shown when it finishes.
    attempt: String,
    /// Opened in a browser.
    authorization_url: String,
    /// Until when it is waited for.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// What the browser brought back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishSignOnBody {
    /// What was given at the beginning.
    attempt: String,
    /// `code` of the address that the browser came back to.
    #[schema(value_type = String)]
    code: SecretString,
    /// `state` of it.
    state: String,
    /// `iss` of it, where it has one (RFC 9207).
    #[serde(default)]
    iss: Option<String>,
    /// A code from `POST /v1/enrolments`, the first time: it says whom the identity belongs to.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    enrolment: Option<SecretString>,
    /// Six digits or a recovery code, where a second factor is set and the organisation's sign-in asked for none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    second_factor: Option<SecretString>,
}

/// Begin to sign in through the organisation's own sign-in.
#[utoipa::path(post, path = "/v1/single-sign-on", tag = "sign-in", security(()), request_body = BeginSignOnBody,
    responses((status = 201, body = SignOnBody), (status = "4XX", body = ProblemBody)))]
pub async fn start_single_sign_on(
    State(app): State<App>,
    Address(address): Address,
    Body(body): Body<BeginSignOnBody>,
) -> Result<Response, Problem> {
    let begun = operations::start_single_sign_on(&app, body.device.into(), &address).await?;
    let body = SignOnBody { attempt: begun.attempt, authorization_url: begun.url, expires_at: begun.expires_at };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Finish signing in, once. An identity is the issuer and its subject, never an e-mail address: the first time, a code says
/// whom it belongs to.
#[utoipa::path(post, path = "/v1/single-sign-on/finish", tag = "sign-in", security(()), request_body = FinishSignOnBody,
    responses((status = 201, body = SessionBody), (status = "4XX", body = ProblemBody)))]
pub async fn finish_single_sign_on(
    State(app): State<App>,
    Address(address): Address,
    Body(body): Body<FinishSignOnBody>,
) -> Result<Response, Problem> {
    let FinishSignOnBody { attempt, code, state, iss, enrolment, second_factor } = body;
    let finish = Finish { attempt, code, state, iss, enrolment, second_factor };
    let signed_in = operations::finish_single_sign_on(&app, finish, &address).await?;
    Ok((StatusCode::CREATED, Json(session(&app, signed_in).await?)).into_response())
}
