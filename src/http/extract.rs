//! What a handler takes from a request, read strictly: who asks, a JSON body without unknown fields, a query without
//! unknown names, the version the caller read. Refusals are `error`'s.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    budget::{Budgets, Spender, Spent},
    error::Problem,
    once::Unreadable,
};
use crate::{
    app::App,
    config::Settings,
    domain::{
        audience::Role,
        ids::{MemberId, SiteId},
        locale::Locale,
        once::Once,
        organisation::Grant,
        session::SignInRefusal,
        time::Instant,
    },
    operations::{self, Caller, OperationError},
};

/// The language of `Accept-Language`; English when it names none of ours.
pub fn language(headers: &HeaderMap) -> Locale {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    wanted.map_or(Locale::En, Locale::accepted)
}

/// Somebody signed in.
pub struct Who(pub Caller);

impl FromRequestParts<App> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Halfway(caller) = Halfway::from_request_parts(parts, app).await?;
        if caller.owes_second_factor {
            Err(OperationError::from(SignInRefusal::SecondFactorFirst).into())
        } else {
            Ok(Self(caller))
        }
    }
}

/// Somebody signed in who may still have to set up a second factor before they do anything else.
pub struct Halfway(pub Caller);

impl FromRequestParts<App> for Halfway {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or(Problem::not_signed_in())?;
        let caller = operations::identify(app, token).await?;
        if let Some((budgets, spent)) = parts.extensions.get::<Arc<Budgets>>().zip(parts.extensions.get::<Spent>()) {
            budgets.spend(Spender::Session(caller.session), &parts.method, app.clock.now(), spent)?;
        }
        if parts.extensions.get::<Unreadable>().is_some() {
            return Err(Problem::bad_key());
        }
        let once = parts.extensions.get::<Once>().copied();
        Ok(Self(Caller { said_at: said_at(&parts.headers)?, sent_at: sent_at(&parts.headers), once, ..caller }))
    }
}

/// What the caller shows that they are somebody, or have something (RFC 6750 section 2.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())?;
    text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim())
}

/// The secret of an anonymous sender. Nothing, and what opens nothing, are the same: not found.
pub struct Secret(pub String);

impl FromRequestParts<App> for Secret {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        bearer(&parts.headers).map(|secret| Self(secret.to_owned())).ok_or(Problem::not_found())
    }
}

/// Carries when the caller said it, by the clock of their device.
pub const SAID_AT: &str = "Said-At";

fn said_at(headers: &HeaderMap) -> Result<Option<Instant>, Problem> {
    let said = headers.get(SAID_AT).map(|value| value.to_str().ok().and_then(|text| text.trim().parse().ok()));
    said.map(|at| at.ok_or(Problem::bad_header())).transpose()
}

/// Carries when the request was sent, by the clock of the caller's device.
pub const SENT_AT: &str = "Sent-At";

/// One that cannot be read is passed over: no report is refused for the clock of a phone.
fn sent_at(headers: &HeaderMap) -> Option<Instant> {
    headers.get(SENT_AT)?.to_str().ok()?.trim().parse().ok()
}

/// A JSON body, every field of it known.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::wrong_media_type());
        }
        let bytes = whole(request, &app.settings).await?;
        read(&bytes).map(Self)
    }
}

/// A JSON body that may be left out altogether, where a command needs nothing said.
pub struct MaybeBody<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest<App> for MaybeBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let bytes = whole(request, &app.settings).await?;
        match (bytes.is_empty(), json) {
            (true, _) => Ok(Self(T::default())),
            (false, true) => read(&bytes).map(Self),
            (false, false) => Err(Problem::wrong_media_type()),
        }
    }
}

/// The whole body, if it is here in time and not too large.
pub(super) async fn whole(request: Request, settings: &Settings) -> Result<Bytes, Problem> {
    let read = axum::body::to_bytes(request.into_body(), settings.body_max_bytes);
    let read = timeout(Duration::from_secs(settings.body_max_secs), read);
    let refused = |error: axum::Error| if is_too_large(&error) { Problem::too_large() } else { Problem::interrupted() };
    read.await.map_err(|_| Problem::interrupted())?.map_err(refused)
}

fn is_too_large(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.to_ascii_lowercase().ends_with("+json")
}

/// The first field that does not fit is named with its place in the body.
pub(super) fn read<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let cause = error.into_inner();
        if !cause.is_data() {
            return Problem::not_json();
        }
        field(pointer, &cause.to_string())
    })?;
    reader.end().map_err(|_| Problem::not_json())?;
    // Only here can it stand in a text that JSON takes, and most bodies need no second look.
    if bytes.windows(NUL.len()).any(|part| part == NUL)
        && let Some(pointer) = serde_json::from_slice(bytes).ok().and_then(|body: Value| place_of_nul(&body))
    {
        return Err(Problem::invalid(pointer, "has_nul"));
    }
    Ok(value)
}

