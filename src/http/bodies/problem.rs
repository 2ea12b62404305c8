//! A problem as the caller reads it (RFC 9457). Which status and code it has is `error`'s.

use serde::Serialize;
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
