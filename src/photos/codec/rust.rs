//! In Rust alone. A very large photo is shrunk on its way out of the frequency domain; any other is decoded whole by the
//! quicker decoder that cannot do that. Neither turns the planes into RGB, which would have to be turned back.

use fast_image_resize::{
    PixelType, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::GrayImage;
use jpeg_decoder::{ColorTransform, PixelFormat};
use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{
    super::{
        header::Header,
        intake::MAX_SIDE,
        jpeg::MAX_SCANS,
        planes::{FINE, Planes, Source, fit},
        rendition::{DISPLAY_SIDE, Unreadable},
    },
    Declined, QUALITY,
};

/// Decodes to the display's size.
pub(in super::super) fn decode(original: &[u8], header: &Header) -> Result<Planes, Declined> {
    let decoded = if header.shrink > 1 { scaled(original, header)? } else { whole(original, header)? };
    decoded.shrunk().map_err(|_| Declined::Unusual)
}

/// Y, Cb and Cr of each pixel, or its brightness alone.
struct Decoded {
    samples: Vec<u8>,
    width: u32,
    height: u32,
    colourless: bool,
}

impl Decoded {
    fn shrunk(&self) -> Result<Planes, Unreadable> {
        let (width, height) = (self.width, self.height);
        if self.colourless {
            let luma = Source { samples: &self.samples, width, height, pitch: (1, 1) };
            return Planes::shrunk((width, height), &luma, None, DISPLAY_SIDE);
        }
        let to = fit(width, height, DISPLAY_SIDE);
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

fn whole(original: &[u8], header: &Header) -> Result<Decoded, Declined> {
    let side = usize::try_from(MAX_SIDE).map_err(|_| Declined::Unusual)?;
    let scans = usize::try_from(MAX_SCANS).map_err(|_| Declined::Unusual)?;
    let colours = if header.colourless { ColorSpace::Luma } else { ColorSpace::YCbCr };
    // Strict, as it would otherwise paint what is missing grey and say nothing.
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(side).set_max_height(side);
    let options = options.jpeg_set_max_scans(scans).jpeg_set_out_colorspace(colours);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(original), options);
    decoder.decode_headers().map_err(|_| Declined::Broken)?;
    let same = |stated: u32, found: usize| u32::try_from(found) == Ok(stated);
    let size = decoder.dimensions().ok_or(Declined::Unusual)?;
    if !same(header.width, size.0) || !same(header.height, size.1) || decoder.output_colorspace() != Some(colours) {
        return Err(Declined::Unusual);
    }
    let samples = decoder.decode().map_err(|_| Declined::Broken)?;
    Ok(Decoded { samples, width: header.width, height: header.height, colourless: header.colourless })
}

fn scaled(original: &[u8], header: &Header) -> Result<Decoded, Declined> {
    let mut decoder = jpeg_decoder::Decoder::new(original);
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
    let enough = u16::try_from(DISPLAY_SIDE * 2).map_err(|_| Declined::Unusual)?;
    let (width, height) = decoder.scale(enough, enough).map_err(|_| Declined::Unusual)?;
    if !colourless {
        decoder.set_color_transform(ColorTransform::None);
    }
    let samples = decoder.decode().map_err(|error| match error {
        jpeg_decoder::Error::Unsupported(_) => Declined::Unusual,
        _ => Declined::Broken,
    })?;
    Ok(Decoded { samples, width: u32::from(width), height: u32::from(height), colourless })
}

/// Encodes as baseline JPEG with the colours at half size.
pub(in super::super) fn encode(picture: &Planes) -> Result<Vec<u8>, Unreadable> {
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| Unreadable::TooManyPixels);
    let rows = Rows { picture, width: side(picture.luma.width())?, height: side(picture.luma.height())? };
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
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