/// How JSON writes the character that not both databases keep.
const NUL: &[u8] = b"\\u0000";

/// Where the first text stands that has it.
fn place_of_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(n, item)| Some(format!("/{n}{}", place_of_nul(item)?))),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| Some(format!("/{name}{}", place_of_nul(field)?))),
        _ => None,
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        other => format!("/{other}"),
    };
    path.iter().map(step).filter(|segment| segment != "/?").collect()
}

/// Tells an unknown field from a missing one and a wrong one. The words of the reader name fields, never values.
fn field(pointer: String, words: &str) -> Problem {
    let named = words.split('`').nth(1).unwrap_or_default();
    if words.starts_with("unknown field") {
        // The reader's path already ends with the field that is unknown.
        let whole = if pointer.ends_with(&format!("/{named}")) { pointer } else { format!("{pointer}/{named}") };
        Problem::invalid(whole, "unknown_field")
    } else if words.starts_with("missing field") {
        Problem::invalid(format!("{pointer}/{named}"), "missing")
    } else if words.starts_with("duplicate field") {
        Problem::invalid(format!("{pointer}/{named}"), "stands_twice")
    } else {
        Problem::invalid(pointer, "wrong_type")
    }
}

/// The query, every name of it known.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        let pairs = parts.uri.query().unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        if let Some((name, _)) = pairs.into_iter().find(|(_, value)| value.contains("%00")) {
            return Err(Problem::invalid(format!("?{name}"), "has_nul"));
        }
        axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(query)| Self(query)).map_err(|rejection| {
            let words = rejection.body_text();
            let named = words.split('`').nth(1).unwrap_or_default().to_owned();
            Problem::invalid(format!("?{named}"), if words.contains("unknown field") { "unknown_field" } else { "wrong_type" })
        })
    }
}

/// One id in the path; what is none is not found.
pub struct Id(pub Uuid);

impl FromRequestParts<App> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let axum::extract::Path(text) =
            axum::extract::Path::<String>::from_request_parts(parts, app).await.map_err(|_| Problem::not_found())?;
        Uuid::try_parse(&text).map(Self).map_err(|_| Problem::not_found())
    }
}

/// Two ids in the path.
pub struct Ids(pub Uuid, pub Uuid);

impl FromRequestParts<App> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let axum::extract::Path((first, second)) =
            axum::extract::Path::<(String, String)>::from_request_parts(parts, app).await.map_err(|_| Problem::not_found())?;
        let id = |text: String| Uuid::try_parse(&text).map_err(|_| Problem::not_found());
        Ok(Self(id(first)?, id(second)?))
    }
}

/// One code in the path.
pub struct Code(pub String);

impl FromRequestParts<App> for Code {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let read = axum::extract::Path::<String>::from_request_parts(parts, app).await;
        read.map(|axum::extract::Path(code)| Self(code)).map_err(|_| Problem::not_found())
    }
}

/// A member, and a role at a site, in the path; a role that there is not is not found.
pub struct GrantOf(pub MemberId, pub Grant);

impl FromRequestParts<App> for GrantOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let axum::extract::Path((member, role, site)) =
            axum::extract::Path::<(Uuid, String, Uuid)>::from_request_parts(parts, app)
                .await
                .map_err(|_| Problem::not_found())?;
        let role = Role::of_word(&role).ok_or(Problem::not_found())?;
        Ok(Self(MemberId(member), Grant { role, site: SiteId(site) }))
    }
}

/// The version a caller read, from `If-Match` (RFC 9110 section 13.1.1); none when they did not say, or said `*`.
pub struct IfMatch(pub Option<i64>);

impl FromRequestParts<App> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().map_err(|_| Problem::bad_header())?.trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let inner = text.trim_start_matches("W/").trim_matches('"');
        let version = inner.split('.').next().unwrap_or(inner);
        version.parse().map(|version| Self(Some(version))).map_err(|_| Problem::bad_header())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_text_with_the_character_no_database_keeps_is_named() {
        let body = json!({ "device": { "names": ["plain", "a\0b"] }, "id": "\0" });
        assert_eq!(place_of_nul(&body).as_deref(), Some("/device/names/1"));
        let written = Bytes::from_static(br#"{"path": "C:\\u0000"}"#);
        assert!(read::<Value>(&written).is_ok(), "a backslash before it makes it plain text");
        assert!(read::<Value>(&Bytes::from_static(br#"{"path": "\u0000"}"#)).is_err());
    }
}
