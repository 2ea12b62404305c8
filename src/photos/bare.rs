//! From an original to its picture and nothing else: what is kept where a photo must not say who took it. No metadata, no
//! colour profile, no trace of the camera's own way to write a file; pixels alone, upright, in our own encoding.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, metadata::Orientation};

use super::{
    exif,
    header::{self, FIXED_BYTES, bytes_of},
    pixels,
    rendition::{Unreadable, encode, shrink},
};

/// The longest side of a bare picture, in pixels: all that most phones take, and enough to read a label by.
const BARE_SIDE: u32 = 4000;
const QUALITY: u8 = 92;

/// Makes the bare picture, a JPEG. A decoder that panics has met a damaged photo.
pub fn bare(original: &[u8]) -> Result<Vec<u8>, Unreadable> {
    catch_unwind(AssertUnwindSafe(|| picture(original))).unwrap_or(Err(Unreadable::Damaged))
}

/// The most memory, in bytes, that `bare` takes with this original (itself included), told by its header alone.
pub fn memory_needed(original: &[u8]) -> Result<u64, Unreadable> {
    let header = header::read(original, BARE_SIDE)?;
    let shrunk = u64::from(BARE_SIDE).pow(2).min(header.decoded);
    let shrinking = 4 * header.decoded + header::strip(header.width, header.height, BARE_SIDE) + 3 * shrunk;
    Ok(header.memory.max(FIXED_BYTES + bytes_of(original) + shrinking))
}

fn picture(original: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let header = header::read(original, BARE_SIDE)?;
    let turn = Orientation::from_exif(exif::read(original).orientation).unwrap_or(Orientation::NoTransforms);
    let shrunk = {
        let picture = pixels::decode(original, &header, BARE_SIDE)?;
        shrink(&picture.pixels, BARE_SIDE)?
    };
    let mut upright = DynamicImage::ImageRgb8(shrunk);
    upright.apply_orientation(turn);
    encode(&upright.into_rgb8(), None, QUALITY)
}
