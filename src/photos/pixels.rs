//! From an original to a picture of a bounded size, under limits that are set before a decoder sees a byte of picture.
//! Only photos whose header was found good come here; they are not turned here.

use std::io::Cursor;

use fast_image_resize::{
    PixelType, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbaImage};

use super::{
    codec::{self, Declined},
    header::Header,
    heic,
    intake::{Format, MAX_SIDE},
    jpeg,
    planes::{FINE, Planes, fit},
    rendition::Unreadable,
};

/// The most one decoded picture may take, in bytes.
const MAX_DECODED: u64 = 256 << 20;
/// The most a decoder may take for what stands before the picture, such as an inflated colour profile, in bytes.
const MAX_BEFORE_PIXELS: u64 = 8 << 20;
/// The largest colour profile copied into renditions, in bytes: more does not fit into one segment. Those of phones have
/// about 500.
const MAX_PROFILE: usize = 65_000;

/// A photo decoded and shrunk, as it was stored.
pub(super) struct Picture {
    /// Its longest side is as long as it was asked for, or shorter.
    pub planes: Planes,
    /// Of the whole photo, in pixels.
    pub width: u32,
    /// Of the whole photo, in pixels.
    pub height: u32,
    /// The ICC profile that says what the colours mean.
    pub profile: Option<Vec<u8>>,
    /// Something is missing or wrong: what there is can be shown, but must not pass for the whole.
    pub damaged: bool,
}

/// Decodes the photo, and shrinks it until its longest side is at most `longest`.
pub(super) fn decode(original: &[u8], header: &Header, longest: u32) -> Result<Picture, Unreadable> {
    match header.format {
        Format::Jpeg => decode_jpeg(original, header, longest),
        Format::Png => decode_whole(original, header, ImageFormat::Png, longest),
        Format::Webp => decode_whole(original, header, ImageFormat::WebP, longest),
        Format::Heic => decode_heic(original, longest),
        Format::Avif => Err(Unreadable::NotSupported),
    }
}

/// The quick decoder first, and where that declines the lenient one, which shows what it can.
fn decode_jpeg(original: &[u8], header: &Header, longest: u32) -> Result<Picture, Unreadable> {
    let whole = jpeg::whole(original)?;
    let quick = match whole.filter(|_| header.plain_jpeg) {
        Some(whole) => codec::decode(whole.bytes, header, longest),
        None => Err(Declined::Unusual),
    };
    let damaged = whole.is_none_or(|whole| !whole.in_order);
    match quick {
        Ok(planes) => {
            let profile = jpeg::profile(original).filter(|profile| is_rgb(profile));
            Ok(Picture { planes, width: header.width, height: header.height, profile, damaged })
        }
        Err(declined) => {
            let picture = decode_whole(original, header, ImageFormat::Jpeg, longest)?;
            // The lenient decoder paints what is missing grey and says nothing.
            let damaged = damaged || declined == Declined::Broken;
            let blank = damaged && picture.planes.show_nothing();
            if blank { Err(Unreadable::Damaged) } else { Ok(Picture { damaged, ..picture }) }
        }
    }
}

fn decode_heic(original: &[u8], longest: u32) -> Result<Picture, Unreadable> {
    let heic::Decoded { width, height, rgba, profile } = heic::decode(original)?;
    let pixels = RgbaImage::from_raw(width, height, rgba).ok_or(Unreadable::Damaged)?;
    let profile = profile.filter(|profile| is_rgb(profile));
    Ok(Picture { planes: shrink(&pixels.into(), longest)?, width, height, profile, damaged: false })
}

fn decode_whole(original: &[u8], header: &Header, format: ImageFormat, longest: u32) -> Result<Picture, Unreadable> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BEFORE_PIXELS);
    let mut reader = ImageReader::with_format(Cursor::new(original), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|error| judge(&error))?;
    let (width, height) = decoder.dimensions();
    if (width, height) != (header.width, header.height) {
        return Err(Unreadable::Damaged);
    }
    // A decoder taken out of its reader no longer counts the output: that is done here.
    limits.max_alloc = Some(MAX_DECODED);
    limits.reserve(decoder.total_bytes()).map_err(|error| judge(&error))?;
    decoder.set_limits(limits).map_err(|error| judge(&error))?;
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| is_rgb(profile));
    let pixels = DynamicImage::from_decoder(decoder).map_err(|error| judge(&error))?;
    let pixels = if pixels.color().has_alpha() { pixels.into_rgba8().into() } else { pixels.into_rgb8().into() };
    Ok(Picture { planes: shrink(&pixels, longest)?, width, height, profile, damaged: false })
}

/// Makes the longest side at most `longest`, and lays what can be seen through over white.
pub(super) fn shrink(source: &DynamicImage, longest: u32) -> Result<Planes, Unreadable> {
    let (width, height) = fit(source.width(), source.height(), longest);
    let four = source.color().has_alpha();
    // For what can be seen through, the resizer copies the whole picture.
    let see_through = four && source.as_bytes().chunks_exact(4).any(|pixel| pixel.last() != Some(&255));
    let kind = if four { PixelType::U8x4 } else { PixelType::U8x3 };
    let pixels = if (width, height) == (source.width(), source.height()) {
        source.as_bytes().to_vec()
    } else {
        let from = ImageRef::new(source.width(), source.height(), source.as_bytes(), kind).map_err(|_| Unreadable::Damaged)?;
        let mut to = Image::new(width, height, kind);
        let options = ResizeOptions::new().resize_alg(FINE).use_alpha(see_through);
        Resizer::new().resize(&from, &mut to, &options).map_err(|_| Unreadable::Damaged)?;
        to.into_vec()
    };
    Planes::of_rgb(width, height, if four { over_white(&pixels) } else { pixels })
}

fn over_white(rgba: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.chunks_exact(4) {
        let &[r, g, b, alpha] = pixel else { continue };
        let alpha = u32::from(alpha);
        rgb.extend([r, g, b].map(|c| u8::try_from((u32::from(c) * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255)));
    }
    rgb
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
