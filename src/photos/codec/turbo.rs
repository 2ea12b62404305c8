//! With libjpeg-turbo: the planes as they are stored, shrunk on their way out of the frequency domain, and never any RGB.

use std::borrow::Cow;

use image::{GrayImage, RgbImage};
use turbojpeg::{
    Colorspace, Compressor, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp, YuvImage, YuvPlanesImage, yuv_pixels_len,
};

use super::{
    super::{
        header::Header,
        jpeg::MAX_SCANS,
        pixels,
        planes::{Planes, Source},
        rendition::Unreadable,
    },
    Declined,
};

/// Decodes, and shrinks until the longest side is at most `longest`.
pub(in super::super) fn decode(original: &[u8], header: &Header, longest: u32) -> Result<Planes, Declined> {
    let mut decoder = Decompressor::new().map_err(|_| Declined::Unusual)?;
    decoder.set_scan_limit(MAX_SCANS).map_err(|_| Declined::Unusual)?;
    let head = decoder.read_header(original).map_err(|_| Declined::Unusual)?;
    let same = |stated: u32, found: usize| u32::try_from(found) == Ok(stated);
    if !same(header.width, head.width) || !same(header.height, head.height) || head.is_lossless {
        return Err(Declined::Unusual);
    }
    let factor = match header.shrink {
        8 => ScalingFactor::ONE_EIGHTH,
        4 => ScalingFactor::ONE_QUARTER,
        2 => ScalingFactor::ONE_HALF,
        _ => ScalingFactor::ONE,
    };
    decoder.set_scaling_factor(factor).map_err(|_| Declined::Unusual)?;
    let (width, height) = (factor.scale(head.width), factor.scale(head.height));
    let colourless = match (head.colorspace, head.subsamp) {
        (Colorspace::YCbCr, Subsamp::Unknown) => return by_pixels(&mut decoder, original, (width, height), longest),
        (_, Subsamp::Unknown) => return Err(Declined::Unusual),
        (Colorspace::Gray, _) => true,
        (Colorspace::YCbCr, _) => false,
        _ => return Err(Declined::Unusual),
    };
    let length = yuv_pixels_len(width, 1, height, head.subsamp).map_err(|_| Declined::Unusual)?;
    let mut pixels = vec![0; length];
    let output = YuvImage { pixels: &mut *pixels, width, align: 1, height, subsamp: head.subsamp };
    // Warnings come as errors too, which is wanted: the picture is missing something.
    decoder.decompress_to_yuv(original, output).map_err(|_| Declined::Broken)?;
    let layout = YuvImage { pixels: &*pixels, width, align: 1, height, subsamp: head.subsamp };
    shrink(&layout, colourless, longest).ok_or(Declined::Unusual)
}

/// Colours stored in a way that has no name cannot be had as planes, and the lenient decoder gets some of them wrong.
fn by_pixels(
    decoder: &mut Decompressor,
    original: &[u8],
    (width, height): (usize, usize),
    longest: u32,
) -> Result<Planes, Declined> {
    let pitch = 3 * width;
    let mut pixels = vec![0; pitch * height];
    let output = Image { pixels: &mut *pixels, width, pitch, height, format: PixelFormat::RGB };
    decoder.decompress(original, output).map_err(|_| Declined::Broken)?;
    let side = |pixels: usize| u32::try_from(pixels).ok();
    let sides = side(width).zip(side(height));
    let picture = sides.and_then(|(width, height)| RgbImage::from_raw(width, height, pixels)).ok_or(Declined::Unusual)?;
    pixels::shrink(&picture.into(), longest).map_err(|_| Declined::Unusual)
}

fn shrink(decoded: &YuvImage<&[u8]>, colourless: bool, longest: u32) -> Option<Planes> {
    let count = |samples: usize| u32::try_from(samples).ok();
    let ((luma_width, luma_height), (width, height)) = (decoded.y_size(), decoded.uv_size());
    let (luma, rest) = decoded.pixels.split_at_checked(luma_width * luma_height)?;
    let size = (count(decoded.width)?, count(decoded.height)?);
    let luma = Source { samples: luma, width: count(luma_width)?, height: count(luma_height)?, pitch: (1, 1) };
    if colourless {
        return Planes::shrunk(size, &luma, None, longest).ok();
    }
    let (blue, red) = rest.split_at_checked(width * height)?;
    let pitch = (count(decoded.subsamp.width())?, count(decoded.subsamp.height())?);
    let colour = |samples| Some(Source { samples, width: count(width)?, height: count(height)?, pitch });
    Planes::shrunk(size, &luma, Some([&colour(blue)?, &colour(red.get(..width * height)?)?]), longest).ok()
}

/// Encodes as baseline JPEG with the colours at half size.
pub(in super::super) fn encode(picture: &Planes, quality: u8) -> Result<Vec<u8>, Unreadable> {
    let side = |pixels: u32| usize::try_from(pixels).map_err(|_| Unreadable::TooManyPixels);
    let (stride, luma) = even(&picture.luma);
    let [blue, red] = &picture.colours;
    let planes = YuvPlanesImage {
        y_plane: &*luma,
        u_plane: blue.as_raw().as_slice(),
        v_plane: red.as_raw().as_slice(),
        width: side(picture.luma.width())?,
        height: side(picture.luma.height())?,
        y_stride: side(stride)?,
        u_stride: side(blue.width())?,
        v_stride: side(red.width())?,
        subsamp: Subsamp::Sub2x2,
    };
    let mut encoder = Compressor::new().map_err(|_| Unreadable::Damaged)?;
    encoder.set_quality(i32::from(quality)).map_err(|_| Unreadable::Damaged)?;
    encoder.compress_yuv_planes_to_vec(&planes).map_err(|_| Unreadable::Damaged)
}

/// The brightness with an even number of samples in a row, and of rows, as this encoder wants it: the last ones twice.
fn even(luma: &GrayImage) -> (u32, Cow<'_, [u8]>) {
    let (width, height) = (luma.width().next_multiple_of(2), luma.height().next_multiple_of(2));
    if (width, height) == luma.dimensions() {
        return (width, Cow::Borrowed(luma.as_raw()));
    }
    let (right, bottom) = (luma.width().saturating_sub(1), luma.height().saturating_sub(1));
    let padded = GrayImage::from_fn(width, height, |x, y| *luma.get_pixel(x.min(right), y.min(bottom)));
    (width, Cow::Owned(padded.into_raw()))
}
