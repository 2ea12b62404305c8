//! What tus 1.0.0 says in headers, read strictly and written: versions, offsets, metadata, checksums. What they lead to is in
//! `uploads`.

use axum::{
    Router,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, request::Parts},
    middleware::{self, Next},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use uuid::Uuid;

use super::error::{Problem, UPLOAD_OFFSET};
use crate::{
    app::App,
    domain::{
        ids::{PhotoId, ReportId},
        time::Instant,
        upload::{Checksum, ChecksumKind, UploadRefusal},
    },
    operations::UploadDraft,
};

/// Where uploads are.
pub const UPLOADS: &str = "/v1/uploads";
/// The version that is spoken here.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// What is spoken besides the core.
pub const EXTENSIONS: &str = "creation,creation-with-upload,expiration,checksum,termination";
/// The media type of bytes that are added.
const BYTES: &str = "application/offset+octet-stream";
/// The longest metadata taken.
const METADATA_LIMIT: usize = 4096;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
const METHOD: HeaderName = HeaderName::from_static("x-http-method-override");
/// How many bytes there will be.
pub const LENGTH: HeaderName = HeaderName::from_static("upload-length");
/// What the client said of the upload.
pub const METADATA: HeaderName = HeaderName::from_static("upload-metadata");

/// Around all routes, as a request to an upload may name its method in a header, for clients whose line lets no `PATCH`
/// through, and as every answer names the version, whoever gives it.
pub fn around(inner: Router) -> Router {
    Router::new().fallback_service(inner).layer(middleware::from_fn(speak))
}

async fn speak(mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.strip_prefix(UPLOADS).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return next.run(request).await;
    }
    let named = request.headers().get(METHOD).map(|value| Method::from_bytes(value.as_bytes()));
    if let Some(method) = named {
        *request.method_mut() = method.unwrap_or(Method::TRACE);
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(RESUMABLE, VERSION);
    response.headers_mut().insert(VERSIONS, VERSION);
    response
}

/// A request in the version that is spoken here; in another one it is not even read.
pub struct Tus;

impl FromRequestParts<App> for Tus {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        if parts.headers.get(RESUMABLE) == Some(&VERSION) { Ok(Self) } else { Err(Problem::from(UploadRefusal::Version)) }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str().map_err(|_| Problem::from(UploadRefusal::Header))).transpose()?;
    // Two that differ would be read in two ways.
    if values.next().is_some() { Err(Problem::from(UploadRefusal::Header)) } else { Ok(value) }
}

fn number(headers: &HeaderMap, name: HeaderName) -> Result<Option<u64>, Problem> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let read = |text: &str| text.parse().ok().filter(|_| digits(text)).ok_or(Problem::from(UploadRefusal::Header));
    text(headers, name)?.map(read).transpose()
}

/// Where the bytes begin.
pub fn offset(headers: &HeaderMap) -> Result<u64, Problem> {
    number(headers, UPLOAD_OFFSET)?.ok_or(Problem::from(UploadRefusal::Header))
}

/// How many bytes come, where that is said.
pub fn content_length(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    number(headers, axum::http::header::CONTENT_LENGTH)
}

/// Whether the body is bytes of an upload.
pub fn brings_bytes(headers: &HeaderMap) -> bool {
    headers.get(axum::http::header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(BYTES.as_bytes()))
}

/// What the bytes must be, where that is said.
pub fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    let Some(text) = text(headers, HeaderName::from_static("upload-checksum"))? else { return Ok(None) };
    let read = || {
        let (name, hash) = text.trim().split_once(' ')?;
        let (kind, length) = ChecksumKind::named(name)?;
        let hash = STANDARD.decode(hash).ok().filter(|hash| hash.len() == length)?;
        Some(Checksum { kind, hash })
    };
    read().map(Some).ok_or(Problem::from(UploadRefusal::Header))
}

