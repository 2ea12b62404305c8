//! Photos: one shot in, and out to those who may see them; what was found in them, and what is hidden. What bytes are taken
//! and kept is `photos`'.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    bodies::{HeldBody, PhotoBody},
    error::{Problem, ProblemBody},
    extract::{Body as Form, Id, Ids, Who},
    held::receipt,
    pace::paced,
    reports::visible,
};
use crate::{
    app::App,
    domain::{
        access::Part,
        claims::{Claims, Finding},
        ids::{PhotoId, ReportId},
        photo::{Photo, PhotoState, PhotoVariant},
        redaction::Area,
        refusal::Refusal,
        time::Instant,
    },
    operations::{self, Arrival, Caller, Made, OperationError, Said},
    photos::{
        Format, PhotoError,
        keeping::{display_key, original_key, preview_keys, thumb_key},
    },
};

/// The longest time somebody may ask to wait for renditions.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How often a waiting request looks by itself, as another replica may have made them.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Send the bytes of a photo. The same bytes again are answered 200; bytes that are not those of the manifest 409. A photo
/// that the manifest did not announce, such as evidence that an action is done, needs `Content-Digest` and `Content-Length`.
/// One whose report has not come waits for it (202), where nobody can read it, and is brought in by itself soon after the report
/// has announced it. That is no receipt yet: keep the photo until its report says that it is here, and send it again where a
/// report that has come still awaits it. At most 20 photos of a member wait; other bytes under the same ids are answered 409.
/// With `Prefer: wait=10` (RFC 7240) the answer comes when the renditions are made, at most so many seconds later, and says
/// whether the photo is dark or blurred; the photo is kept in any case before anybody waits.
#[utoipa::path(put, path = "/v1/reports/{id}/photos/{photo_id}", tag = "photos",
    params(("id" = Uuid, Path), ("photo_id" = Uuid, Path), ("Content-Digest" = Option<String>, Header, description = "RFC 9530: `sha-256=:…:`"),
        ("Prefer" = Option<String>, Header, description = "RFC 7240: `wait=` seconds, at most 20")),
    request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 201, body = PhotoBody), (status = 200, body = PhotoBody), (status = 202, body = HeldBody), (status = "4XX", body = ProblemBody)))]
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
    let arriving = paced(request.into_body().into_data_stream());
    let made = match operations::attach_photo(&app, &caller, ReportId(report), PhotoId(photo), said, arriving).await? {
        Arrival::Here(made) => made,
        Arrival::Held(held) => return Ok(receipt(&held, report)),
    };
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    let photo = made.into_inner();
    let Some(wait) = wait(&headers) else { return Ok((status, Json(PhotoBody::of(&photo))).into_response()) };
    let photo = when_developed(&app, photo, wait).await?;
    let applied = [("preference-applied", format!("wait={}", wait.as_secs()))];
    Ok((status, applied, Json(PhotoBody::of(&photo))).into_response())
}

/// Send a small picture of a photo that was announced, at most 200 KiB, ahead of the photo itself: it is shown until the photo
/// is, without anything in it but the picture, and is no evidence. The first one stays. `Content-Digest` is compared if it is there.
#[utoipa::path(put, path = "/v1/reports/{id}/photos/{photo_id}/preview", tag = "photos",
    params(("id" = Uuid, Path), ("photo_id" = Uuid, Path), ("Content-Digest" = Option<String>, Header, description = "RFC 9530: `sha-256=:…:`")),
    request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 201, body = PhotoBody), (status = 200, body = PhotoBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_photo_preview(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, photo): Ids,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    if let Some(media_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
        Format::declared(media_type)?;
    }
    let (digest, arriving) = (content_digest(&headers)?, paced(request.into_body().into_data_stream()));
    let made = operations::attach_preview(&app, &caller, ReportId(report), PhotoId(photo), digest, arriving).await;
    let made = made.map_err(|error| match error {
        OperationError::Photo(PhotoError::TooLarge) => Problem::too_large(),
        other => other.into(),
    })?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(PhotoBody::of(&made.into_inner()))).into_response())
}

