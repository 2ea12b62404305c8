//! The one table from "why not" to HTTP. A failure is a problem document (RFC 9457) with a stable code; its words come
//! from `texts` in the caller's language, and nothing of our inside is ever in it.

use std::error::Error as _;

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tracing::error;

pub use super::bodies::{OpenWorkCounts, ProblemBody, ProblemField, ProblemMissing, Since};
use crate::{
    domain::{
        administration::OpenCounts,
        app_version::AppVersion,
        locale::Locale,
        refusal::{FieldError, Refusal},
        session::SignInRefusal,
        upload::UploadRefusal,
    },
    operations::OperationError,
    photos::{Format, PhotoError},
    store::StoreError,
    texts,
};

/// Where an upload stands (tus 1.0.0).
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// The status of a server that is not ready for requests; its body says which part is not.
pub const UNREADY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

/// A failure on its way to the caller. The words are put in last, when the caller's language is known.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    retry_after_secs: Option<u16>,
    /// Boxed, because few problems have any and every result has room for one.
    details: Option<Box<Details>>,
}

/// What a problem says beyond its code.
#[derive(Debug, Clone, Default)]
struct Details {
    errors: Vec<FieldError>,
    state: Option<&'static str>,
    missing: Vec<&'static str>,
    allowed: Option<Vec<&'static str>>,
    /// Where an upload stands.
    offset: Option<u64>,
    open_work: Option<OpenCounts>,
    since: Option<Since>,
    app_minimum: Option<String>,
}

