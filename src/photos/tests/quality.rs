//! How good renditions are, measured as the field does it: against the photo decoded whole and shrunk by a slow good filter,
//! beside what a slow good program makes of it at the same quality.

use image::{ImageFormat, RgbImage, imageops};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::samples::sampled;
use crate::photos::rendition::render;

const PHOTO: &[u8] = include_bytes!("../../../demo/photo.jpg");

pub(super) fn open(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// The picture at that size, by a slow good filter.
pub(super) fn shrunk(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    imageops::resize(picture, width, height, imageops::FilterType::Lanczos3)
}

/// The picture, stored as others do it: with the colours at half size.
pub(super) fn as_others_store(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = (u16::try_from(picture.width()).unwrap(), u16::try_from(picture.height()).unwrap());
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 80);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb).unwrap();
    out
}

fn luma(picture: &RgbImage) -> Vec<f64> {
    picture
        .pixels()
        .map(|pixel| 0.299 * f64::from(pixel[0]) + 0.587 * f64::from(pixel[1]) + 0.114 * f64::from(pixel[2]))
        .collect()
}

/// Peak signal to noise of the brightness, in dB.
fn psnr(one: &RgbImage, other: &RgbImage) -> f64 {
    let (one, other) = (luma(one), luma(other));
    let squares: f64 = one.iter().zip(&other).map(|(one, other)| (one - other).powi(2)).sum();
    10.0 * (255.0 * 255.0 * f64::from(u32::try_from(one.len()).unwrap()) / squares.max(1e-9)).log10()
}

/// Structural similarity of the brightness (Wang et al. 2004), the mean over windows of 8 x 8 beside each other.
fn ssim(one: &RgbImage, other: &RgbImage) -> f64 {
    let (width, height) = (one.width() as usize, one.height() as usize);
    let (one, other) = (luma(one), luma(other));
    let (mut sum, mut windows) = (0.0, 0.0);
    for top in (0..height - 7).step_by(8) {
        for left in (0..width - 7).step_by(8) {
            let [mut a, mut b, mut aa, mut bb, mut ab] = [0.0; 5];
            for at in (top..top + 8).flat_map(|y| (left..left + 8).map(move |x| y * width + x)) {
                let (x, y) = (one[at], other[at]);
                (a, b, aa, bb, ab) = (a + x, b + y, aa + x * x, bb + y * y, ab + x * y);
            }
            let (a, b) = (a / 64.0, b / 64.0);
            let (va, vb, cov) = (aa / 64.0 - a * a, bb / 64.0 - b * b, ab / 64.0 - a * b);
            let (c1, c2) = ((0.01_f64 * 255.0).powi(2), (0.03_f64 * 255.0).powi(2));
            sum += (2.0 * a * b + c1) * (2.0 * cov + c2) / ((a * a + b * b + c1) * (va + vb + c2));
            windows += 1.0;
        }
    }
    sum / windows
}

/// The demo's photo twice, one above the other, so that it must be shrunk.
fn large() -> Vec<u8> {
    let tile = open(PHOTO);
    let (across, down) = tile.dimensions();
    let twice = RgbImage::from_raw(across, 2 * down, tile.as_raw().repeat(2)).unwrap();
    let side = |pixels: u32| u16::try_from(pixels).unwrap();
    sampled(twice.as_raw(), side(across), side(2 * down), SamplingFactor::F_2_2)
}

#[test]
fn renditions_are_as_good_and_as_small_as_those_of_a_slow_good_program() {
    let original = large();
    let (whole, made) = (open(&original), render(&original, &[]).unwrap());
    for (what, rendition) in [("display", made.display), ("thumb", made.thumb)] {
        let ours = open(&rendition);
        let reference = shrunk(&whole, ours.width(), ours.height());
        let others = as_others_store(&reference);
        let peer = open(&others);
        let (signal, similar) = (psnr(&ours, &reference), ssim(&ours, &reference));
        let (peer_signal, peer_similar) = (psnr(&peer, &reference), ssim(&peer, &reference));
        let figures = format!(
            "{what}: {signal:.2} dB and {similar:.4} in {} bytes, the slow program {peer_signal:.2} dB and {peer_similar:.4} in {}",
            rendition.len(),
            others.len(),
        );
        assert!(signal > peer_signal - 0.8 && similar > peer_similar - 0.006, "{figures}");
        assert!(rendition.len() * 100 <= others.len() * 102, "{figures}");
        println!("{figures}");
    }
}
