//! Codes that put a phone into service without a password.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use qrcode::{QrCode, render::svg};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    address::Address,
    error::{Problem, ProblemBody},
    extract::{Body, Who, language},
    mail_page,
    sessions::{DeviceBody, SessionBody, session},
};
use crate::{
    app::App,
    domain::{ids::MemberId, time::Instant},
    operations, texts,
};

/// Whom a code lets in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolBody {
    /// A technician of one's own sites, or somebody whom one administers.
    member_id: Uuid,
}

/// A code; it is shown this once.
#[derive(Serialize, ToSchema)]
pub struct EnrolmentBody {
    /// As it is read out: seven groups of four.
    code: String,
    /// The address that a phone reads from the picture.
    url: String,
    /// The picture of it, as SVG.
    qr_svg: String,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// A code and the phone it is typed into.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemBody {
    /// The code, with or without what stands between its groups.
    #[schema(value_type = String)]
    code: SecretString,
    /// The phone.
    device: DeviceBody,
    /// Six digits or a recovery code, for whoever has a second factor.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    second_factor: Option<SecretString>,
}

/// The picture of an address, dark on light, with the margin that readers want.
pub fn picture(url: &str) -> Result<String, Problem> {
    let code = QrCode::new(url).map_err(|_| Problem::fault())?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(240, 240).build())
}

/// Make a code that puts one phone of a member into service, once and within a day. An earlier code of theirs that was not
/// used is good no more.
#[utoipa::path(post, path = "/v1/enrolments", tag = "sign-in", request_body = EnrolBody,
    responses((status = 201, body = EnrolmentBody), (status = "4XX", body = ProblemBody)))]
pub async fn create_enrolment(
    State(app): State<App>,
    Who(caller): Who,
    Body(body): Body<EnrolBody>,
) -> Result<Response, Problem> {
    let made = operations::enrol(&app, &caller, MemberId(body.member_id)).await?;
    let body = EnrolmentBody { qr_svg: picture(&made.url)?, code: made.code, url: made.url, expires_at: made.expires_at };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Put a phone into service with a code. When the answer is lost on the way, the same phone sends the same again.
#[utoipa::path(post, path = "/v1/enrolments/redeem", tag = "sign-in", security(()), request_body = RedeemBody,
    responses((status = 201, body = SessionBody), (status = "4XX", body = ProblemBody)))]
pub async fn redeem_enrolment(
    State(app): State<App>,
    Address(address): Address,
    Body(body): Body<RedeemBody>,
) -> Result<Response, Problem> {
    use secrecy::ExposeSecret as _;
    let (code, second) = (body.code.expose_secret(), body.second_factor);
    let signed_in = operations::redeem_enrolment(&app, code, body.device.into(), second, &address).await?;
    Ok((StatusCode::CREATED, Json(session(&app, signed_in).await?)).into_response())
}

/// What a phone shows that reads the picture with its camera alone: to open the app. The code stays behind the `#` and is
/// not sent.
#[utoipa::path(get, path = "/enrol", tag = "sign-in", security(()),
    responses((status = 200, content_type = "text/html", body = String)))]
pub async fn get_enrol_page(headers: HeaderMap) -> Response {
    let locale = language(&headers);
    mail_page::calm_words(locale, &texts::text(locale, "page-enrol-headline"), &texts::text(locale, "page-enrol-text"))
}