impl Problem {
    const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, retry_after_secs: None, details: None }
    }

    const fn after(mut self, secs: u16) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    fn with(self, details: Details) -> Self {
        Self { details: Some(Box::new(details)), ..self }
    }

    /// No such thing, or nothing the caller may know of.
    pub const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// The link from a mail is none of ours, or was cut off.
    pub const fn link_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "link_unknown")
    }

    /// No token, or none that is good.
    pub const fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in")
    }

    /// The body is no JSON at all.
    pub const fn not_json() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "not_json")
    }

    /// The body is not of a type that is read here.
    pub const fn wrong_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type")
    }

    /// The body is larger than is taken here.
    pub const fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    }

    /// A header cannot be read.
    pub const fn bad_header() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_header")
    }

    /// What should be the key of a command is none.
    pub const fn bad_key() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_idempotency_key")
    }

    /// A cursor is none of ours, or somebody else's.
    pub const fn no_cursor() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "no_cursor")
    }

    /// The body stopped arriving.
    pub const fn interrupted() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "interrupted")
    }

    /// The range asked for lies outside the photo.
    pub const fn bad_range() -> Self {
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "bad_range")
    }

    /// The photo has no such rendition, or not yet.
    pub const fn not_ready() -> Self {
        Self::new(StatusCode::NOT_FOUND, "photo_not_ready").after(2)
    }

    /// One field or query value is wrong.
    pub fn invalid(pointer: impl Into<std::borrow::Cow<'static, str>>, code: &'static str) -> Self {
        Refusal::invalid(pointer, code).into()
    }

    /// The caller's budget of requests is spent; the wait in milliseconds (draft-ietf-httpapi-ratelimit-headers).
    pub fn quota_exceeded(wait_ms: i64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "quota_exceeded").after(seconds(wait_ms))
    }

    /// A fault of ours; nothing was changed.
    pub const fn fault() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault")
    }

    /// What the framework answered by itself, in our words.
    pub fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::REQUEST_TIMEOUT => "interrupted",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "wrong_media_type",
            status if status.is_client_error() => "bad_request",
            _ => "fault",
        };
        Self::new(status, code)
    }

    /// Whether somebody who watches over the server wants to see it: not let in, not allowed, too often.
    pub fn concerns_security(&self) -> bool {
        matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS)
    }

    /// The app is older than what is still spoken with.
    pub fn app_too_old(minimum: Option<AppVersion>) -> Self {
        let app_minimum = minimum.map(|minimum| minimum.to_string());
        Self::new(StatusCode::UPGRADE_REQUIRED, "app_too_old").with(Details { app_minimum, ..Details::default() })
    }

    /// The record was changed since the version that was named; how it stands is said along.
    pub fn changed(since: Since) -> Self {
        Self::from(Refusal::Changed).with(Details { since: Some(since), ..Details::default() })
    }

    /// Whether it is that the record was changed since the version that was named.
    pub fn is_changed(&self) -> bool {
        self.code == "changed"
    }

    /// The code, for the log and the counters.
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Its status, for a failure that is told as a page instead of a document.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// What went wrong and what to do about it, in that language.
    pub fn words(&self, locale: Locale) -> (String, String) {
        let key = self.code.replace('_', "-");
        let text = |part| texts::text(locale, &format!("problem-{key}-{part}"));
        (text("title"), text("detail"))
    }

    /// The document in one language.
    pub fn in_words(&self, locale: Locale, request_id: &str) -> Response {
        let text = |key: String| texts::text(locale, &key);
        let (title, detail) = self.words(locale);
        let field = |error: &FieldError| ProblemField {
            pointer: error.pointer.clone().into_owned(),
            code: error.code.to_owned(),
            detail: text(format!("field-{}", error.code.replace('_', "-"))),
        };
        let missing = |code: &&'static str| ProblemMissing {
            code: (*code).to_owned(),
            detail: text(format!("missing-{}", code.replace('_', "-"))),
        };
        let details = self.details.as_deref().cloned().unwrap_or_default();
        let body = ProblemBody {
            kind: format!("urn:salama:problem:{}", self.code.replace('_', "-")),
            title,
            status: self.status.as_u16(),
            detail,
            code: self.code.to_owned(),
            request_id: request_id.to_owned(),
            errors: details.errors.iter().map(field).collect(),
            state: details.state.map(str::to_owned),
            missing: details.missing.iter().map(missing).collect(),
            allowed: details.allowed.as_ref().map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
            open_work: details.open_work.map(OpenWorkCounts::from),
            current: details.since.as_ref().map(|since| since.current.clone()),
            changed: details.since.as_ref().and_then(|since| since.changed.clone()),
            conflict: details.since.as_ref().map(|since| since.conflict),
            app_minimum: details.app_minimum.clone(),
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.tag()));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // To a file that is no photo of ours it is said what would be one.
        if self.code == "photo_format"
            && let Ok(taken) = HeaderValue::from_str(&Format::ALL.map(Format::media_type).join(", "))
        {
            headers.insert(header::ACCEPT, taken);
        }
        // A 426 must name what would be spoken with (RFC 9110 section 15.5.22).
        if let Some(Ok(app)) = details.app_minimum.map(|minimum| HeaderValue::from_str(&format!("salama-app/{minimum}"))) {
            headers.insert(header::UPGRADE, app);
        }
        if let Some(offset) = details.offset {
            headers.insert(UPLOAD_OFFSET, HeaderValue::from(offset));
        }
        if let Some(secs) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(errors) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid").with(Details { errors, ..Details::default() })
            }
            Refusal::WrongState { state, allowed, .. } => {
                let details = Details { state: Some(state), allowed: Some(allowed), ..Details::default() };
                Self::new(StatusCode::CONFLICT, "wrong_state").with(details)
            }
            Refusal::NotReady { missing, allowed, .. } => {
                let details = Details { missing, allowed: Some(allowed), ..Details::default() };
                Self::new(StatusCode::CONFLICT, "not_ready").with(details)
            }
            Refusal::OpenWork(counts) => {
                Self::new(StatusCode::CONFLICT, "open_work").with(Details { open_work: Some(counts), ..Details::default() })
            }
            Refusal::MayNot(_) => Self::new(StatusCode::FORBIDDEN, "may_not"),
            Refusal::Unknown => Self::not_found(),
            Refusal::Conflict(code) => Self::new(StatusCode::CONFLICT, code),
            Refusal::NotHere => Self::new(StatusCode::NOT_FOUND, "report_not_here"),
            Refusal::TooMuch(code) => Self { retry_after_secs: Some(3600), ..Self::new(StatusCode::TOO_MANY_REQUESTS, code) },
            Refusal::Gone(code) => Self::new(StatusCode::GONE, code),
            Refusal::Upload(refusal) => refusal.into(),
            Refusal::Changed | Refusal::Stale { .. } => Self::new(StatusCode::PRECONDITION_FAILED, "changed"),
        }
    }
}

