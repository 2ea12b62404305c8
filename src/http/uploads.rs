//! Photos over a line that breaks: tus 1.0.0. What its headers say is read in `tus`; what happens is in `operations`.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    error::{Problem, ProblemBody, UPLOAD_OFFSET},
    extract::{Id, Query, Who},
    pace::paced,
    tus::{self, Tus},
};
use crate::{
    app::App,
    domain::{
        ids::UploadId,
        upload::{Upload, UploadRefusal},
    },
    operations::{self, Caller, Piece, Ticket},
};

/// The key of an upload to an anonymous report, as it stands in the address that was given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    key: Option<String>,
}

impl Key {
    /// A key that cannot be read opens nothing.
    fn opens(self, id: Uuid) -> Result<Ticket, Problem> {
        let read = |key: String| hex::decode(key).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Problem::not_found());
        Ok(Ticket { id: UploadId(id), key: self.key.map(read).transpose()? })
    }
}

/// What is spoken here: tus 1.0.0, with which extensions and up to which size.
#[utoipa::path(options, path = "/v1/uploads", tag = "photos", security(()),
    responses((status = 204, headers(("Tus-Version" = String), ("Tus-Extension" = String), ("Tus-Max-Size" = u64),
        ("Tus-Checksum-Algorithm" = String))), (status = "4XX", body = ProblemBody)))]
pub async fn get_upload_options(State(app): State<App>) -> Response {
    let said = [
        ("tus-extension", tus::EXTENSIONS.to_owned()),
        ("tus-max-size", app.settings.photo_max_bytes.to_string()),
        ("tus-checksum-algorithm", "sha1,sha256".to_owned()),
    ];
    (StatusCode::NO_CONTENT, said).into_response()
}

/// Begin to send a photo in pieces (tus 1.0.0): `Upload-Metadata` names `report_id` and `photo_id`, perhaps `filetype`, and
/// `sha256` in hexadecimal for a photo that the manifest does not announce. The same photo again is the same upload, and
/// `Upload-Offset` says where it stands. The first bytes may come along at once; those that are kept already are passed over.
/// The address of an upload to an anonymous report is told once and holds its key; keep it, or begin another. It goes after its
/// report: before that only a photo in one piece waits for it.
#[utoipa::path(post, path = "/v1/uploads", tag = "photos",
    params(("Tus-Resumable" = String, Header, description = "`1.0.0`"), ("Upload-Length" = u64, Header),
        ("Upload-Metadata" = String, Header), ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and the hash in Base64")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream", description = "The first bytes, if any"),
    responses((status = 201, headers(("Location" = String), ("Upload-Offset" = u64), ("Upload-Expires" = String))), (status = "4XX", body = ProblemBody)))]
pub async fn announce_upload(
    _: Tus,
    State(app): State<App>,
    Who(caller): Who,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let draft = tus::draft(&headers)?;
    if draft.bytes > app.settings.photo_max_bytes {
        return Err(Problem::too_large());
    }
    let checksum = tus::checksum(&headers)?;
    let length = tus::content_length(&headers)?;
    let brings_bytes = tus::brings_bytes(&headers);
    if !brings_bytes && length.is_some_and(|length| length > 0) {
        return Err(UploadRefusal::MediaType.into());
    }
    let (mut upload, ticket) = operations::announce_upload(&app, &caller, &draft).await?;
    if brings_bytes && upload.completed_at.is_none() {
        let piece = Piece { offset: None, length, checksum };
        upload = receive(&app, &caller, ticket, piece, request).await?;
    }
    let key = ticket.key.map_or_else(String::new, |key| format!("?key={}", hex::encode(key)));
    let location = [(header::LOCATION, format!("{}/{}{key}", tus::UPLOADS, ticket.id))];
    Ok((StatusCode::CREATED, location, standing(&upload)).into_response())
}

/// Where an upload stands. Whatever an older request still sends to it is kept first, and that request ends.
#[utoipa::path(head, path = "/v1/uploads/{id}", tag = "photos",
    params(("id" = Uuid, Path), ("key" = Option<String>, Query, description = "As it stands in the address that was given"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`")),
    responses((status = 200, headers(("Upload-Offset" = u64), ("Upload-Length" = u64), ("Upload-Metadata" = String),
        ("Upload-Expires" = String))), (status = "4XX", body = ProblemBody)))]
pub async fn resume_upload(
    _: Tus,
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Query(key): Query<Key>,
) -> Result<Response, Problem> {
    let upload = operations::resume_upload(&app, &caller, key.opens(id)?).await?;
    let metadata = HeaderValue::from_str(&upload.metadata).map_err(|_| Problem::fault())?;
    let said = [(tus::LENGTH, HeaderValue::from(upload.bytes)), (tus::METADATA, metadata)];
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::OK, said, no_store, standing(&upload)).into_response())
}

/// Send the next bytes, from `Upload-Offset` on: all of them in one request is fine, as what came is kept when the line
/// breaks. A piece with a checksum is kept whole or not at all, so 64 KiB suit it where lines are bad. The last byte makes
/// the photo. Bytes that are all there and not the photo announced begin anew at 0.
#[utoipa::path(patch, path = "/v1/uploads/{id}", tag = "photos",
    params(("id" = Uuid, Path), ("key" = Option<String>, Query, description = "As it stands in the address that was given"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"), ("Upload-Offset" = u64, Header),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and the hash in Base64")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, headers(("Upload-Offset" = u64), ("Upload-Expires" = String))), (status = "4XX", body = ProblemBody)))]
pub async fn continue_upload(
    _: Tus,
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Query(key): Query<Key>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    if !tus::brings_bytes(&headers) {
        return Err(UploadRefusal::MediaType.into());
    }
    let (offset, checksum) = (tus::offset(&headers)?, tus::checksum(&headers)?);
    let piece = Piece { offset: Some(offset), length: tus::content_length(&headers)?, checksum };
    let upload = receive(&app, &caller, key.opens(id)?, piece, request).await?;
    Ok((StatusCode::NO_CONTENT, standing(&upload)).into_response())
}

/// Give an upload up. Its bytes are removed; a photo that is whole stays.
#[utoipa::path(delete, path = "/v1/uploads/{id}", tag = "photos",
    params(("id" = Uuid, Path), ("key" = Option<String>, Query, description = "As it stands in the address that was given"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`")),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn end_upload(
    _: Tus,
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Query(key): Query<Key>,
) -> Result<Response, Problem> {
    operations::end_upload(&app, &caller, key.opens(id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn receive(app: &App, caller: &Caller, ticket: Ticket, piece: Piece, request: Request) -> Result<Upload, Problem> {
    let arriving = paced(request.into_body().into_data_stream());
    Ok(operations::continue_upload(app, caller, ticket, piece, arriving).await?)
}

/// Where it stands, and until when it waits.
fn standing(upload: &Upload) -> [(header::HeaderName, String); 2] {
    let expires = header::HeaderName::from_static("upload-expires");
    [(UPLOAD_OFFSET, upload.offset.to_string()), (expires, tus::http_date(upload.expires_at))]
}
