//! How answers are put together: a resource with its `ETag`, a page with its link to the next, an opaque cursor.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::error::{Problem, Since};
use crate::{domain::time::Instant, operations::OperationError};

/// A resource. Its `ETag` begins with the version of the record, which is what `If-Match` compares; the rest is of the
/// words, because what surrounds the record (photos, clocks, what the caller may do) changes too.
pub fn resource(headers: &HeaderMap, status: StatusCode, version: i64, body: &impl Serialize) -> Response {
    let Ok(bytes) = serde_json::to_vec(body) else {
        return Problem::fault().into_response();
    };
    let digest = Sha256::digest(&bytes);
    let tag = format!("\"{version}.{}\"", hex::encode(digest.get(..6).unwrap_or_default()));
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let unchanged = known.flat_map(|value| value.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag);
    let tagged = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if status == StatusCode::OK && unchanged {
        return (StatusCode::NOT_MODIFIED, tagged).into_response();
    }
    (status, tagged, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageBody<T> {
    /// What stands on it.
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last.
    pub next: Option<String>,
}

/// A page with a `Link` to the next one (RFC 8288).
pub fn page<T: Serialize>(uri: &Uri, items: Vec<T>, next: Option<String>) -> Response {
    let link = next.as_ref().and_then(|cursor| {
        let others = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
        let query: Vec<String> = others.map(str::to_owned).chain([format!("after={cursor}")]).collect();
        HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))).ok()
    });
    let mut response = Json(PageBody { items, next }).into_response();
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// What an operation made. Where the record was changed since the version that was named, the refusal tells how it stands, as a
/// `GET` of it is answered; what was written since is kept of reports and actions alone, so that here somebody must look.
pub(super) async fn or_current<T, B: Serialize>(
    result: Result<T, OperationError>,
    current: impl Future<Output = Result<B, Problem>>,
) -> Result<T, Problem> {
    let refused = match result {
        Ok(made) => return Ok(made),
        Err(error) => Problem::from(error),
    };
    if !refused.is_changed() {
        return Err(refused);
    }
    match current.await.map(serde_json::to_value) {
        Ok(Ok(current)) => Err(Problem::changed(Since { current, changed: None, conflict: true })),
        // To whoever may not read it nothing of it is told.
        _ => Err(refused),
    }
}

/// The place after which the next page begins.
pub fn cursor(at: Instant, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{}", at.ms(), id.simple()))
}

/// Reads a cursor; one that is none of ours is refused.
pub fn place(cursor: Option<&str>) -> Result<Option<(Instant, Uuid)>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (ms, id) = text.split_once('.')?;
        Some((Instant::from_ms(ms.parse().ok()?), Uuid::try_parse(id).ok()?))
    };
    read().map(Some).ok_or_else(|| Problem::invalid("?after", "not_a_cursor"))
}

/// How many rows a page has: 50 unless asked otherwise, at most 200.
pub fn limit(asked: Option<u64>) -> Result<u64, Problem> {
    match asked {
        None => Ok(50),
        Some(n @ 1..=200) => Ok(n),
        Some(_) => Err(Problem::invalid("?limit", "out_of_range")),
    }
}
