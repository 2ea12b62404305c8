//! Photos: taking them in unaltered, keeping them, and making small clean pictures of them to look at.
//! Nothing here knows of reports, people or HTTP; who may see a photo is decided elsewhere.

mod arriving;
pub mod bare;
mod codec;
pub mod darkroom;
mod exif;
mod header;
mod heic;
pub mod intake;
mod inventory;
mod jpeg;
pub mod keeping;
mod look;
mod pixels;
mod planes;
mod png;
pub mod rendition;
pub mod sealed;
pub mod spool;
mod staged;
#[cfg(test)]
mod tests;

use std::error::Error;

pub use darkroom::Darkroom;
pub use intake::Format;
pub use inventory::{Lying, LyingKind};
pub use keeping::{Keeping, S3Access};
pub use rendition::{Renditions, Unreadable};
pub use spool::{Seal, Spool};

/// Why a photo was not taken in, kept or found. No text here names a path, a bucket or a person.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// More bytes came than were announced; the rest was not read.
    #[error("the photo is longer than announced")]
    TooLarge,
    /// Fewer bytes came than were announced.
    #[error("the photo is shorter than announced")]
    LengthMismatch,
    /// The bytes that came are not those whose SHA-256 was announced.
    #[error("the photo is not the one announced: its SHA-256 differs")]
    HashMismatch,
    /// The bytes, or the media type declared, are no kind of photo taken here.
    #[error("not a kind of photo that is taken here")]
    UnknownFormat,
    /// Only its pixels were to be kept, and they cannot be read.
    #[error("the photo cannot be read, and only its pixels were to be kept")]
    Unreadable(#[source] Unreadable),
    /// The sender's stream broke off.
    #[error("the photo stopped arriving")]
    Interrupted(#[source] Box<dyn Error + Send + Sync>),
    /// Nothing is kept under this key.
    #[error("no such photo is kept")]
    NotFound,
    /// The configured address of the photo store cannot be used; the text says what is wrong with it.
    #[error("the photo store's address is not usable: {0}")]
    Address(&'static str),
    /// The photo store did not do its work. The cause is for the log alone, as it may name a path.
    #[error("the photo store failed")]
    Storage(#[source] Box<dyn Error + Send + Sync>),
}

impl From<object_store::Error> for PhotoError {
    fn from(cause: object_store::Error) -> Self {
        match cause {
            object_store::Error::NotFound { .. } => Self::NotFound,
            other => Self::Storage(Box::new(other)),
        }
    }
}