/// An instant as HTTP writes it (RFC 9110 section 5.6.7).
pub fn http_date(at: Instant) -> String {
    at.timestamp().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// What a client says of the upload it begins. A length that is told only later is not taken, as the manifest has it.
pub fn draft(headers: &HeaderMap) -> Result<UploadDraft, Problem> {
    let bytes = number(headers, LENGTH)?.ok_or(Problem::from(UploadRefusal::Header))?;
    let metadata = text(headers, METADATA)?.ok_or(Problem::from(UploadRefusal::Header))?;
    let pairs = pairs(metadata).ok_or(Problem::from(UploadRefusal::Header))?;
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| std::str::from_utf8(value));
        found.map(|text| text.map_err(|_| Problem::from(UploadRefusal::Header))).transpose()
    };
    let id = |name: &str| {
        let id = value(name)?.and_then(|text| Uuid::try_parse(text.trim()).ok());
        id.ok_or(Problem::from(UploadRefusal::Header))
    };
    let sha256 = |text: &str| {
        let bytes = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or(Problem::from(UploadRefusal::Header))
    };
    Ok(UploadDraft {
        report: ReportId(id("report_id")?),
        photo: PhotoId(id("photo_id")?),
        bytes,
        media_type: value("filetype")?.map(str::to_owned).filter(|text| !text.is_empty()),
        sha256: value("sha256")?.map(sha256).transpose()?,
        metadata: metadata.to_owned(),
    })
}

/// Keys without spaces and commas, each once, and values in Base64 that may be left out.
fn pairs(text: &str) -> Option<Vec<(&str, Vec<u8>)>> {
    if text.len() > METADATA_LIMIT || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let mut pairs: Vec<(&str, Vec<u8>)> = Vec::new();
    for pair in text.split(',') {
        let pair = pair.trim();
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        if key.is_empty() || pairs.iter().any(|(other, _)| *other == key) {
            return None;
        }
        pairs.push((key, STANDARD.decode(value).ok()?));
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), value.parse().unwrap());
        list.iter().map(header).collect()
    }

    #[test]
    fn metadata_is_pairs_of_unique_keys_and_base64_values_and_nothing_else() {
        let read = pairs("report_id QQ==,is_confidential,empty ,name 4piD").unwrap();
        let keys: Vec<_> = read.iter().map(|(key, value)| (*key, value.len())).collect();
        assert_eq!(keys, [("report_id", 1), ("is_confidential", 0), ("empty", 0), ("name", 3)]);
        for wrong in ["", ",", "a QQ==,", "a QQ==,a QQ==", "a %%", "a QQ", "a Q Q==", "a\r\nb QQ==", "é QQ==", &"a".repeat(5000)]
        {
            assert!(pairs(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_are_digits_alone_and_fit() {
        let read = |text: &str| offset(&headers(&[("upload-offset", text)])).ok();
        assert_eq!((read("0"), read("18446744073709551615")), (Some(0), Some(u64::MAX)));
        for wrong in ["", "-1", "+1", "1.0", "0x1", " 1 2", "18446744073709551616", "a"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        let mut twice = headers(&[("upload-offset", "1")]);
        twice.append(UPLOAD_OFFSET, HeaderValue::from_static("2"));
        assert!(offset(&twice).is_err() && offset(&HeaderMap::new()).is_err());
    }

    #[test]
    fn checksums_are_of_known_kinds_and_of_their_length() {
        let read = |text: &str| checksum(&headers(&[("upload-checksum", text)]));
        let sha1 = read("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").ok().flatten().unwrap();
        assert_eq!((sha1.kind, sha1.hash.len()), (ChecksumKind::Sha1, 20));
        for wrong in ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha1 %", "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0="] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(checksum(&HeaderMap::new()).ok(), Some(None));
    }

    #[test]
    fn dates_are_written_as_http_wants_them() {
        assert_eq!(http_date("1994-11-06T08:49:37Z".parse().unwrap()), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
