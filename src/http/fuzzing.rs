//! What `fuzz/` feeds with bytes, as requests would; it is compiled for its targets alone.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use uuid::Uuid;

use super::{answer, extract, reports::DraftBody, tus};
use crate::{
    domain::{
        report::{Draft, RawDraft},
        time::Instant,
    },
    operations::UploadDraft,
};

/// Any body, as the strict reader takes it.
pub fn any_body(bytes: &[u8]) -> Option<Value> {
    extract::read(&Bytes::copy_from_slice(bytes)).ok()
}

/// The draft of a report.
pub fn draft(bytes: &[u8]) -> Option<Draft> {
    let body: DraftBody = extract::read(&Bytes::copy_from_slice(bytes)).ok()?;
    RawDraft::from(body).read(40 << 20).ok()
}

/// What the headers of an upload say, from lines of `name: value`.
pub fn upload(bytes: &[u8]) -> Option<UploadDraft> {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(at);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let _ = (tus::offset(&headers), tus::checksum(&headers), tus::content_length(&headers), tus::brings_bytes(&headers));
    tus::draft(&headers).ok()
}

/// The place that the cursor of a list names.
pub fn place(cursor: &str) -> Option<(Instant, Uuid)> {
    answer::place(Some(cursor)).ok().flatten()
}

/// The cursor of a place.
pub fn cursor(at: Instant, id: Uuid) -> String {
    answer::cursor(at, id)
}