fn wait(headers: &HeaderMap) -> Option<Duration> {
    let mut preferences = headers.get("prefer")?.to_str().ok()?.split([',', ';']);
    let seconds = preferences.find_map(|preference| preference.trim().strip_prefix("wait=")?.parse().ok())?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// The photo when its renditions are made, or as it stands when that takes longer.
async fn when_developed(app: &App, photo: Photo, wait: Duration) -> Result<Photo, Problem> {
    let mut nudged = app.nudges.subscribe();
    let developed = async {
        loop {
            let now = app.store.photo(photo.id).await?.ok_or(Problem::not_found())?;
            if now.state != PhotoState::Received {
                return Ok(now);
            }
            // Whether somebody nudged or the time is over, there may be news.
            let _ = timeout(LOOK_AGAIN, nudged.changed()).await;
        }
    };
    timeout(wait, developed).await.unwrap_or(Ok(photo.clone()))
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
    let variant = PhotoVariant::of_word(&variant);
    show(&app, &caller, PhotoId(id), variant, &headers).await
}

/// Answers with a variant of a photo, if this caller may have it now; one of another name is not found by anybody.
pub(super) async fn show(
    app: &App,
    caller: &Caller,
    id: PhotoId,
    variant: Option<PhotoVariant>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let photo = app.store.photo(id).await?.ok_or(Problem::not_found())?;
    let report = visible(app, caller, photo.report).await?;
    if photo.state == PhotoState::Disposed {
        return Err(Refusal::Gone("photo_disposed").into());
    }
    let variant = variant.ok_or(Problem::not_found())?;
    if variant == PhotoVariant::Original {
        caller.actor().before(&report).at(app.clock.now()).must(Part::Originals)?;
        if photo.state == PhotoState::Expected {
            return Err(Problem::not_ready());
        }
        operations::fetch_original(app, caller, &photo).await?;
        return send(app, &photo, variant, &original_key(photo.kept()), headers).await;
    }
    if let Some(preview) = photo.preview() {
        let [display, thumb] = preview_keys(preview);
        let key = if variant == PhotoVariant::Thumb { thumb } else { display };
        let tag = format!("\"{}-{variant}-preview\"", hex::encode(preview.get(..16).unwrap_or_default()));
        return send_file(app, &key, tag, "image/jpeg", "inline", headers).await;
    }
    if photo.state != PhotoState::Ready {
        return Err(Problem::not_ready());
    }
    let key = if variant == PhotoVariant::Thumb { thumb_key(&photo) } else { display_key(&photo) };
    send(app, &photo, variant, &key, headers).await
}

async fn send(app: &App, photo: &Photo, variant: PhotoVariant, key: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let bytes = hex::encode(photo.kept().get(..16).unwrap_or_default());
    let tag = format!("\"{bytes}-{variant}-{}\"", photo.redactions);
    let original = variant == PhotoVariant::Original;
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
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // Kept by the reader's own device, and asked about each time: what was hidden since, or is no longer theirs, is not shown.
    let tagged = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if said(header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, tagged).into_response());
    }
    // Who goes on with half a file must have half of this one.
    let same_file = said(header::IF_RANGE).is_none_or(|known| known.trim() == tag);
    let range = said(header::RANGE).filter(|_| same_file).map(|text| range(text, size)).transpose()?.flatten();
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

/// What is to be hidden.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactionInput {
    /// `{x, y, width, height}` in fractions of the upright picture, from its top left corner; at most 50. None shows all of it
    /// again.
    #[schema(value_type = Vec<Value>)]
    areas: Vec<Area>,
}

/// Hide areas of a photo: faces, plates, names. They replace those hidden before. What everybody sees is made anew, and is
/// not shown until it is; the original stays as it is.
#[utoipa::path(post, path = "/v1/photos/{id}/redactions", tag = "photos", params(("id" = Uuid, Path)), request_body = RedactionInput,
    responses((status = 200, body = PhotoBody), (status = "4XX", body = ProblemBody)))]
