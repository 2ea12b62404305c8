//! In Rust alone: the pixels are shrunk on their way out of the frequency domain, and never turned into RGB, which would
//! have to be turned back.

use std::io::{self, Read};

use fast_image_resize::{
    PixelType, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::GrayImage;
use jpeg_decoder::{ColorTransform, PixelFormat};
use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};

use super::{
    super::{
        header::Header,
        jpeg::END_OF_IMAGE,
        planes::{FINE, Planes, Source, fit},
        rendition::Unreadable,
    },
    Declined,
};

/// Decodes, and shrinks until the longest side is at most `longest`.
pub(in super::super) fn decode(original: &[u8], header: &Header, longest: u32) -> Result<Planes, Declined> {
    scaled(original, header)?.shrunk(longest).map_err(|_| Declined::Unusual)
}

/// Y, Cb and Cr of each pixel, or its brightness alone.
struct Decoded {
    samples: Vec<u8>,
    width: u32,
    height: u32,
    colourless: bool,
}

impl Decoded {
    fn shrunk(&self, longest: u32) -> Result<Planes, Unreadable> {
        let (width, height) = (self.width, self.height);
        if self.colourless {
            let luma = Source { samples: &self.samples, width, height, pitch: (1, 1) };
            return Planes::shrunk((width, height), &luma, None, longest);
        }
        let to = fit(width, height, longest);
        if to == (width, height) {
            return Planes::of_ycc(width, height, &self.samples);
        }
        let from = ImageRef::new(width, height, &self.samples, PixelType::U8x3).map_err(|_| Unreadable::Damaged)?;
        let mut into = Image::new(to.0, to.1, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(FINE);
        Resizer::new().resize(&from, &mut into, &options).map_err(|_| Unreadable::Damaged)?;
        Planes::of_ycc(to.0, to.1, into.buffer())
    }
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

fn scaled(original: &[u8], header: &Header) -> Result<Decoded, Declined> {
    let mut decoder = jpeg_decoder::Decoder::new(Fed::new(original));
    decoder.read_info().map_err(|_| Declined::Broken)?;
    let info = decoder.info().ok_or(Declined::Unusual)?;
    if (u32::from(info.width), u32::from(info.height)) != (header.width, header.height) {
        return Err(Declined::Unusual);
    }
    let colourless = match info.pixel_format {
        PixelFormat::L8 => true,
        PixelFormat::RGB24 => false,
        PixelFormat::L16 | PixelFormat::CMYK32 => return Err(Declined::Unusual),
    };
    let enough = header.width.max(header.height).div_ceil(header.shrink);
    let enough = u16::try_from(enough).map_err(|_| Declined::Unusual)?;
    // It is content when one of the two sides is as long.
    let (width, height) = decoder.scale(enough, enough).map_err(|_| Declined::Unusual)?;
    if !colourless {
        // Each pixel's three bytes as they are stored: this name for it is the only one that keeps them together.
        decoder.set_color_transform(ColorTransform::RGB);
    }
    let samples = decoder.decode().map_err(|error| match error {
        jpeg_decoder::Error::Unsupported(_) => Declined::Unusual,
        _ => Declined::Broken,
    })?;
    Ok(Decoded { samples, width: u32::from(width), height: u32::from(height), colourless })
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
