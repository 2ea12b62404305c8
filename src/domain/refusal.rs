//! A rule said no. Every refusal has a stable code, and a text of the same name in three languages under `texts`.
//! Which HTTP status it becomes is decided in `http/error.rs` alone.

use std::borrow::Cow;

use super::{administration::OpenCounts, upload::UploadRefusal};

/// One field that is wrong: where (RFC 6901 pointer into the body) and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer such as `/photos/0/sha256`.
    pub pointer: Cow<'static, str>,
    /// A stable code; the text `field-<code>` explains it.
    pub code: &'static str,
}

/// Why something may not be done. Each variant can be shown to a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fields of the body are wrong.
    #[error("the body has wrong fields: {0:?}")]
    Invalid(Vec<FieldError>),
    /// The record is in a state that does not allow this.
    #[error("{command} is not possible while {state}")]
    WrongState {
        /// What was asked.
        command: &'static str,
        /// The state it is in.
        state: &'static str,
        /// What this caller may do instead.
        allowed: Vec<&'static str>,
    },
    /// A guard holds: these things are missing first.
    #[error("{command} needs first: {missing:?}")]
    NotReady {
        /// What was asked.
        command: &'static str,
        /// Codes of what is missing; the text `missing-<code>` explains each.
        missing: Vec<&'static str>,
        /// What this caller may do instead.
        allowed: Vec<&'static str>,
    },
    /// The caller may know of it, but may not do this.
    #[error("the caller may not {0}")]
    MayNot(&'static str),
    /// The caller may not even know whether it exists.
    #[error("unknown, or not to be known")]
    Unknown,
    /// The same id came before with other content, or is somebody else's; the code says of what.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The report has not come, or is not to be known: what belongs to it is kept by its sender and sent again.
    #[error("the report is not here")]
    NotHere,
    /// More than may be at once; the code says of what.
    #[error("too much: {0}")]
    TooMuch(&'static str),
    /// What was offered is offered no more; the code says why.
    #[error("no more: {0}")]
    Gone(&'static str),
    /// Work is still open that would be in nobody's hands.
    #[error("open work must be handed over first: {0:?}")]
    OpenWork(OpenCounts),
    /// An upload does not go on like this.
    #[error(transparent)]
    Upload(#[from] UploadRefusal),
    /// Somebody changed it since the version the caller named.
    #[error("changed since the version named")]
    Changed,
    /// Somebody changed the report or action since the version the caller named.
    #[error("changed since version {since}, and so {command} did not happen")]
    Stale {
        /// The version they named.
        since: i64,
        /// What was asked.
        command: &'static str,
    },
}

impl Refusal {
    /// One wrong field.
    pub fn invalid(pointer: impl Into<Cow<'static, str>>, code: &'static str) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.into(), code }])
    }

    /// The same refusal naming only what this caller may do, so that nobody is sent to a closed door.
    #[must_use]
    pub fn naming(self, allowed: &[&'static str]) -> Self {
        match self {
            Self::WrongState { command, state, .. } => Self::WrongState { command, state, allowed: allowed.to_vec() },
            Self::NotReady { command, missing, .. } => {
                let allowed = allowed.iter().copied().filter(|other| *other != command).collect();
                Self::NotReady { command, missing, allowed }
            }
            other => other,
        }
    }
}

/// Gathers every wrong field of a body, so that a person mends them in one go.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Remembers that this field is wrong.
    pub fn add(&mut self, pointer: impl Into<Cow<'static, str>>, code: &'static str) {
        self.0.push(FieldError { pointer: pointer.into(), code });
    }

    /// Takes the value, or remembers why there is none.
    pub fn take<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(Refusal::Invalid(errors)) => {
                self.0.extend(errors);
                None
            }
            Err(other) => {
                debug_assert!(false, "a field can only be invalid, not {other}");
                None
            }
        }
    }

    /// Whether nothing was wrong so far.
    pub fn none(&self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0.clone())) }
    }
}
