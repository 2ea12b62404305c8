//! One's own password and second factor. Both are changed within a quarter of an hour after signing in.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    enrolments::picture,
    error::{Problem, ProblemBody},
    extract::{Body, Halfway, Id, Who},
};
use crate::{app::App, domain::ids::MemberId, operations};

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordBody {
    /// 8 to 256 characters, of any kind.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// What an authenticator needs; it is shown this once.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorBody {
    /// To be typed in where no picture can be taken.
    secret: String,
    /// The same as an address for an authenticator.
    url: String,
    /// The picture of it, as SVG.
    qr_svg: String,
}

/// What an authenticator shows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DigitsBody {
    /// Six digits; to remove a second factor, a recovery code as well.
    #[schema(value_type = String)]
    digits: SecretString,
}

/// Codes for the day the authenticator is gone; they are shown this once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryBody {
    /// Ten codes, each good once.
    recovery_codes: Vec<String>,
}

/// Change one's own password. Other devices are signed out.
#[utoipa::path(put, path = "/v1/me/password", tag = "sign-in", request_body = PasswordBody,
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn put_password(
    State(app): State<App>,
    Halfway(caller): Halfway,
    Body(body): Body<PasswordBody>,
) -> Result<StatusCode, Problem> {
    operations::change_password(&app, &caller, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin to set up a second factor (RFC 6238). It is asked for once it was confirmed.
#[utoipa::path(post, path = "/v1/me/second-factor", tag = "sign-in",
    responses((status = 201, body = SecondFactorBody), (status = "4XX", body = ProblemBody)))]
pub async fn set_up_second_factor(State(app): State<App>, Halfway(caller): Halfway) -> Result<Response, Problem> {
    let made = operations::set_up_second_factor(&app, &caller).await?;
    let body = SecondFactorBody { qr_svg: picture(&made.url)?, secret: made.secret, url: made.url };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Show that the authenticator works. From now on it is asked for at every sign-in.
#[utoipa::path(post, path = "/v1/me/second-factor/confirm", tag = "sign-in", request_body = DigitsBody,
    responses((status = 200, body = RecoveryBody), (status = "4XX", body = ProblemBody)))]
pub async fn confirm_second_factor(
    State(app): State<App>,
    Halfway(caller): Halfway,
    Body(body): Body<DigitsBody>,
) -> Result<Json<RecoveryBody>, Problem> {
    let recovery_codes = operations::confirm_second_factor(&app, &caller, body.digits.expose_secret()).await?;
    Ok(Json(RecoveryBody { recovery_codes }))
}

/// Remove one's own second factor.
#[utoipa::path(post, path = "/v1/me/second-factor/remove", tag = "sign-in", request_body = DigitsBody,
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn remove_second_factor(
    State(app): State<App>,
    Halfway(caller): Halfway,
    Body(body): Body<DigitsBody>,
) -> Result<StatusCode, Problem> {
    operations::remove_second_factor(&app, &caller, body.digits).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take away the second factor of somebody whom the caller administers, and who lost it with all their codes. They are signed
/// out everywhere, and hear of it.
#[utoipa::path(delete, path = "/v1/members/{id}/second-factor", tag = "organisation", params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn reset_second_factor(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<StatusCode, Problem> {
    operations::reset_second_factor(&app, &caller, MemberId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take away every identity at the organisation's sign-in that is linked to somebody whom the caller administers.
#[utoipa::path(delete, path = "/v1/members/{id}/identities", tag = "organisation", params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn unlink_identities(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<StatusCode, Problem> {
    operations::unlink_identities(&app, &caller, MemberId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
