//! With libjpeg-turbo: the planes as they are stored, shrunk on their way out of the frequency domain, and never any RGB.

use turbojpeg::{Colorspace, Compressor, Decompressor, ScalingFactor, Subsamp, YuvImage, YuvPlanesImage, yuv_pixels_len};

use super::{
    super::{
        header::Header,
        jpeg::MAX_SCANS,
        planes::{Planes, Source},
        rendition::{DISPLAY_SIDE, Unreadable},
    },
    Declined,
};

/// The longest side that is at least left for the resizer, in pixels: with twice the display's, as libvips leaves it, no
/// line of a label or gauge is lost.
pub(in super::super) const LEFT: u32 = 2 * DISPLAY_SIDE;

/// Decodes, and shrinks until the longest side is at most `longest`.
pub(in super::super) fn decode(original: &[u8], header: &Header, longest: u32) -> Result<Planes, Declined> {
    let mut decoder = Decompressor::new().map_err(|_| Declined::Unusual)?;
    decoder.set_scan_limit(MAX_SCANS).map_err(|_| Declined::Unusual)?;
    let head = decoder.read_header(original).map_err(|_| Declined::Unusual)?;
    let same = |stated: u32, found: usize| u32::try_from(found) == Ok(stated);
    if !same(header.width, head.width) || !same(header.height, head.height) || head.is_lossless {
        return Err(Declined::Unusual);
    }
    let colourless = match (head.colorspace, head.subsamp) {
        (_, Subsamp::Unknown) => return Err(Declined::Unusual),
        (Colorspace::Gray, _) => true,
        (Colorspace::YCbCr, _) => false,
        _ => return Err(Declined::Unusual),
    };
    let factor = match header.shrink {
        8 => ScalingFactor::ONE_EIGHTH,
        4 => ScalingFactor::ONE_QUARTER,
        2 => ScalingFactor::ONE_HALF,
        _ => ScalingFactor::ONE,
    };
    decoder.set_scaling_factor(factor).map_err(|_| Declined::Unusual)?;
    let (width, height) = (factor.scale(head.width), factor.scale(head.height));
    let length = yuv_pixels_len(width, 1, height, head.subsamp).map_err(|_| Declined::Unusual)?;
    let mut pixels = vec![0; length];
    let output = YuvImage { pixels: &mut *pixels, width, align: 1, height, subsamp: head.subsamp };
    // Warnings come as errors too, which is wanted: the picture is missing something.
    decoder.decompress_to_yuv(original, output).map_err(|_| Declined::Broken)?;
    let layout = YuvImage { pixels: &*pixels, width, align: 1, height, subsamp: head.subsamp };
    shrink(&layout, colourless, longest).ok_or(Declined::Unusual)
}

fn shrink(decoded: &YuvImage<&[u8]>, colourless: bool, longest: u32) -> Option<Planes> {
    let side = |samples: usize| u32::try_from(samples).ok();
    let ((luma_width, luma_height), (width, height)) = (decoded.y_size(), decoded.uv_size());
    let (luma, rest) = decoded.pixels.split_at_checked(luma_width * luma_height)?;
    let size = (side(decoded.width)?, side(decoded.height)?);
    let luma = Source { samples: luma, width: side(luma_width)?, height: side(luma_height)?, pitch: (1, 1) };
    if colourless {
        return Planes::shrunk(size, &luma, None, longest).ok();
    }
    let (blue, red) = rest.split_at_checked(width * height)?;
    let pitch = (side(decoded.subsamp.width())?, side(decoded.subsamp.height())?);
    let colour = |samples| Some(Source { samples, width: side(width)?, height: side(height)?, pitch });
    Planes::shrunk(size, &luma, Some([&colour(blue)?, &colour(red.get(..width * height)?)?]), longest).ok()
}

/// Encodes as baseline JPEG with the colours at half size.
pub(in super::super) fn encode(picture: &Planes, quality: u8) -> Result<Vec<u8>, Unreadable> {
    let side = |pixels: u32| usize::try_from(pixels).map_err(|_| Unreadable::TooManyPixels);
    let [blue, red] = &picture.colours;
    let planes = YuvPlanesImage {
        y_plane: picture.luma.as_raw().as_slice(),
        u_plane: blue.as_raw().as_slice(),
        v_plane: red.as_raw().as_slice(),
        width: side(picture.luma.width())?,
        height: side(picture.luma.height())?,
        y_stride: side(picture.luma.width())?,
        u_stride: side(blue.width())?,
        v_stride: side(red.width())?,
        subsamp: Subsamp::Sub2x2,
    };
    let mut encoder = Compressor::new().map_err(|_| Unreadable::Damaged)?;
    encoder.set_quality(i32::from(quality)).map_err(|_| Unreadable::Damaged)?;
    encoder.compress_yuv_planes_to_vec(&planes).map_err(|_| Unreadable::Damaged)
}