pub async fn redact_photo(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Form(body): Form<RedactionInput>,
) -> Result<Response, Problem> {
    let photo = operations::redact_photo(&app, &caller, PhotoId(id), body.areas).await?;
    Ok(Json(PhotoBody::of(&photo)).into_response())
}

/// What was found in a photo, for those who handle and read reports.
#[derive(Serialize, ToSchema)]
pub struct FindingsBody {
    /// What it says of itself and does not go with its report: `another_time`, `another_place`. It proves nothing.
    doubts: Vec<String>,
    /// Photos of other reports that probably show the same picture.
    same_picture: Vec<SamePictureBody>,
    /// What is hidden in it, in fractions of the upright picture.
    #[schema(value_type = Vec<Value>)]
    hidden: Vec<Area>,
    /// What it says of how it was taken, for those who may fetch the original.
    claims: Option<ClaimsBody>,
}

/// A photo that looks the same.
#[derive(Serialize, ToSchema)]
pub struct SamePictureBody {
    /// The photo.
    photo_id: Uuid,
    /// Its report.
    report_id: Uuid,
    /// Its report, as people say it.
    number: String,
}

/// What a photo says of how it was taken; none of it is proven.
#[derive(Serialize, ToSchema)]
pub struct ClaimsBody {
    /// When, where its camera noted the zone or the satellites' time.
    #[schema(value_type = Option<String>, format = DateTime)]
    taken_at: Option<Instant>,
    /// When, as its camera's clock showed it.
    taken_at_local: Option<String>,
    /// Degrees north, -90 to 90.
    latitude: Option<f64>,
    /// Degrees east, -180 to 180.
    longitude: Option<f64>,
    /// Who made the camera.
    make: Option<String>,
    /// Which camera it was.
    model: Option<String>,
}

impl ClaimsBody {
    fn of(claims: Claims) -> Self {
        let local = |taken: &crate::domain::claims::TakenAt| match taken.offset {
            Some(offset) => format!("{}{offset}", taken.local),
            None => taken.local.to_string(),
        };
        Self {
            taken_at: claims.taken_at.and_then(|taken| taken.instant()),
            taken_at_local: claims.taken_at.as_ref().map(local),
            latitude: claims.position.map(|position| position.latitude),
            longitude: claims.position.map(|position| position.longitude),
            make: claims.make,
            model: claims.model,
        }
    }
}

/// What was found in a photo: whether it goes with its report, and which other photos look the same.
#[utoipa::path(get, path = "/v1/photos/{id}/findings", tag = "photos", params(("id" = Uuid, Path)),
    responses((status = 200, body = FindingsBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_photo_findings(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Response, Problem> {
    let photo = app.store.photo(PhotoId(id)).await?.ok_or(Problem::not_found())?;
    let report = visible(&app, &caller, photo.report).await?;
    let reader = caller.actor().before(&report).at(app.clock.now());
    reader.must(Part::Findings)?;
    if photo.state == PhotoState::Disposed {
        return Err(Refusal::Gone("photo_disposed").into());
    }
    let hidden = photo.hidden.clone();
    let Some(Finding { look, claims, .. }) = app.store.finding(photo.id).await? else { return Err(Problem::not_ready()) };
    let alike = match look {
        Some(look) => app.store.photos_that_look_like(photo.id, look).await?,
        None => Vec::new(),
    };
    let others: Vec<_> = alike.iter().map(|(_, other)| *other).filter(|other| *other != report.id).collect();
    let others = app.store.reports_of(&others).await?;
    let shown = |(photo, other): &(PhotoId, ReportId)| {
        let other = others.get(other).filter(|other| caller.actor().must_see(other, false).is_ok())?;
        Some(SamePictureBody { photo_id: photo.0, report_id: other.id.0, number: other.number.clone() })
    };
    let body = FindingsBody {
        doubts: claims.doubts(&photo, &report).into_iter().map(|doubt| doubt.word().to_owned()).collect(),
        same_picture: alike.iter().filter_map(shown).collect(),
        hidden,
        claims: reader.may(Part::Originals).then(|| ClaimsBody::of(claims)),
    };
    Ok(Json(body).into_response())
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
