//! From an original to two small pictures that can be shown: upright, bounded, and with nothing in them but the picture.
//! Plain bytes in, plain bytes out; takes CPU time, so the `darkroom` runs it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;

use super::{codec, exif, header, jpeg, look, pixels, planes::Planes};
use crate::domain::{claims::Claims, photo::Hint, redaction::Area};

/// The longest side of the display rendition, in pixels.
pub const DISPLAY_SIDE: u32 = 1600;
/// The longest side of the thumbnail, in pixels.
pub const THUMB_SIDE: u32 = 320;
/// How good a rendition is, 1 to 100.
const QUALITY: u8 = 80;

/// Why no rendition is made. The original is kept all the same: a photo that cannot be shown can still be evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The photo is cut short or broken.
    #[error("the photo is damaged")]
    Damaged,
    /// More pixels, or a longer side, than `intake` allows.
    #[error("the photo has too many pixels")]
    TooManyPixels,
    /// It would take more memory or time than one photo may have.
    #[error("the photo would cost too much to render")]
    TooCostly,
    /// AVIF, moving pictures, and anything else no decoder here reads.
    #[error("photos of this kind cannot be rendered")]
    NotSupported,
}

impl Unreadable {
    /// The stable code that is stored and shown.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooCostly => "too_costly",
            Self::NotSupported => "not_supported",
        }
    }
}

/// The two pictures made of one original, both JPEG without metadata other than a colour profile.
pub struct Renditions {
    /// Longest side at most 1600 pixels.
    pub display: Vec<u8>,
    /// Longest side at most 320 pixels.
    pub thumb: Vec<u8>,
    /// Of the original held upright, in pixels.
    pub width: u32,
    /// Of the original held upright, in pixels.
    pub height: u32,
    /// What the original claims about how it was taken.
    pub claims: Claims,
    /// What strikes the eye.
    pub hints: Vec<Hint>,
    /// A hash that is alike where pictures look alike.
    pub look: u64,
}

/// Makes both renditions, with these areas of the upright picture made black. Never enlarges.
pub fn render(original: &[u8], hidden: &[Area]) -> Result<Renditions, Unreadable> {
    contained(|| develop(original, hidden))
}

/// The most memory, in bytes, that `render` takes with this original (itself included), told by its header alone.
/// Fails as `render` would where the header already shows that it will.
pub fn memory_needed(original: &[u8]) -> Result<u64, Unreadable> {
    contained(|| header::read(original, DISPLAY_SIDE).map(|header| header.memory))
}

/// A decoder that panics has met a damaged photo.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, Unreadable>) -> Result<T, Unreadable> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Unreadable::Damaged))
}

fn develop(original: &[u8], hidden: &[Area]) -> Result<Renditions, Unreadable> {
    // Twice that, as libvips keeps, shows hardly more and costs a fifth more.
    let header = header::read(original, DISPLAY_SIDE)?;
    let (orientation, claims) = exif::read(original);
    let picture = pixels::decode(original, &header, DISPLAY_SIDE)?;
    // Turned only now, when there is little left to turn.
    let mut display = picture.planes.turned(Orientation::from_exif(orientation).unwrap_or(Orientation::NoTransforms));
    let mut hints = look::hints(&display.luma);
    hints.extend(picture.damaged.then_some(Hint::Damaged));
    let mut thumb = display.smaller(THUMB_SIDE)?;
    let look = look::hash(&thumb.luma)?;
    if !hidden.is_empty() {
        display.cover(hidden);
        thumb = display.smaller(THUMB_SIDE)?;
    }
    let lying = matches!(orientation, 5..=8);
    let (width, height) = if lying { (picture.height, picture.width) } else { (picture.width, picture.height) };
    let profile = picture.profile.as_deref();
    Ok(Renditions { display: encode(&display, profile)?, thumb: encode(&thumb, profile)?, width, height, claims, hints, look })
}

fn encode(picture: &Planes, profile: Option<&[u8]>) -> Result<Vec<u8>, Unreadable> {
    let jpeg = codec::encode(picture, QUALITY)?;
    match profile {
        Some(profile) => jpeg::with_profile(&jpeg, profile).ok_or(Unreadable::Damaged),
        None => Ok(jpeg),
    }
}
