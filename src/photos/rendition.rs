//! From an original to two small pictures that can be shown: upright, bounded, and with nothing in them but the picture.
//! Plain bytes in, plain bytes out; takes CPU time, so the `darkroom` runs it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{DynamicImage, RgbImage, metadata::Orientation};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};

use super::{exif, header, pixels};

/// The longest side of the display rendition, in pixels.
pub const DISPLAY_SIDE: u32 = 1600;
/// The longest side of the thumbnail, in pixels.
pub const THUMB_SIDE: u32 = 320;
/// What the decoder leaves on the longest side, in pixels: twice the display, which the resizer makes sharp.
const ENOUGH: u32 = 2 * DISPLAY_SIDE;
const QUALITY: u8 = 80;

/// Why no rendition is made. The original is kept all the same: a photo that cannot be shown can still be evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The photo is cut short or broken.
    #[error("the photo is damaged")]
    Damaged,
    /// More pixels, or a longer side, than `intake` allows.
    #[error("the photo has too many pixels")]
    TooManyPixels,
    /// It would take more memory or time than one photo may have.
    #[error("the photo would cost too much to render")]
    TooCostly,
    /// HEIC, AVIF, moving pictures, and anything else no decoder here reads.
    #[error("photos of this kind cannot be rendered")]
    NotSupported,
}

impl Unreadable {
    /// The stable code that is stored and shown.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooCostly => "too_costly",
            Self::NotSupported => "not_supported",
        }
    }
}

/// The two pictures made of one original, both JPEG without metadata other than a colour profile.
pub struct Renditions {
    /// Longest side at most 1600 pixels.
    pub display: Vec<u8>,
    /// Longest side at most 320 pixels.
    pub thumb: Vec<u8>,
    /// Of the original held upright, in pixels.
    pub width: u32,
    /// Of the original held upright, in pixels.
    pub height: u32,
    /// What the original claims about how it was taken.
    pub captured: exif::Captured,
}

/// Makes both renditions. Never enlarges; a decoder that panics has met a damaged photo.
pub fn render(original: &[u8]) -> Result<Renditions, Unreadable> {
    catch_unwind(AssertUnwindSafe(|| develop(original))).unwrap_or(Err(Unreadable::Damaged))
}

/// The most memory, in bytes, that `render` takes with this original (itself included), told by its header alone.
/// Fails as `render` would where the header already shows that it will.
pub fn memory_needed(original: &[u8]) -> Result<u64, Unreadable> {
    header::read(original, ENOUGH).map(|header| header.memory)
}

fn develop(original: &[u8]) -> Result<Renditions, Unreadable> {
    let header = header::read(original, ENOUGH)?;
    let captured = exif::read(original);
    let orientation = Orientation::from_exif(captured.orientation).unwrap_or(Orientation::NoTransforms);
    let picture = pixels::decode(original, &header, ENOUGH)?;
    let mut display = DynamicImage::ImageRgb8(shrink(&picture.pixels, DISPLAY_SIDE)?);
    // Turned only now, when there is little left to turn.
    display.apply_orientation(orientation);
    let thumb = shrink(&display, THUMB_SIDE)?;
    let display = display.into_rgb8();
    let lying = matches!(captured.orientation, 5..=8);
    let (width, height) = if lying { (header.height, header.width) } else { (header.width, header.height) };
    let profile = picture.profile.as_deref();
    Ok(Renditions {
        display: encode(&display, profile, QUALITY)?,
        thumb: encode(&thumb, profile, QUALITY)?,
        width,
        height,
        captured,
    })
}

/// Makes the longest side at most `longest`, and lays what can be seen through over white.
pub(super) fn shrink(source: &DynamicImage, longest: u32) -> Result<RgbImage, Unreadable> {
    let (width, height) = fit(source.width(), source.height(), longest);
    let see_through = source.color().has_alpha();
    let kind = if see_through { PixelType::U8x4 } else { PixelType::U8x3 };
    let pixels = if (width, height) == (source.width(), source.height()) {
        source.as_bytes().to_vec()
    } else {
        let from = ImageRef::new(source.width(), source.height(), source.as_bytes(), kind).map_err(|_| Unreadable::Damaged)?;
        let mut to = Image::new(width, height, kind);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).use_alpha(see_through);
        Resizer::new().resize(&from, &mut to, &options).map_err(|_| Unreadable::Damaged)?;
        to.into_vec()
    };
    let pixels = if see_through { over_white(&pixels) } else { pixels };
    RgbImage::from_raw(width, height, pixels).ok_or(Unreadable::Damaged)
}

fn fit(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let now = width.max(height);
    if now <= longest {
        return (width, height);
    }
    let scale = |side: u32| {
        let exact = (u64::from(side) * u64::from(longest) + u64::from(now) / 2) / u64::from(now);
        u32::try_from(exact).unwrap_or(longest).clamp(1, longest)
    };
    (scale(width), scale(height))
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

pub(super) fn encode(picture: &RgbImage, profile: Option<&[u8]>, quality: u8) -> Result<Vec<u8>, Unreadable> {
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| Unreadable::TooManyPixels);
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if let Some(profile) = profile {
        encoder.add_icc_profile(profile).map_err(|_| Unreadable::Damaged)?;
    }
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb).map_err(|_| Unreadable::Damaged)?;
    Ok(jpeg)
}
