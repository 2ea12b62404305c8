//! Sign-in: sessions, the public keys, and who one is.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    address::Address,
    error::{Problem, ProblemBody},
    extract::{Body, Halfway},
};
use crate::{
    app::App,
    domain::{ids::MemberId, organisation::Organisation},
    operations::{self, Credentials, Device, SignedIn},
};

/// Who signs in, on what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    /// An e-mail address, employee number or phone number; at most 254 characters.
    login: String,
    /// The password; at most 256 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// The device.
    device: DeviceBody,
    /// Six digits or a recovery code, for whoever has a second factor.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    second_factor: Option<SecretString>,
}

/// A device, as it names itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceBody {
    /// Its own id; at most 200 characters.
    id: String,
    /// A name for people; at most 200 characters.
    name: String,
}

impl From<DeviceBody> for Device {
    fn from(body: DeviceBody) -> Self {
        Self { id: body.id, name: body.name }
    }
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    /// The token of the last answer.
    #[schema(value_type = String)]
    refresh_token: SecretString,
    /// The device's own id; when it is said, it must be that of the sign-in.
    #[serde(default)]
    device_id: Option<String>,
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
pub struct SessionBody {
    /// For the `Authorization` header.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// The life of the access token in seconds.
    expires_in: i64,
    /// Good for one use.
    refresh_token: String,
    /// Who signed in.
    member: MeBody,
}

/// A member, as they see themselves.
#[derive(Serialize, ToSchema)]
pub struct MeBody {
    /// Their id.
    id: Uuid,
    /// Their name.
    name: String,
    /// The language they are spoken to in.
    locale: String,
    /// What they may do, and where.
    roles: Vec<RoleBody>,
}

/// A role at a site and below it.
#[derive(Serialize, ToSchema)]
pub struct RoleBody {
    /// `technician`, `officer`, `manager`, `investigator`, `auditor` or `admin`.
    role: String,
    /// The site.
    site_id: Uuid,
    /// Its code.
    site_code: String,
}

fn me(organisation: &Organisation, member: MemberId) -> Result<MeBody, Problem> {
    let member = organisation.members.get(&member).ok_or(Problem::not_signed_in())?;
    let roles = member.grants.iter().map(|grant| RoleBody {
        role: grant.role.word().to_owned(),
        site_id: grant.site.0,
        site_code: organisation.sites.get(&grant.site).map_or_else(String::new, |site| site.code.clone()),
    });
    Ok(MeBody { id: member.id.0, name: member.name.clone(), locale: member.locale.tag().to_owned(), roles: roles.collect() })
}

/// The answer to whoever was let in.
pub async fn session(app: &App, signed_in: SignedIn) -> Result<SessionBody, Problem> {
    let organisation = app.store.organisation().await?;
    Ok(SessionBody {
        member: me(&organisation, signed_in.member)?,
        access_token: signed_in.access_token,
        token_type: "Bearer",
        expires_in: signed_in.expires_in,
        refresh_token: signed_in.refresh_token,
    })
}

/// Sign in with a password, and with a second factor where one is set: without it the answer is 401 `second_factor`, and the
/// same is sent again with it.
#[utoipa::path(post, path = "/v1/sessions", tag = "sign-in", security(()), request_body = SignInBody,
    responses((status = 201, body = SessionBody), (status = "4XX", body = ProblemBody)))]
pub async fn create_session(
    State(app): State<App>,
    Address(address): Address,
    Body(body): Body<SignInBody>,
) -> Result<Response, Problem> {
    let said = Credentials { login: body.login, password: body.password, second_factor: body.second_factor };
    let signed_in = operations::sign_in(&app, said, body.device.into(), &address).await?;
    Ok((StatusCode::CREATED, Json(session(&app, signed_in).await?)).into_response())
}

/// Change a refresh token for a fresh pair. A token works once. When the answer was lost on the way, it works again for as
/// long as nothing of the pair made from it was used; after that, its second use ends the session.
#[utoipa::path(post, path = "/v1/sessions/refresh", tag = "sign-in", security(()), request_body = RefreshBody,
    responses((status = 200, body = SessionBody), (status = "4XX", body = ProblemBody)))]
pub async fn refresh_session(State(app): State<App>, Body(body): Body<RefreshBody>) -> Result<Json<SessionBody>, Problem> {
    use secrecy::ExposeSecret as _;
    let signed_in = operations::refresh_session(&app, body.refresh_token.expose_secret(), body.device_id.as_deref()).await?;
    Ok(Json(session(&app, signed_in).await?))
}

/// Sign out this device.
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "sign-in",
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn delete_session(State(app): State<App>, Halfway(caller): Halfway) -> Result<StatusCode, Problem> {
    operations::sign_out(&app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The public keys of access tokens (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "sign-in", security(()),
    responses((status = 200, content_type = "application/jwk-set+json", body = serde_json::Value)))]
pub async fn get_jwks(State(app): State<App>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, app.keys.jwks().to_string()).into_response()
}

/// Who one is, and what one may do where.
#[utoipa::path(get, path = "/v1/me", tag = "sign-in", responses((status = 200, body = MeBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_me(State(_app): State<App>, Halfway(caller): Halfway, headers: HeaderMap) -> Result<Response, Problem> {
    let body = me(&caller.organisation, caller.member)?;
    Ok(super::answer::resource(&headers, StatusCode::OK, caller.organisation.revision, &body))
}
