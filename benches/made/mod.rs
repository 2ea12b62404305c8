//! Photos of a phone's size, made of the demo's: what benches are fed with where nobody names files of a real phone.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

use image::{ImageFormat, RgbImage, imageops};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// A directory without entries (TIFF 6.0 section 2).
const NOTHING_NOTED: &[u8] = b"II*\0\x08\0\0\0\0\0\0\0\0\0";

/// How far a sensor's noise leads a sample of twelve megapixels astray at most: some 2.7 bits a pixel, when stored.
pub const TWELVE: u32 = 8;

/// A mosaic of the demo's photo at its native pixels, with so much noise of a sensor.
pub fn mosaic(width: u32, height: u32, most: u32) -> RgbImage {
    let tile =
        image::load_from_memory_with_format(include_bytes!("../../demo/photo.jpg"), ImageFormat::Jpeg).unwrap().into_rgb8();
    let tiles = [tile.clone(), imageops::flip_horizontal(&tile), imageops::flip_vertical(&tile), imageops::rotate180(&tile)];
    let mut noise = 0x2545_F491_u32;
    RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (x / tile.width(), y / tile.height());
        let from = &tiles[usize::try_from(across % 2 + 2 * (down % 2)).unwrap()];
        let mut pixel = *from.get_pixel(x % tile.width(), y % tile.height());
        for sample in &mut pixel.0 {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let small = |bits: u32| u8::try_from(bits % (most + 1)).unwrap();
            *sample = sample.saturating_add(small(noise)).saturating_sub(small(noise >> 8));
        }
        pixel
    })
}

/// As a phone stores it.
pub fn jpeg(picture: &RgbImage, progressive: bool) -> Vec<u8> {
    let side = |pixels: u32| u16::try_from(pixels).unwrap();
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 95);
    // Without it, whoever looks for it goes through the whole file, which no phone's photo asks for.
    encoder.add_exif_metadata(NOTHING_NOTED).unwrap();
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(progressive);
    encoder.encode(picture.as_raw(), side(picture.width()), side(picture.height()), ColorType::Rgb).unwrap();
    out
}