impl From<SignInRefusal> for Problem {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::SecondFactor => Self::new(StatusCode::UNAUTHORIZED, "second_factor"),
            SignInRefusal::SecondFactorFirst => Self::new(StatusCode::FORBIDDEN, "second_factor_first"),
            SignInRefusal::NotFresh => Self::new(StatusCode::FORBIDDEN, "not_fresh"),
            SignInRefusal::Code => Self::new(StatusCode::UNAUTHORIZED, "code_refused"),
            SignInRefusal::Provider => Self::new(StatusCode::UNAUTHORIZED, "provider_refused"),
            SignInRefusal::Unlinked => Self::new(StatusCode::FORBIDDEN, "identity_unlinked"),
            SignInRefusal::NoProvider => Self::new(StatusCode::NOT_FOUND, "no_provider"),
            SignInRefusal::ProviderAway => Self::new(StatusCode::SERVICE_UNAVAILABLE, "provider_away").after(60),
            SignInRefusal::TooOften(ms) => Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries").after(seconds(ms)),
        }
    }
}

/// Whole seconds, and at least one: who comes back a little early comes back in vain.
fn seconds(ms: i64) -> u16 {
    u16::try_from(ms.div_euclid(1000) + 1).unwrap_or(u16::MAX)
}

impl From<UploadRefusal> for Problem {
    fn from(refusal: UploadRefusal) -> Self {
        match refusal {
            UploadRefusal::Offset(offset) => {
                Self::new(StatusCode::CONFLICT, "upload_offset").with(Details { offset: Some(offset), ..Details::default() })
            }
            UploadRefusal::Header => Self::new(StatusCode::BAD_REQUEST, "bad_upload_header"),
            UploadRefusal::MediaType => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "upload_media_type"),
            UploadRefusal::Version => Self::new(StatusCode::PRECONDITION_FAILED, "tus_version"),
            UploadRefusal::Superseded => Self::new(StatusCode::CONFLICT, "upload_superseded"),
            // Clients of tus ask where it stands after a 409, and give up after a 408.
            UploadRefusal::Interrupted => Self::new(StatusCode::CONFLICT, "upload_interrupted"),
            UploadRefusal::TooLong => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "upload_too_long"),
            // tus has a status of its own for it.
            UploadRefusal::Checksum => Self::new(StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST), "upload_checksum"),
            UploadRefusal::NotThePhoto => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "upload_not_the_photo"),
            UploadRefusal::TooMany => Self::new(StatusCode::TOO_MANY_REQUESTS, "uploads_open").after(300),
        }
    }
}

impl From<PhotoError> for Problem {
    fn from(error: PhotoError) -> Self {
        match error {
            PhotoError::TooLarge | PhotoError::LengthMismatch | PhotoError::HashMismatch => {
                Self::new(StatusCode::CONFLICT, "photo_mismatch")
            }
            PhotoError::UnknownFormat => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "photo_format"),
            PhotoError::Unreadable(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "photo_unreadable"),
            PhotoError::Interrupted(_) => Self::interrupted(),
            PhotoError::NotFound => Self::not_found(),
            PhotoError::Address(_) | PhotoError::Storage(_) => {
                error!(error = error.source(), "the photo store failed");
                unavailable()
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale | StoreError::Taken => Self::new(StatusCode::PRECONDITION_FAILED, "changed"),
            StoreError::Unreachable(cause) => {
                error!(error = &cause as &dyn std::error::Error, "the database cannot be reached");
                unavailable()
            }
            StoreError::Database(cause) => {
                error!(error = &cause as &dyn std::error::Error, "the database failed");
                Self::fault()
            }
            StoreError::Corrupt(what) => {
                error!(what, "a row holds what no rule allows");
                Self::fault()
            }
        }
    }
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Refused(refusal) => refusal.into(),
            OperationError::NotSignedIn => Self::not_signed_in(),
            OperationError::SignIn(refusal) => refusal.into(),
            OperationError::Repeated => Self::new(StatusCode::CONFLICT, "happened_before"),
            OperationError::KeyReused => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
            OperationError::Busy => Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often").after(5),
            OperationError::Store(error) => error.into(),
            OperationError::Photo(error) => error.into(),
            OperationError::Fault(what) => {
                error!(what, "something that cannot be");
                Self::fault()
            }
        }
    }
}

fn unavailable() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable").after(5)
}
