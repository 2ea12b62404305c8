//! Photos: one shot in, and out to those who may see them. What bytes are taken and kept is `photos`'.

use axum::{
    Json,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use uuid::Uuid;

use super::{
    bodies::PhotoBody,
    error::{Problem, ProblemBody},
    extract::{Ids, Who},
    reports::visible,
};
use crate::{
    app::App,
    domain::{
        access::Part,
        ids::{PhotoId, ReportId},
        photo::{Photo, PhotoState},
        refusal::Refusal,
    },
    operations::{self, Made, Said},
    photos::keeping::{display_key, original_key, thumb_key},
};

/// Send the bytes of a photo. The same bytes again are answered 200; bytes that are not those of the manifest 409. A photo
/// that the manifest did not announce, such as evidence that an action is done, needs `Content-Digest` and `Content-Length`.
#[utoipa::path(put, path = "/v1/reports/{id}/photos/{photo_id}", tag = "photos",
    params(("id" = Uuid, Path), ("photo_id" = Uuid, Path), ("Content-Digest" = Option<String>, Header, description = "RFC 9530: `sha-256=:…:`")),
    request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 201, body = PhotoBody), (status = 200, body = PhotoBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_photo(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, photo): Ids,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    if length.is_some_and(|length| length > app.settings.photo_max_bytes) {
        return Err(Problem::too_large());
    }
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let said = Said { media_type, digest: content_digest(&headers)?, length };
    let arriving = request.into_body().into_data_stream();
    let made = operations::attach_photo(&app, &caller, ReportId(report), PhotoId(photo), said, arriving).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(PhotoBody::of(&made.into_inner()))).into_response())
}

/// The SHA-256 of a `Content-Digest` (RFC 9530), if one is there; other algorithms beside it are ignored.
fn content_digest(headers: &HeaderMap) -> Result<Option<[u8; 32]>, Problem> {
    let Some(value) = headers.get("content-digest") else { return Ok(None) };
    let text = value.to_str().map_err(|_| Problem::bad_header())?;
    let member = text.split(',').find_map(|member| member.trim().strip_prefix("sha-256=:")?.strip_suffix(':'));
    let bytes = member.and_then(|member| STANDARD.decode(member).ok()).ok_or(Problem::bad_header())?;
    bytes.try_into().map(Some).map_err(|_| Problem::bad_header())
}

/// A photo: `display` and `thumb` are upright and carry no metadata; `original` is for those who investigate, of a
/// confidential report for the two who opened its sender's identity, and of an anonymous one its bare picture.
#[utoipa::path(get, path = "/v1/photos/{id}/{variant}", tag = "photos",
    params(("id" = Uuid, Path), ("variant" = String, Path, description = "`original`, `display` or `thumb`")),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 206), (status = 304), (status = "4XX", body = ProblemBody)))]
pub async fn get_photo(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, variant)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = Uuid::try_parse(&id).map_err(|_| Problem::not_found())?;
    let photo = app.store.photo(PhotoId(id)).await?.ok_or(Problem::not_found())?;
    let report = visible(&app, &caller, photo.report).await?;
    if photo.state == PhotoState::Disposed {
        return Err(Refusal::Gone("photo_disposed").into());
    }
    let key = match variant.as_str() {
        "original" => {
            caller.actor().before(&report).at(app.clock.now()).must(Part::Originals)?;
            if photo.state == PhotoState::Expected {
                return Err(Problem::not_ready());
            }
            operations::fetch_original(&app, &caller, &photo).await?;
            original_key(photo.kept())
        }
        "display" | "thumb" if photo.state != PhotoState::Ready => return Err(Problem::not_ready()),
        "display" => display_key(photo.kept()),
        "thumb" => thumb_key(photo.kept()),
        _ => return Err(Problem::not_found()),
    };
    send(&app, &photo, &variant, &key, &headers).await
}

async fn send(app: &App, photo: &Photo, variant: &str, key: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let tag = format!("\"{}-{variant}\"", hex::encode(photo.kept().get(..16).unwrap_or_default()));
    let original = variant == "original";
    let disposition = if original { format!("attachment; filename=\"{}\"", photo.id) } else { "inline".to_owned() };
    let media_type = if original { &photo.media_type } else { "image/jpeg" };
    send_file(app, key, tag, media_type, &disposition, headers).await
}

/// A file of evidence, or the range of it that was asked for; never to be taken for a page of ours.
pub(super) async fn send_file(
    app: &App,
    key: &str,
    tag: String,
    media_type: &str,
    disposition: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let size = app.keeping.size(key).await?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let tagged = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, max-age=3600".to_owned())];
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, tagged).into_response());
    }
    let range =
        headers.get(header::RANGE).and_then(|value| value.to_str().ok()).map(|text| range(text, size)).transpose()?.flatten();
    let body = Body::from_stream(app.keeping.stream(key, range.clone()).await?);
    let mut response = (tagged, body).into_response();
    let (start, end) = range.as_ref().map_or((0, size), |range| (range.start, range.end));
    if range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        put(&mut response, header::CONTENT_RANGE, &format!("bytes {start}-{}/{size}", end.saturating_sub(1)));
    }
    put(&mut response, header::CONTENT_LENGTH, &(end - start).to_string());
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    put(&mut response, header::CONTENT_TYPE, media_type);
    put(&mut response, header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    put(&mut response, header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

fn put(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// One range of bytes (RFC 9110 section 14.1.2). Several at once, and units that are no bytes, are answered whole.
fn range(text: &str, size: u64) -> Result<Option<std::ops::Range<u64>>, Problem> {
    let Some(spec) = text.strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else { return Ok(None) };
    let Some((first, last)) = spec.trim().split_once('-') else { return Ok(None) };
    let wanted = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(last)) if first.is_empty() && last > 0 => size.saturating_sub(last)..size,
        _ => return Ok(None),
    };
    if wanted.start < wanted.end { Ok(Some(wanted)) } else { Err(Problem::bad_range()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let of = |text: &str| range(text, 100).ok().flatten();
        assert_eq!(of("bytes=0-9"), Some(0..10));
        assert_eq!(of("bytes=90-"), Some(90..100));
        assert_eq!(of("bytes=-5"), Some(95..100));
        assert_eq!(of("bytes=50-500"), Some(50..100));
        for whole in ["bytes=0-1,5-6", "items=0-1", "bytes=9-2", "bytes=x-y", "bytes=-0"] {
            assert_eq!(of(whole), None, "{whole}");
        }
        assert!(range("bytes=100-", 100).is_err());
    }
}
