//! A JPEG's outline, read without decoding a pixel: its frame header, how many scans it has, whether it ends, its profile.
//! Marker names are those of ITU-T T.81, annex B.

use memchr::memchr;

use super::rendition::Unreadable;

/// Real progressive photos have about ten scans; each further one costs a pass over the whole picture.
pub(super) const MAX_SCANS: u32 = 50;

const START_OF_IMAGE: u8 = 0xD8;
pub(super) const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
/// No marker, but bytes where one should be.
const ASTRAY: u8 = 0;
const PROFILE: &[u8] = b"ICC_PROFILE\0";

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
    /// The fewest bits in which a block of 64 samples can be coded: two codes, or one where its other part may be told together
    /// with that of other blocks (annex G.1.2.2). None where a code can be shorter than a bit.
    pub block_bits: u64,
    /// Grey, or brightness and two colours; eight bits, Huffman coded: what the quick decoders are good at.
    pub plain: bool,
}

/// Reads the frame header.
pub(super) fn frame(original: &[u8]) -> Result<Frame, Unreadable> {
    let (mut jfif, mut adobe) = (false, None);
    for (marker, body) in segments(original) {
        match (marker, body) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, ..]) => jfif = true,
            (0xEE, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..]) => adobe = Some(*transform),
            (0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF, _) => return read_frame(marker, body, jfif, adobe),
            (START_OF_SCAN | END_OF_IMAGE, _) => break,
            _ => {}
        }
    }
    Err(Unreadable::Damaged)
}

fn read_frame(marker: u8, body: &[u8], jfif: bool, adobe: Option<u8>) -> Result<Frame, Unreadable> {
    let &[precision, h1, h0, w1, w0, count, ref planes @ ..] = body else { return Err(Unreadable::Damaged) };
    let (width, height) = (u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0])));
    let (mut across, mut down, mut blocks, mut names) = (1, 1, 0_u64, Vec::new());
    for plane in planes.chunks_exact(3).take(usize::from(count)) {
        let &[name, sampling, _] = plane else { continue };
        let (h, v) = (u64::from(sampling >> 4), u64::from(sampling & 15));
        (across, down, blocks) = (across.max(h), down.max(v), blocks + h * v);
        names.push(name);
    }
    // Who wrote red, green and blue says so in one of two ways, unless the file is JFIF, which has none of them.
    let rgb = !jfif && (adobe == Some(0) || adobe.is_none() && names == *b"RGB");
    Ok(Frame {
        width,
        height,
        samples_per_256: (blocks * 256).div_ceil(across * down),
        progressive: marker == 0xC2,
        block_bits: match marker {
            0xC0 | 0xC1 => 2,
            0xC2 => 1,
            _ => 0,
        },
        plain: marker <= 0xC2 && precision == 8 && (count == 1 || count == 3 && !rgb),
    })
}

/// A JPEG up to its end mark, without what may follow.
#[derive(Clone, Copy)]
pub(super) struct Whole<'a> {
    pub bytes: &'a [u8],
    /// Its segments follow each other. Otherwise a length is wrong, and what comes to light may be the preview that was in it.
    pub in_order: bool,
}

/// The JPEG up to its end mark; none where that is missing. Refuses one with so many scans that it was made to cost.
pub(super) fn whole(original: &[u8]) -> Result<Option<Whole<'_>>, Unreadable> {
    let (mut begun, mut astray, mut scans) = (0, false, 0);
    for (marker, body) in segments(original) {
        begun += u32::from(marker == START_OF_IMAGE);
        astray |= marker == ASTRAY;
        scans += u32::from(marker == START_OF_SCAN);
        if scans > MAX_SCANS {
            return Err(Unreadable::TooCostly);
        }
        if marker == END_OF_IMAGE {
            let bytes = original.get(..original.len() - body.len());
            return Ok(bytes.map(|bytes| Whole { bytes, in_order: begun == 1 && !astray }));
        }
    }
    Ok(None)
}

/// The colour profile, gathered from its pieces (ICC.1:2022 annex B.4).
pub(super) fn profile(original: &[u8]) -> Option<Vec<u8>> {
    let mut pieces = Vec::new();
    for (marker, body) in segments(original).take_while(|(marker, _)| *marker != START_OF_SCAN) {
        if let (0xE2, Some([place, _, piece @ ..])) = (marker, body.strip_prefix(PROFILE)) {
            pieces.push((*place, piece));
        }
    }
    pieces.sort_by_key(|(place, _)| *place);
    let whole: Vec<u8> = pieces.into_iter().flat_map(|(_, piece)| piece).copied().collect();
    (!whole.is_empty()).then_some(whole)
}

/// The same JPEG, ours, with a colour profile that fits into one piece.
pub(super) fn with_profile(jpeg: &[u8], profile: &[u8]) -> Option<Vec<u8>> {
    let [0xFF, 0xD8, 0xFF, 0xE0, l1, l0, ..] = jpeg else { return None };
    let (head, rest) = jpeg.split_at_checked(4 + usize::from(u16::from_be_bytes([*l1, *l0])))?;
    let length = u16::try_from(2 + PROFILE.len() + 2 + profile.len()).ok()?.to_be_bytes();
    Some([head, &[0xFF, 0xE2], &length, PROFILE, &[1, 1], profile, rest].concat())
}

/// Each marker up to the end of the image, with its segment's body, the last with all that follows; coded picture data in
/// between is passed over, and so are zeros that fill a gap.
fn segments(original: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let (mut rest, mut coded) = (original, false);
    std::iter::from_fn(move || {
        loop {
            let (before, from) = rest.split_at_checked(memchr(0xFF, rest)?)?;
            if !coded && before.iter().any(|byte| *byte != 0) {
                rest = from;
                return Some((ASTRAY, before));
            }
            rest = from.get(1..)?;
            match rest {
                // Stuffed or fill bytes, restarts and marks without a body.
                [0x00 | 0x01 | 0xD0..=0xD7, tail @ ..] => rest = tail,
                [START_OF_IMAGE, tail @ ..] => {
                    rest = tail;
                    return Some((START_OF_IMAGE, [].as_slice()));
                }
                [0xFF, ..] => {}
                [END_OF_IMAGE, tail @ ..] => {
                    rest = &[];
                    return Some((END_OF_IMAGE, tail));
                }
                [marker, l1, l0, ..] => {
                    let end = 1 + usize::from(u16::from_be_bytes([*l1, *l0]));
                    let segment = (*marker, rest.get(3..end)?);
                    coded = *marker == START_OF_SCAN;
                    rest = rest.get(end..)?;
                    return Some(segment);
                }
                _ => return None,
            }
        }
    })
}
