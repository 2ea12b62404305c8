//! What strikes the eye in a photo, which photos look alike, and what nobody sees any more.

use image::{ImageFormat, RgbImage, imageops};
use jpeg_encoder::{ColorType, Encoder};

use super::samples::{jpeg, phone_exif, scenery};
use crate::{
    domain::{claims::look_the_same, photo::Hint, redaction::Area},
    photos::rendition::{Renditions, render},
};

fn photo(picture: &RgbImage, quality: u8) -> Renditions {
    let (width, height) = (u16::try_from(picture.width()).unwrap(), u16::try_from(picture.height()).unwrap());
    let mut out = Vec::new();
    Encoder::new(&mut out, quality).encode(picture.as_raw(), width, height, ColorType::Rgb).unwrap();
    render(&out, &[]).unwrap()
}

fn real() -> RgbImage {
    image::load_from_memory(include_bytes!("../../../demo/photo.jpg")).unwrap().into_rgb8()
}

fn changed(picture: &RgbImage, change: impl Fn(u8) -> u8) -> RgbImage {
    let mut picture = picture.clone();
    picture.iter_mut().for_each(|sample| *sample = change(*sample));
    picture
}

#[test]
fn a_dark_or_blurred_photo_is_said_to_be_and_a_good_one_is_not() {
    for good in [real(), RgbImage::from_raw(1200, 900, scenery(1200, 900)).unwrap()] {
        assert_eq!(photo(&good, 85).hints, []);
        assert_eq!(photo(&changed(&good, |sample| sample / 8), 85).hints, [Hint::Dark]);
        assert_eq!(photo(&imageops::fast_blur(&good, 12.0), 85).hints, [Hint::Blurred]);
    }
    let wall = RgbImage::from_pixel(1200, 900, image::Rgb([180, 170, 160]));
    assert_eq!(photo(&wall, 85).hints, [], "of a bare wall nothing can be said");
}

#[test]
fn the_same_picture_looks_the_same_and_another_does_not() {
    let picture = real();
    let look = photo(&picture, 85).look;
    let (width, height) = picture.dimensions();
    let cropped = imageops::crop_imm(&picture, width / 50, height / 50, width * 24 / 25, height * 24 / 25).to_image();
    let smaller = imageops::resize(&picture, width / 2, height / 2, imageops::FilterType::Triangle);
    for (what, same) in [
        ("sent on at low quality", photo(&picture, 40)),
        ("half as large", photo(&smaller, 80)),
        ("darker", photo(&changed(&picture, |sample| sample / 10 * 7), 80)),
        ("cropped", photo(&cropped, 80)),
    ] {
        assert!(look_the_same(look, same.look), "{what}: {:064b}", look ^ same.look);
    }
    for (what, other) in [
        ("another scene", photo(&RgbImage::from_raw(1200, 900, scenery(1200, 900)).unwrap(), 85)),
        ("mirrored", photo(&imageops::flip_horizontal(&picture), 85)),
    ] {
        assert!(!look_the_same(look, other.look), "{what}: {:064b}", look ^ other.look);
    }
}

#[test]
fn a_photo_that_was_turned_looks_the_same_as_it_was_taken() {
    let looks = [1, 3, 6, 8].map(|turn| render(&jpeg(480, 360, turn, Some(&phone_exif(turn))), &[]).unwrap().look);
    assert!(looks.iter().all(|look| look_the_same(*look, looks[0])), "{looks:x?}");
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places within a small picture")]
#[test]
fn what_is_hidden_is_black_in_the_upright_picture_whatever_way_it_was_held() {
    let areas = [Area { x: 0.05, y: 0.05, width: 0.2, height: 0.3 }, Area { x: 0.9, y: 0.95, width: 0.1, height: 0.05 }];
    for turn in 1..=8 {
        let made = render(&jpeg(481, 361, turn, Some(&phone_exif(turn))), &areas).unwrap();
        for rendition in [made.display, made.thumb] {
            let seen = image::load_from_memory_with_format(&rendition, ImageFormat::Jpeg).unwrap().into_rgb8();
            let at = |x: f64, y: f64| {
                let (x, y) = (x * f64::from(seen.width()), y * f64::from(seen.height()));
                seen.get_pixel(x as u32, y as u32).0
            };
            let dark = |pixel: [u8; 3]| pixel.iter().all(|sample| *sample < 40);
            for (x, y) in [(0.07, 0.08), (0.15, 0.2), (0.23, 0.33), (0.95, 0.98)] {
                assert!(dark(at(x, y)), "turn {turn}: at {x}, {y} is {:?}", at(x, y));
            }
            for (x, y) in [(0.4, 0.2), (0.15, 0.6), (0.8, 0.8)] {
                assert!(!dark(at(x, y)), "turn {turn}: at {x}, {y} is {:?}", at(x, y));
            }
        }
    }
}
