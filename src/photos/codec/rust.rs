//! In Rust alone: the planes as they are stored, shrunk on their way out of the frequency domain, and never any RGB.

use std::io::{self, Read};

use image::GrayImage;
use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};
use rusty_jpeg::decode::{Decoder, Error, PlanarComponent, PlanarImage};

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
    let rows = Rows { picture, width: side(picture.luma.width())?, height: side(picture.luma.height())? };
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode_image(rows).map_err(|_| Unreadable::Damaged)?;
    Ok(jpeg)
}

/// The planes, as the encoder asks for them: it wants colours for every pixel, and takes back every second.
struct Rows<'a> {
    picture: &'a Planes,
    width: u16,
    height: u16,
}

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let [luma, blue, red, _] = buffers;
        luma.extend_from_slice(row(&self.picture.luma, y));
        for (colour, buffer) in self.picture.colours.iter().zip([blue, red]) {
            let doubled = row(colour, y / 2).iter().flat_map(|sample| [*sample; 2]);
            buffer.extend(doubled.take(usize::from(self.width)));
        }
    }
}

fn row(plane: &GrayImage, y: u16) -> &[u8] {
    let width = usize::try_from(plane.width()).unwrap_or(usize::MAX);
    plane.as_raw().chunks_exact(width).nth(usize::from(y)).unwrap_or_default()
}
