//! Decoding an original into pixels, under limits that are set before the decoder sees a byte of picture.
//! Only photos whose header was found good come here; sizes and orientation are left as they are.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use jpeg_decoder::PixelFormat;

use super::{
    header::Header,
    intake::{Format, MAX_SIDE},
    jpeg,
    rendition::Unreadable,
};

/// The most one decoded picture may take, in bytes.
const MAX_DECODED: u64 = 256 << 20;
/// The most a decoder may take for what stands before the picture, such as an inflated colour profile, in bytes.
const MAX_BEFORE_PIXELS: u64 = 16 << 20;
/// The largest colour profile copied into renditions, in bytes; those of phones have about 500.
const MAX_PROFILE: usize = 64 << 10;

/// Pixels as stored, not yet upright, perhaps already shrunk by the decoder.
pub(super) struct Picture {
    /// Always eight bits a channel: RGB, or RGBA where the photo can be seen through.
    pub pixels: DynamicImage,
    /// The ICC profile that says what the RGB values mean.
    pub profile: Option<Vec<u8>>,
}

/// Decodes the photo, perhaps shrunk, to at least `enough` pixels on its longest side.
pub(super) fn decode(original: &[u8], header: &Header, enough: u32) -> Result<Picture, Unreadable> {
    match header.format {
        Format::Jpeg => {
            jpeg::check_scans(original)?;
            let scaled = if header.plain_jpeg { decode_scaled(original, header, enough)? } else { None };
            match scaled {
                Some(picture) => Ok(picture),
                None => decode_whole(original, header, ImageFormat::Jpeg),
            }
        }
        Format::Png => decode_whole(original, header, ImageFormat::Png),
        Format::Webp => decode_whole(original, header, ImageFormat::WebP),
        Format::Heic | Format::Avif => Err(Unreadable::NotSupported),
    }
}

/// Decodes a JPEG straight to the smallest of 1/8, 1/4, 1/2 and 1 that leaves enough, as libvips does.
/// `None` when this decoder cannot read such a JPEG and the lenient one should try.
fn decode_scaled(original: &[u8], header: &Header, enough: u32) -> Result<Option<Picture>, Unreadable> {
    let mut decoder = jpeg_decoder::Decoder::new(original);
    if decoder.read_info().is_err() {
        return Ok(None);
    }
    let info = decoder.info().ok_or(Unreadable::Damaged)?;
    if (u32::from(info.width), u32::from(info.height)) != (header.width, header.height) {
        return Err(Unreadable::Damaged);
    }
    let enough = u16::try_from(enough).unwrap_or(u16::MAX);
    let (width, height) = decoder.scale(enough, enough).map_err(|_| Unreadable::Damaged)?;
    // Once pixels are read an error means a broken photo: the lenient decoder would paint what is missing grey and say nothing.
    let bytes = match decoder.decode() {
        Ok(bytes) => bytes,
        Err(jpeg_decoder::Error::Unsupported(_)) => return Ok(None),
        Err(_) => return Err(Unreadable::Damaged),
    };
    let (width, height) = (u32::from(width), u32::from(height));
    let pixels = match info.pixel_format {
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8),
        PixelFormat::L8 => {
            GrayImage::from_raw(width, height, bytes).map(|grey| DynamicImage::ImageLuma8(grey).into_rgb8().into())
        }
        PixelFormat::L16 | PixelFormat::CMYK32 => return Ok(None),
    };
    let pixels = pixels.ok_or(Unreadable::Damaged)?;
    Ok(Some(Picture { pixels, profile: decoder.icc_profile().filter(|profile| is_rgb(profile)) }))
}

fn decode_whole(original: &[u8], header: &Header, format: ImageFormat) -> Result<Picture, Unreadable> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BEFORE_PIXELS);
    let mut reader = ImageReader::with_format(Cursor::new(original), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|error| judge(&error))?;
    if decoder.dimensions() != (header.width, header.height) {
        return Err(Unreadable::Damaged);
    }
    // A decoder taken out of its reader no longer counts the output: that is done here.
    limits.max_alloc = Some(MAX_DECODED);
    limits.reserve(decoder.total_bytes()).map_err(|error| judge(&error))?;
    decoder.set_limits(limits).map_err(|error| judge(&error))?;
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| is_rgb(profile));
    let pixels = DynamicImage::from_decoder(decoder).map_err(|error| judge(&error))?;
    let pixels = if pixels.color().has_alpha() { pixels.into_rgba8().into() } else { pixels.into_rgb8().into() };
    Ok(Picture { pixels, profile })
}

fn judge(error: &ImageError) -> Unreadable {
    match error {
        ImageError::Limits(_) => Unreadable::TooCostly,
        ImageError::Unsupported(_) => Unreadable::NotSupported,
        _ => Unreadable::Damaged,
    }
}

/// Whether this is a small, whole ICC profile for RGB (ICC.1:2022 section 7.2): one for grey or print would turn colours wrong.
fn is_rgb(profile: &[u8]) -> bool {
    let stated = profile.first_chunk().map(|size| u32::from_be_bytes(*size));
    profile.len() <= MAX_PROFILE
        && stated.is_some_and(|stated| usize::try_from(stated) == Ok(profile.len()))
        && profile.get(16..20) == Some(b"RGB ")
        && profile.get(36..40) == Some(b"acsp")
}
