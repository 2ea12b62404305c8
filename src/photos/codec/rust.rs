//! In Rust alone: the planes as they are stored, shrunk on their way out of the frequency domain, and never any RGB.

use std::io::{self, Read};

use rusty_jpeg::{
    decode::{Decoder, Error, PlanarComponent, PlanarImage},
    encode::{Encoder, PlanarYcbcrImage},
};

use super::{
    super::{
        header::Header,
        jpeg::END_OF_IMAGE,
        planes::{Planes, Source},
        rendition::Unreadable,
    },
    Declined,
};

/// Decodes, and shrinks until the longest side is at most `longest`.
pub(in super::super) fn decode(original: &[u8], header: &Header, longest: u32) -> Result<Planes, Declined> {
    let picture = scaled(original, header)?;
    let size = (u32::from(picture.width), u32::from(picture.height));
    let across = picture.components.iter().map(|plane| plane.horizontal_sampling_factor).max().unwrap_or(1);
    let down = picture.components.iter().map(|plane| plane.vertical_sampling_factor).max().unwrap_or(1);
    let sources: Option<Vec<_>> = picture.components.iter().map(|plane| source(plane, across, down)).collect();
    let shrunk = match &*sources.ok_or(Declined::Unusual)? {
        [luma] => Planes::shrunk(size, luma, None, longest),
        [luma, blue, red] => Planes::shrunk(size, luma, Some([blue, red]), longest),
        _ => return Err(Declined::Unusual),
    };
    shrunk.map_err(|_| Declined::Unusual)
}

/// A plane as the decoder leaves it: whole blocks, which may reach past the picture. Of sampling that does not go up evenly
/// nothing is made here.
fn source(plane: &PlanarComponent, across: u8, down: u8) -> Option<Source<'_>> {
    let (horizontal, vertical) = (plane.horizontal_sampling_factor, plane.vertical_sampling_factor);
    let even = across.checked_rem(horizontal) == Some(0) && down.checked_rem(vertical) == Some(0);
    let rows = plane.data.len().checked_div(plane.stride).filter(|_| even)?;
    let samples = plane.data.get(..rows * plane.stride)?;
    let pitch = (u32::from(across / horizontal), u32::from(down / vertical));
    Some(Source { samples, width: u32::try_from(plane.stride).ok()?, height: u32::try_from(rows).ok()?, pitch })
}

/// Coded ones, which no code is all of (ITU-T T.81 annex C.2), more of them than the decoder reads ahead; and the end mark.
const NO_CODE: [u8; 34] = {
    let mut bytes = [0; 34];
    let mut at = 0;
    while at < 34 {
        bytes[at] = 0xFF;
        at += 2;
    }
    bytes[33] = END_OF_IMAGE;
    bytes
};

/// A JPEG with ones before its end mark. Where a part is missing, the decoder would go on with zeros and say nothing, and
/// stumbles over these instead; where none is, it never gets to them.
struct Fed<'a> {
    now: &'a [u8],
    then: &'a [u8],
}

impl<'a> Fed<'a> {
    fn new(whole: &'a [u8]) -> Self {
        Self { now: whole.strip_suffix(&[0xFF, END_OF_IMAGE]).unwrap_or(whole), then: &NO_CODE }
    }
}

impl Read for Fed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.now.is_empty() {
            self.now = std::mem::take(&mut self.then);
        }
        self.now.read(into)
    }

    fn read_exact(&mut self, into: &mut [u8]) -> io::Result<()> {
        if self.now.is_empty() {
            self.now = std::mem::take(&mut self.then);
        }
        // What is asked for is a single byte, or a piece of a segment, which ends before the ones begin.
        self.now.read_exact(into)
    }
}

fn scaled(original: &[u8], header: &Header) -> Result<PlanarImage, Declined> {
    let mut decoder = Decoder::new(Fed::new(original));
    // The darkroom says how many photos are made at once.
    decoder.set_single_threaded(true);
    decoder.read_info().map_err(|_| Declined::Broken)?;
    let info = decoder.info().ok_or(Declined::Unusual)?;
    if (u32::from(info.width), u32::from(info.height)) != (header.width, header.height) {
        return Err(Declined::Unusual);
    }
    let enough = header.width.max(header.height).div_ceil(header.shrink);
    let enough = u16::try_from(enough).map_err(|_| Declined::Unusual)?;
    // It is content when one of the two sides is as long.
    decoder.scale(enough, enough).map_err(|_| Declined::Unusual)?;
    decoder.decode_planar().map_err(|error| match error {
        Error::Unsupported(_) => Declined::Unusual,
        _ => Declined::Broken,
    })
}

/// Encodes as baseline JPEG with the colours at half size.
pub(in super::super) fn encode(picture: &Planes, quality: u8) -> Result<Vec<u8>, Unreadable> {
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| Unreadable::TooManyPixels);
    let (luma, [blue, red]) = (&picture.luma, &picture.colours);
    let (width, height) = (side(luma.width())?, side(luma.height())?);
    let strides = [luma, blue, red].map(|plane| plane.width() as usize);
    let planes = PlanarYcbcrImage::new(luma.as_raw(), blue.as_raw(), red.as_raw(), strides, width, height, (2, 2));
    let planes = planes.ok_or(Unreadable::Damaged)?;
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(planes.sampling_factor());
    encoder.encode_image(planes).map_err(|_| Unreadable::Damaged)?;
    Ok(jpeg)
}
