//! What a photo's header says, read before anything is decoded: its size in pixels, and what decoding it will cost.
//! A photo over the limits, moving, or of a kind that cannot be decoded here stops at this point.

use super::{
    heic,
    intake::{Format, HEAD_BYTES, MAX_PIXELS, MAX_SIDE, sniff},
    jpeg, png,
    rendition::{DISPLAY_SIDE, Unreadable},
};

/// Buffers that do not grow with the photo: both renditions and the decoder's tables.
pub(super) const FIXED_BYTES: u64 = 24 << 20;
/// A colour profile of a phone or a screen has about 500 bytes; a large one made to swell is a bomb.
const MAX_PNG_PROFILE: usize = 1 << 20;

/// A photo that may be decoded.
pub(super) struct Header {
    /// Never `Avif`, which is refused.
    pub format: Format,
    /// In pixels, as stored.
    pub width: u32,
    /// In pixels, as stored.
    pub height: u32,
    /// How many pixels the decoder leaves.
    pub decoded: u64,
    /// The most memory, in bytes, that rendering takes, the original included.
    pub memory: u64,
    /// Whether a quick JPEG decoder should be tried.
    pub plain_jpeg: bool,
    /// By how much such a JPEG is shrunk on its way out of the frequency domain: 1, 2, 4 or 8.
    pub shrink: u32,
}

impl Header {
    fn new(format: Format, (width, height): (u32, u32), memory: u64) -> Self {
        let decoded = u64::from(width) * u64::from(height);
        Self { format, width, height, decoded, memory, plain_jpeg: false, shrink: 1 }
    }
}

/// Reads and judges the header. The decoder may shrink the photo, but leaves at least `enough` pixels on its longest side.
pub(super) fn read(original: &[u8], enough: u32) -> Result<Header, Unreadable> {
    match sniff(original.get(..HEAD_BYTES).unwrap_or(original)).ok_or(Unreadable::NotSupported)? {
        Format::Jpeg => read_jpeg(original, enough),
        Format::Png => read_png(original),
        Format::Webp => read_webp(original),
        Format::Heic => read_heic(original),
        Format::Avif => Err(Unreadable::NotSupported),
    }
}

fn read_jpeg(original: &[u8], enough: u32) -> Result<Header, Unreadable> {
    let frame = jpeg::frame(original)?;
    let pixels = check_size(frame.width, frame.height)?;
    // The decoder's own rule: the smallest of these scales that leaves enough.
    let longest = frame.width.max(frame.height);
    let shrink = [8, 4, 2].into_iter().find(|by| longest.div_ceil(*by) >= enough).unwrap_or(1);
    let scaled = pixels / u64::from(shrink * shrink);
    let samples = |pixels: u64| pixels * frame.samples_per_256 / 256;
    // What cannot hold half of the picture is not worth the memory of a whole one.
    let fewest_bytes = samples(pixels) / 64 * frame.block_bits / 8;
    if bytes_of(original) < fewest_bytes / 2 {
        return Err(Unreadable::Damaged);
    }
    let coefficients = if frame.progressive { 2 * samples(pixels) } else { 0 };
    // The lenient decoder has no scale, changes the colours of a print photo in a second picture, and copies the file.
    let lenient = if frame.plain { 3 * pixels } else { 7 * pixels + bytes_of(original) };
    let planes = (samples(scaled) + 3 * scaled).max(lenient);
    let memory = FIXED_BYTES + bytes_of(original) + coefficients + planes;
    let header = Header::new(Format::Jpeg, (frame.width, frame.height), memory);
    Ok(Header { plain_jpeg: frame.plain, shrink, decoded: scaled, ..header })
}

fn read_heic(original: &[u8]) -> Result<Header, Unreadable> {
    let heic::Outline { width, height, memory, .. } = heic::outline(original)?;
    check_size(width, height)?;
    let memory = FIXED_BYTES + bytes_of(original) + memory + strip(width, height, DISPLAY_SIDE);
    Ok(Header::new(Format::Heic, (width, height), memory))
}

