//! A photo of a report: announced by the manifest, then received byte for byte, then made fit for others to see.
//! What the bytes are, and how renditions come about, is in `photos`; what they say of themselves in `claims`.

use serde::{Deserialize, Serialize};

use super::{
    ids::{PhotoId, ReportId},
    redaction::Area,
    refusal::Refusal,
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

words! {
    /// What strikes the eye in a photo, told to whoever took it while they can take another. It refuses nothing.
    pub enum Hint {
        /// Little can be made out.
        Dark = "dark",
        /// It may be blurred.
        Blurred = "blurred",
        /// A part of the file is missing or broken; the rest is shown.
        Damaged = "damaged",
    }
}

words! {
    /// What can be had of a photo.
    pub enum PhotoVariant {
        /// Its exact bytes, or its bare picture; for those who investigate.
        Original = "original",
        /// A picture to look at.
        Display = "display",
        /// A small one, for lists.
        Thumb = "thumb",
    }
}

/// How long a link to a picture opens it, in milliseconds: as long as a page is looked at.
pub const PICTURE_LINK_MS: i64 = 5 * 60_000;

/// A photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// What strikes the eye in it.
    pub hints: Vec<Hint>,
    /// What nobody sees but those who may fetch the original.
    pub hidden: Vec<Area>,
    /// How often what is hidden was changed: what others see is another file each time.
    pub redactions: u32,
    /// The hash of the small picture that its phone sent first, as it came. It proves nothing.
    pub preview_sha256: Option<[u8; 32]>,
    /// Which writing of the record this is.
    pub version: i64,
}

impl Photo {
    /// A photo that was announced.
    pub fn expected(id: PhotoId, report: ReportId, position: u32, sha256: [u8; 32], bytes: u64, media_type: String) -> Self {
        Self {
            id,
            report,
            position,
            state: PhotoState::Expected,
            sha256,
            kept_sha256: None,
            bytes,
            media_type,
            received_at: None,
            width: None,
            height: None,
            unreadable_because: None,
            hints: Vec::new(),
            hidden: Vec::new(),
            redactions: 0,
            preview_sha256: None,
            version: 1,
        }
    }

    /// The hash of the bytes that are kept, by which they are found.
    pub fn kept(&self) -> &[u8; 32] {
        self.kept_sha256.as_ref().unwrap_or(&self.sha256)
    }

    /// The small picture of its phone that is shown as long as nothing is made of the photo itself. Where something was hidden
    /// it never is, as nobody hid it there.
    pub fn preview(&self) -> Option<&[u8; 32]> {
        self.preview_sha256.as_ref().filter(|_| self.may_show_preview())
    }

    /// Whether a small picture would be shown: before anything else is, and the first one alone.
    pub const fn wants_preview(&self) -> bool {
        self.may_show_preview() && self.preview_sha256.is_none()
    }

    const fn may_show_preview(&self) -> bool {
        matches!(self.state, PhotoState::Expected | PhotoState::Received | PhotoState::Unreadable) && self.redactions == 0
    }

    /// Hides these areas, and no others. What others see is made anew; until then they see nothing of it.
    pub fn hide(self, areas: Vec<Area>) -> Result<Self, Refusal> {
        match self.state {
            PhotoState::Expected | PhotoState::Unreadable => Err(Refusal::Conflict("photo_not_shown")),
            PhotoState::Disposed => Err(Refusal::Gone("photo_disposed")),
            PhotoState::Received | PhotoState::Ready => {
                Ok(Self { state: PhotoState::Received, hidden: areas, redactions: self.redactions + 1, ..self })
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::*;

    pub fn photo() -> Photo {
        Photo::expected(PhotoId(Uuid::nil()), ReportId(Uuid::nil()), 0, [0; 32], 1, "image/jpeg".into())
    }

    #[test]
    fn a_preview_is_shown_until_the_photo_is_and_never_where_something_was_hidden() {
        let shown = |state, redactions| {
            let preview_sha256 = Some([7; 32]);
            Photo { state, redactions, preview_sha256, ..photo() }.preview().is_some()
        };
        for state in PhotoState::ALL.iter().copied() {
            let waits = matches!(state, PhotoState::Expected | PhotoState::Received | PhotoState::Unreadable);
            assert_eq!((shown(state, 0), shown(state, 1)), (waits, false), "{state:?}");
            assert_eq!(Photo { state, ..photo() }.wants_preview(), waits, "{state:?}");
        }
        assert!(!Photo { preview_sha256: Some([7; 32]), ..photo() }.wants_preview(), "the first one stays");
    }

    #[test]
    fn hiding_takes_the_photo_from_view_until_it_is_made_anew_and_needs_one_that_can_be_shown() {
        let area = Area { x: 0.1, y: 0.1, width: 0.2, height: 0.2 };
        let ready = Photo { state: PhotoState::Ready, ..photo() };
        let hidden = ready.hide(vec![area]).unwrap();
        assert_eq!((hidden.state, hidden.redactions, &*hidden.hidden), (PhotoState::Received, 1, &[area][..]));
        let lifted = hidden.hide(vec![]).unwrap();
        assert_eq!((lifted.state, lifted.redactions, lifted.hidden.len()), (PhotoState::Received, 2, 0));
        for state in [PhotoState::Expected, PhotoState::Unreadable] {
            let refused = Photo { state, ..photo() }.hide(vec![area]);
            assert_eq!(refused.err(), Some(Refusal::Conflict("photo_not_shown")));
        }
    }
}
