//! A JPEG's outline, read without decoding a pixel: its frame header, how many scans it has, whether it ends.
//! Marker names are those of ITU-T T.81, annex B.

use super::rendition::Unreadable;

/// Real progressive photos have about ten scans; each further one costs a pass over the whole picture.
const MAX_SCANS: usize = 50;

const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

/// What the frame header says.
pub(super) struct Frame {
    /// In pixels, as stored.
    pub width: u32,
    /// In pixels, as stored.
    pub height: u32,
    /// Samples of all planes for every 256 pixels: 768 at 4:4:4, 384 at 4:2:0, 256 for grey.
    pub samples_per_256: u64,
    /// Whether all coefficients must be held at once.
    pub progressive: bool,
    /// Grey or three colours, eight bits, Huffman coded: what the scaling decoder is good at.
    pub plain: bool,
}

/// Reads the frame header.
pub(super) fn frame(original: &[u8]) -> Result<Frame, Unreadable> {
    for (marker, body) in segments(original) {
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return read_frame(marker, body),
            START_OF_SCAN | END_OF_IMAGE => break,
            _ => {}
        }
    }
    Err(Unreadable::Damaged)
}

fn read_frame(marker: u8, body: &[u8]) -> Result<Frame, Unreadable> {
    let &[precision, h1, h0, w1, w0, count, ref planes @ ..] = body else { return Err(Unreadable::Damaged) };
    let (width, height) = (u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0])));
    let (mut across, mut down, mut blocks) = (1, 1, 0_u64);
    for plane in planes.chunks_exact(3).take(usize::from(count)) {
        let &[_, sampling, _] = plane else { continue };
        let (h, v) = (u64::from(sampling >> 4), u64::from(sampling & 15));
        (across, down, blocks) = (across.max(h), down.max(v), blocks + h * v);
    }
    Ok(Frame {
        width,
        height,
        samples_per_256: (blocks * 256).div_ceil(across * down),
        progressive: marker == 0xC2,
        plain: marker <= 0xC2 && precision == 8 && matches!(count, 1 | 3),
    })
}

/// Refuses a JPEG that stops before its end mark, and one with so many scans that it was made to cost.
pub(super) fn check_scans(original: &[u8]) -> Result<(), Unreadable> {
    let mut scans = 0;
    for (marker, _) in segments(original) {
        scans += usize::from(marker == START_OF_SCAN);
        if scans > MAX_SCANS {
            return Err(Unreadable::TooCostly);
        }
        if marker == END_OF_IMAGE {
            return Ok(());
        }
    }
    Err(Unreadable::Damaged)
}

/// Each marker up to the end of the image, with its segment's body; coded picture data in between is passed over.
fn segments(original: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = original;
    std::iter::from_fn(move || {
        loop {
            let start = rest.iter().position(|byte| *byte == 0xFF)?;
            rest = rest.get(start + 1..)?;
            match rest {
                // Stuffed or fill bytes, restarts and marks without a body.
                [0x00 | 0x01 | 0xD0..=0xD8, tail @ ..] => rest = tail,
                [0xFF, ..] => {}
                [END_OF_IMAGE, ..] => {
                    rest = &[];
                    return Some((END_OF_IMAGE, rest));
                }
                [marker, l1, l0, ..] => {
                    let end = 1 + usize::from(u16::from_be_bytes([*l1, *l0]));
                    let segment = (*marker, rest.get(3..end)?);
                    rest = rest.get(end..)?;
                    return Some(segment);
                }
                _ => return None,
            }
        }
    })
}