fn read_png(original: &[u8]) -> Result<Header, Unreadable> {
    let mut found = None;
    for chunk in png::chunks(original) {
        match &chunk.kind {
            b"IHDR" => {
                let &[w3, w2, w1, w0, h3, h2, h1, h0, depth, colour, ..] = chunk.from else { break };
                let (width, height) = (u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]));
                let decoded: u64 = match colour {
                    0 => 1,
                    4 => 2,
                    _ => 4,
                };
                let wide = depth == 16;
                // Anything but eight-bit colour is changed into it, and both are held meanwhile.
                let changed = if wide || matches!(colour, 0 | 4) { 4 } else { 0 };
                // Before it is shrunk, what can be seen through is copied.
                let held = (decoded * (1 + u64::from(wide)) + changed).max(8);
                let memory =
                    FIXED_BYTES + bytes_of(original) + check_size(width, height)? * held + strip(width, height, DISPLAY_SIDE);
                found = Some(Header::new(Format::Png, (width, height), memory));
            }
            b"acTL" => return Err(Unreadable::NotSupported),
            b"iCCP" if chunk.length > MAX_PNG_PROFILE => return Err(Unreadable::TooCostly),
            b"IDAT" => return found.ok_or(Unreadable::Damaged),
            _ => {}
        }
    }
    Err(Unreadable::Damaged)
}

fn read_webp(original: &[u8]) -> Result<Header, Unreadable> {
    let mut rest = original.get(12..).ok_or(Unreadable::Damaged)?;
    let mut canvas = None;
    while let [k0, k1, k2, k3, l0, l1, l2, l3, tail @ ..] = rest {
        let size = match (&[*k0, *k1, *k2, *k3], tail) {
            (b"ANIM" | b"ANMF", _) => return Err(Unreadable::NotSupported),
            (b"VP8X", [flags, _, _, _, w0, w1, w2, h0, h1, h2, ..]) => {
                if flags & 0x02 != 0 {
                    return Err(Unreadable::NotSupported);
                }
                Some((1 + u32::from_le_bytes([*w0, *w1, *w2, 0]), 1 + u32::from_le_bytes([*h0, *h1, *h2, 0])))
            }
            (b"VP8 ", [_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..]) => {
                Some((u32::from(u16::from_le_bytes([*w0, *w1]) & 0x3FFF), u32::from(u16::from_le_bytes([*h0, *h1]) & 0x3FFF)))
            }
            (b"VP8L", [0x2F, b0, b1, b2, b3, ..]) => {
                let bits = u32::from_le_bytes([*b0, *b1, *b2, *b3]);
                Some(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1))
            }
            (b"VP8X" | b"VP8 " | b"VP8L", _) => return Err(Unreadable::Damaged),
            _ => None,
        };
        if let Some((width, height)) = size {
            // The decoder makes room for whatever the inner picture says, so it must say what the canvas does.
            if canvas.replace((width, height)).is_some_and(|before| before != (width, height)) {
                return Err(Unreadable::Damaged);
            }
        }
        let length = u64::from(u32::from_le_bytes([*l0, *l1, *l2, *l3])).next_multiple_of(2);
        rest = usize::try_from(length).ok().and_then(|skip| tail.get(skip..)).unwrap_or_default();
    }
    let (width, height) = canvas.ok_or(Unreadable::Damaged)?;
    let memory = FIXED_BYTES + bytes_of(original) + check_size(width, height)? * 8 + strip(width, height, DISPLAY_SIDE);
    Ok(Header::new(Format::Webp, (width, height), memory))
}

pub(super) fn bytes_of(original: &[u8]) -> u64 {
    u64::try_from(original.len()).unwrap_or(u64::MAX / 2)
}

/// What the resizer holds between its two passes, in bytes: the photo at full height and at the width it is to have.
pub(super) fn strip(width: u32, height: u32, side: u32) -> u64 {
    4 * u64::from(side) * u64::from(width.min(height))
}

/// The number of pixels, if the limits allow them.
fn check_size(width: u32, height: u32) -> Result<u64, Unreadable> {
    let pixels = u64::from(width) * u64::from(height);
    match pixels {
        0 => Err(Unreadable::Damaged),
        _ if pixels > MAX_PIXELS || width.max(height) > MAX_SIDE => Err(Unreadable::TooManyPixels),
        _ => Ok(pixels),
    }
}
