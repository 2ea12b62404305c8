//! From an original to its picture and nothing else: what is kept where a photo must not say who took it. No metadata, no
//! colour profile, no trace of the camera's own way to write a file; pixels alone, upright, in our own encoding.

use image::metadata::Orientation;

use super::{
    codec, exif,
    header::{self, FIXED_BYTES, bytes_of},
    intake::Format,
    pixels,
    rendition::{Unreadable, contained},
};

/// The longest side of a bare picture, in pixels: all that most phones take, and enough to read a label by.
const BARE_SIDE: u32 = 4000;
const QUALITY: u8 = 92;

/// Makes the bare picture, a JPEG. One that lacks a part is refused: nothing in its bare picture would say so.
pub fn bare(original: &[u8]) -> Result<Vec<u8>, Unreadable> {
    contained(|| picture(original))
}

/// The most memory, in bytes, that `bare` takes with this original (itself included), told by its header alone.
pub fn memory_needed(original: &[u8]) -> Result<u64, Unreadable> {
    contained(|| {
        let header = header::read(original, BARE_SIDE)?;
        let shrunk = u64::from(BARE_SIDE).pow(2).min(header.decoded);
        // Four bytes a pixel, twice where it can be seen through; then three, and the planes made of them.
        let held = if matches!(header.format, Format::Png | Format::Webp) { 8 } else { 4 };
        let shrinking = held * header.decoded + header::strip(header.width, header.height, BARE_SIDE) + 5 * shrunk;
        Ok(header.memory.max(FIXED_BYTES + bytes_of(original) + shrinking))
    })
}

fn picture(original: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let header = header::read(original, BARE_SIDE)?;
    let turn = Orientation::from_exif(exif::read(original).0).unwrap_or(Orientation::NoTransforms);
    let picture = pixels::decode(original, &header, BARE_SIDE)?;
    if picture.damaged {
        return Err(Unreadable::Damaged);
    }
    codec::encode(&picture.planes.turned(turn), QUALITY)
}
