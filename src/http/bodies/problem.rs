//! A failure as it is told: a problem document (RFC 9457). What becomes which failure is in `error`.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::administration::OpenCounts;

/// A problem document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Names the kind of problem; made of its code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What went wrong, in a few words of the caller's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do about it, in the caller's language.
    pub detail: String,
    /// A stable code.
    pub code: String,
    /// Names this request in the server's log.
    pub request_id: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// The state the record is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What must be there first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ProblemMissing>,
    /// What the caller may do instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<String>>,
    /// How much work must be handed over first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_work: Option<OpenWorkCounts>,
    /// The record as it stands, where `If-Match` named an older version: as a `GET` of it is answered to this caller. The
    /// command did not happen; it may be given again over the version in here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub current: Option<Value>,
    /// The fields that others wrote since that version; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Vec<String>>,
    /// Whether they wrote what the command is about, or it is not possible any more: then somebody should look before it is
    /// given again. Where it is false, what others did is beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<bool>,
    /// The oldest version of the app that is spoken with, where this one is older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_minimum: Option<String>,
}

/// What was done to a record since somebody read it.
#[derive(Debug, Clone)]
pub struct Since {
    /// The record as it stands, for this caller.
    pub current: Value,
    /// The fields that others wrote; none where that is not known.
    pub changed: Option<Vec<String>>,
    /// Whether it meets what the caller wanted to do.
    pub conflict: bool,
}

/// How much work is still open.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenWorkCounts {
    /// Actions they own; at a site, all of them.
    pub actions: usize,
    /// Actions they are to verify.
    pub verifications: usize,
    /// Reports routed to them; at a site, all of them.
    pub reports: usize,
    /// Running clocks.
    pub deadlines: usize,
}

impl From<OpenCounts> for OpenWorkCounts {
    fn from(counts: OpenCounts) -> Self {
        let OpenCounts { actions, verifications, reports, deadlines } = counts;
        Self { actions, verifications, reports, deadlines }
    }
}

/// A field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// Where: a JSON pointer into the body (RFC 6901), or `?name` for the query.
    pub pointer: String,
    /// A stable code.
    pub code: String,
    /// What to do, in the caller's language.
    pub detail: String,
}

/// Something that must be there first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemMissing {
    /// A stable code.
    pub code: String,
    /// What it is, in the caller's language.
    pub detail: String,
}
