//! A photo of a report: announced by the manifest, then received byte for byte, then made fit for others to see.
//! What the bytes are, and how renditions come about, is in `photos`.

use serde::{Deserialize, Serialize};

use super::{
    ids::{PhotoId, ReportId},
    time::Instant,
    words::words,
};

words! {
    /// Where a photo stands.
    pub enum PhotoState {
        /// Announced; its bytes have not come.
        Expected = "expected",
        /// Its exact bytes are kept; what others see is being made.
        Received = "received",
        /// What others see is there.
        Ready = "ready",
        /// Kept as evidence, but nothing could be made of it; the reason says why.
        Unreadable = "unreadable",
        /// Its time was over: the bytes are gone, the hash stays.
        Disposed = "disposed",
    }
}

impl PhotoState {
    /// Whether its exact bytes are kept.
    pub const fn has_bytes(self) -> bool {
        matches!(self, Self::Received | Self::Ready | Self::Unreadable)
    }
}

/// A photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// Made by the phone.
    pub id: PhotoId,
    /// Its report.
    pub report: ReportId,
    /// Its place in the manifest, from 0.
    pub position: u32,
    /// Where it stands.
    pub state: PhotoState,
    /// The hash of its bytes, as they were announced and came.
    pub sha256: [u8; 32],
    /// The hash of the bare picture that is kept instead of them, where the report is anonymous.
    pub kept_sha256: Option<[u8; 32]>,
    /// The number of its bytes.
    pub bytes: u64,
    /// What the phone said it is; once received, what it is.
    pub media_type: String,
    /// When its bytes were here.
    pub received_at: Option<Instant>,
    /// Width of the upright picture in pixels.
    pub width: Option<u32>,
    /// Height of the upright picture in pixels.
    pub height: Option<u32>,
    /// Why nothing could be made of it: a code.
    pub unreadable_because: Option<String>,
    /// Which writing of the record this is.
    pub version: i64,
}

impl Photo {
    /// The hash of the bytes that are kept, by which they are found.
    pub fn kept(&self) -> &[u8; 32] {
        self.kept_sha256.as_ref().unwrap_or(&self.sha256)
    }
}
