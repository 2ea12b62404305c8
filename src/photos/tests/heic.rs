//! HEIC, as iPhones take it.

use heifer::{EncodeOptions, Image, Metadata};
use image::{ImageFormat, RgbImage};

use super::{
    renditions::assert_bare,
    samples::{phone_exif, png, segments, stored},
};
use crate::photos::{
    Unreadable,
    bare::bare,
    rendition::{memory_needed, render},
};

fn heic(metadata: &Metadata) -> Vec<u8> {
    heic_of((640, 480), metadata)
}

fn heic_of((width, height): (u32, u32), metadata: &Metadata) -> Vec<u8> {
    let (rgb, width, height) = stored(width, height, 1);
    let data = rgb.chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255].map(u16::from)).collect();
    let image = Image { width: width.into(), height: height.into(), bit_depth: 8, has_alpha: false, data };
    heifer::encode_with_metadata(&image, metadata, &EncodeOptions { quality: 90, max_threads: 1 }).unwrap()
}

fn wide_profile() -> Vec<u8> {
    let mut profile = vec![0; 200];
    profile[..4].copy_from_slice(&200_u32.to_be_bytes());
    profile[16..20].copy_from_slice(b"RGB ");
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

fn open(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

#[test]
fn a_heic_photo_is_shown_and_what_it_notes_is_read_but_not_passed_on() {
    let made = render(&heic(&Metadata { exif: Some(phone_exif(1)), ..Metadata::default() }), &[]).unwrap();
    assert_eq!((made.width, made.height), (640, 480));
    let display = open(&made.display);
    let corner = |x, y| display.get_pixel(x, y).0;
    assert!(corner(80, 60)[0] > 180 && corner(560, 60)[1] > 160 && corner(80, 420)[2] > 180);
    assert_eq!(open(&made.thumb).dimensions(), (320, 240));
    assert_eq!(made.claims.make.as_deref(), Some("Argana"));
    assert!(segments(&made.display).iter().all(|(marker, _)| *marker != 0xE1));
}

#[test]
fn of_a_heic_photo_of_an_anonymous_report_the_picture_is_kept_in_full_size_and_bare() {
    let made = bare(&heic(&Metadata { exif: Some(phone_exif(1)), ..Metadata::default() })).unwrap();
    assert_bare(&made);
    assert_eq!(open(&made).dimensions(), (640, 480));
    assert!(open(&made).get_pixel(80, 60).0[0] > 180);
}

#[test]
fn the_container_says_how_a_heic_photo_is_turned_and_its_exif_must_not_turn_it_again() {
    let mut original = heic(&Metadata { exif: Some(phone_exif(1)), ..Metadata::default() });
    let entry = [0x12, 0x01, 3, 0, 1, 0, 0, 0, 1, 0];
    let at = original.windows(10).position(|bytes| bytes == entry).unwrap();
    original[at + 8] = 6;
    let made = render(&original, &[]).unwrap();
    assert_eq!((made.width, made.height), (640, 480));
    assert!(open(&made.display).get_pixel(80, 60).0[0] > 180);
}

#[test]
fn the_wide_colours_of_a_heic_photo_come_with_their_profile() {
    let profile = wide_profile();
    let made = render(&heic(&Metadata { icc_profile: Some(profile.clone()), ..Metadata::default() }), &[]).unwrap();
    for rendition in [&made.display, &made.thumb] {
        let kept = segments(rendition).into_iter().find(|(marker, _)| *marker == 0xE2).unwrap().1;
        assert_eq!(kept[14..], profile);
    }
}

#[test]
fn a_heic_photo_cut_short_or_too_large_is_refused() {
    let original = heic(&Metadata::default());
    for percent in (8..100).step_by(7) {
        assert_eq!(render(&original[..original.len() * percent / 100], &[]).err(), Some(Unreadable::Damaged), "{percent} %");
    }
    let mut huge = original;
    let size = [&640_u32.to_be_bytes()[..], &480_u32.to_be_bytes()].concat();
    let at = huge.windows(8).position(|bytes| bytes == size).unwrap();
    huge[at..at + 4].copy_from_slice(&30_000_u32.to_be_bytes());
    huge[at + 4..at + 8].copy_from_slice(&30_000_u32.to_be_bytes());
    assert_eq!(memory_needed(&huge), Err(Unreadable::TooManyPixels));
    assert!(memory_needed(&png(640, 480, 8, 2, &[])).is_ok());
}

#[test]
fn a_heic_photo_with_a_profile_is_held_once_and_one_without_twice() {
    let needed = |metadata| memory_needed(&heic_of((2048, 1536), &metadata)).unwrap();
    let (plain, profiled) =
        (needed(Metadata::default()), needed(Metadata { icc_profile: Some(wide_profile()), ..Metadata::default() }));
    assert!(plain > profiled + 3 * 2048 * 1536, "{plain} {profiled}");
}

#[test]
fn what_a_heic_photo_costs_is_read_in_its_stream_and_no_smaller_canvas_hides_it() {
    let original = heic(&Metadata::default());
    let size = [&640_u32.to_be_bytes()[..], &480_u32.to_be_bytes()].concat();
    let at = original.windows(8).position(|bytes| bytes == size).unwrap();
    let mut small = original.clone();
    small[at..at + 8].copy_from_slice(&[0, 0, 0, 64, 0, 0, 0, 48]);
    let (said, hidden) = (memory_needed(&original).unwrap(), memory_needed(&small).unwrap());
    assert!(said > (24 << 20) + 8 * 640 * 480);
    assert!(said - hidden <= 4 * 1600 * 480, "{said} and {hidden} differ by more than the strip that shrinks the canvas");
}
