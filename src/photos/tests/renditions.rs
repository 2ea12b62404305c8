//! What comes out of the darkroom looks right and says nothing it should not.

use image::{DynamicImage, ImageEncoder, ImageFormat, RgbImage, RgbaImage, codecs::png::PngEncoder};

use super::samples::{
    CORNERS, ascii, claim_size, exif, jpeg, phone_exif, progressive, rationals, segments, short, trailed, webp,
};
use crate::{
    domain::claims::{Claims, Position},
    photos::{Darkroom, Renditions, Unreadable, exif::read, rendition::render},
};

pub(super) fn open(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn near(pixel: [u8; 3], wanted: [u8; 3]) -> bool {
    pixel.iter().zip(wanted).all(|(is, should)| is.abs_diff(should) < 25)
}

/// Asserts that the four corners are where they are when the scene is upright.
pub(super) fn assert_upright(picture: &RgbImage, what: &str) {
    let (right, bottom) = (picture.width() * 7 / 8, picture.height() * 7 / 8);
    let (left, top) = (picture.width() / 8, picture.height() / 8);
    for ((x, y), wanted) in [(left, top), (right, top), (left, bottom), (right, bottom)].into_iter().zip(CORNERS) {
        let is = picture.get_pixel(x, y).0;
        assert!(near(is, wanted), "{what}: at {x},{y} is {is:?}, should be {wanted:?}");
    }
}

/// Asserts that a rendition holds no metadata: no EXIF, no comment, nothing but what a decoder needs.
pub(super) fn assert_bare(jpeg: &[u8]) {
    for (marker, body) in segments(jpeg) {
        match marker {
            0xE0 => assert!(body.starts_with(b"JFIF\0")),
            0xE2 => assert!(body.starts_with(b"ICC_PROFILE\0")),
            0xE1 | 0xE3..=0xEF | 0xFE => panic!("segment {marker:x} in a rendition"),
            _ => {}
        }
    }
    assert!(jpeg.ends_with(&[0xFF, 0xD9]));
    for trace in [&b"Exif"[..], b"GPS", b"Argana", b"2026:11:20"] {
        assert!(!jpeg.windows(trace.len()).any(|part| part == trace));
    }
}

fn rendered(original: &[u8]) -> Renditions {
    let renditions = render(original, &[]).unwrap();
    assert_bare(&renditions.display);
    assert_bare(&renditions.thumb);
    renditions
}

#[test]
fn every_orientation_comes_out_upright_in_both_renditions() {
    for orientation in 0..=9 {
        let original = jpeg(480, 360, orientation, Some(&phone_exif(orientation)));
        let made = rendered(&original);
        assert_eq!((made.width, made.height), (480, 360), "orientation {orientation}");
        let (display, thumb) = (open(&made.display), open(&made.thumb));
        assert_eq!(display.dimensions(), (480, 360));
        assert_eq!(thumb.dimensions(), (320, 240));
        assert_upright(&display, &format!("display of {orientation}"));
        assert_upright(&thumb, &format!("thumb of {orientation}"));
    }
}

#[test]
fn a_large_photo_is_shrunk_to_both_sides_and_a_small_one_is_never_enlarged() {
    for original in [jpeg(3600, 1200, 8, Some(&phone_exif(8))), progressive(3600, 1200)] {
        let made = rendered(&original);
        assert_eq!((made.width, made.height), (3600, 1200));
        assert_eq!(open(&made.display).dimensions(), (1600, 533));
        assert_eq!(open(&made.thumb).dimensions(), (320, 107));
        assert_upright(&open(&made.display), "display");
    }
    let made = rendered(&jpeg(64, 40, 1, None));
    assert_eq!(open(&made.display).dimensions(), (64, 40));
    assert_eq!(open(&made.thumb).dimensions(), (64, 40));
    let made = rendered(&jpeg(4000, 2, 1, None));
    assert_eq!(open(&made.thumb).dimensions(), (320, 1));
}

#[test]
fn a_photo_large_enough_to_be_shrunk_while_decoding_keeps_its_colours() {
    let made = rendered(&jpeg(6600, 800, 1, None));
    assert_eq!((made.width, made.height), (6600, 800));
    assert_eq!(open(&made.display).dimensions(), (1600, 194));
    assert_upright(&open(&made.display), "display");
}

#[test]
fn renditions_are_stored_with_halved_colour_in_both_directions() {
    let made = rendered(&jpeg(200, 100, 1, None));
    let frame = segments(&made.display).into_iter().find(|(marker, _)| *marker == 0xC0).unwrap().1;
    assert_eq!([frame[7], frame[10], frame[13]], [0x22, 0x11, 0x11]);
}

#[test]
fn what_the_phone_noted_is_read_but_not_passed_on() {
    let original = jpeg(64, 48, 1, Some(&phone_exif(1)));
    assert!(original.windows(4).any(|part| part == b"Exif"));
    let captured = rendered(&original).claims;
    let taken = captured.taken_at.unwrap();
    assert_eq!(taken.local.to_string(), "2026-11-20T09:12:34");
    assert_eq!(taken.offset.unwrap().seconds(), 3600);
    let position = captured.position.unwrap();
    assert!((position.latitude - 30.42).abs() < 1e-9 && (position.longitude + 9.6).abs() < 1e-9);
    assert_eq!((captured.make.as_deref(), captured.model.as_deref()), (Some("Argana"), Some("Tamount 3")));
}

fn claims(exif: &[u8]) -> Claims {
    read(&jpeg(16, 16, 1, Some(exif))).1
}

fn gps(signed: bool, latitude: &[(u32, u32)], longitude: &[(u32, u32)]) -> Option<Position> {
    let gps = [ascii(1, "S"), rationals(2, signed, latitude), ascii(3, "E"), rationals(4, signed, longitude)];
    claims(&exif(&[], &[], &gps)).position
}

#[test]
fn positions_are_read_signed_or_not_and_impossible_ones_are_not_believed() {
    for signed in [false, true] {
        let position = gps(signed, &[(30, 1), (30, 1)], &[(9, 1)]).unwrap();
        assert_eq!((position.latitude, position.longitude), (-30.5, 9.0));
    }
    assert_eq!(gps(false, &[(0, 1), (0, 1), (0, 1)], &[(0, 1), (0, 1), (0, 1)]), None);
    assert_eq!(gps(false, &[(30, 0), (25, 1), (0, 1)], &[(9, 1)]), None);
    assert_eq!(gps(false, &[(91, 1)], &[(9, 1)]), None);
    assert_eq!(gps(false, &[(30, 1)], &[(181, 1)]), None);
    assert_eq!(gps(true, &[(u32::MAX, 1)], &[(9, 1)]), None);
}

#[test]
fn a_time_without_offset_stays_without_and_nonsense_is_no_time() {
    let time = |entries: &[_]| claims(&exif(&[], entries, &[])).taken_at;
    let local = time(&[ascii(0x9003, "2026:11:20 09:12:34")]).unwrap();
    assert_eq!((local.local.to_string().as_str(), local.offset), ("2026-11-20T09:12:34", None));
    assert_eq!(time(&[ascii(0x9003, "2026:11:20 09:12:34"), ascii(0x9011, "+99:00")]).unwrap().offset, None);
    assert_eq!(time(&[ascii(0x9003, "2026:13:45 09:12:34")]), None);
    assert_eq!(time(&[ascii(0x9003, "    :  :     :  :  ")]), None);
}

#[test]
fn the_zone_of_a_photo_is_told_by_the_satellites_where_the_camera_does_not() {
    let taken = |local: &str, utc: [u32; 3], day: &str| {
        let time = rationals(7, false, &utc.map(|part| (part, 1)));
        claims(&exif(&[], &[ascii(0x9003, local)], &[time, ascii(0x1D, day)]))
            .taken_at
            .unwrap()
            .offset
            .map(jiff::tz::Offset::seconds)
    };
    assert_eq!(taken("2026:11:20 09:12:34", [8, 12, 31], "2026:11:20"), Some(3600));
    assert_eq!(taken("2026:11:20 00:12:34", [23, 9, 2], "2026:11:19"), Some(3600), "asked three minutes before, over midnight");
    assert_eq!(taken("2026:11:20 14:00:00", [8, 16, 0], "2026:11:20"), Some(5 * 3600 + 45 * 60));
    assert_eq!(taken("2026:11:20 09:12:34", [8, 12, 31], "2026:11:25"), None, "days apart is no zone");
    assert_eq!(taken("2026:11:20 09:12:34", [25, 61, 0], "2026:11:20"), None);
}

#[test]
fn the_mark_that_belongs_to_jpeg_does_not_hide_the_exif_of_a_webp() {
    let noted = phone_exif(6);
    let marked = [&b"Exif\0\0Exif\0\0"[..], &noted].concat();
    for block in [&noted[..], &marked[6..], &marked[..]] {
        let original = webp(&[(b"VP8X", &[8, 0, 0, 0, 63, 0, 0, 63, 0, 0]), (b"EXIF", block)]);
        let (orientation, claims) = read(&original);
        assert_eq!((orientation, claims.make.as_deref()), (6, Some("Argana")));
    }
}

#[test]
fn names_are_cut_and_cleaned() {
    let main = [ascii(0x010F, "  Ar\u{1b}[31mgana\n\u{202e} "), ascii(0x0110, &"x".repeat(500)), short(0x0112, 6)];
    let (orientation, captured) = read(&jpeg(16, 16, 1, Some(&exif(&main, &[], &[]))));
    assert_eq!(captured.make.unwrap(), "Ar[31mgana");
    assert_eq!(captured.model.unwrap().len(), 64);
    assert_eq!(orientation, 6);
}

#[test]
fn what_can_be_seen_through_lies_over_white() {
    // Left nothing, right red, and in between fine stripes of both; the green under "nothing" must never show.
    let mut picture = RgbaImage::from_pixel(9000, 1000, image::Rgba([0, 255, 0, 0]));
    for (x, _, pixel) in picture.enumerate_pixels_mut() {
        if x >= 6000 || x >= 3000 && x % 2 == 0 {
            *pixel = image::Rgba([200, 0, 0, 255]);
        }
    }
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(picture.as_raw(), 9000, 1000, image::ExtendedColorType::Rgba8).unwrap();
    let display = open(&rendered(&png).display);
    assert_eq!(display.dimensions(), (1600, 178));
    for (x, wanted) in [(200, [255, 255, 255]), (800, [228, 128, 128]), (1400, [200, 0, 0])] {
        let is = display.get_pixel(x, 90).0;
        assert!(near(is, wanted), "at {x} is {is:?}");
    }
}

#[test]
fn png_and_webp_and_grey_photos_are_rendered() {
    let scene = open(&jpeg(400, 300, 1, None));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let mut original = std::io::Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(scene.clone()).write_to(&mut original, format).unwrap();
        assert_upright(&open(&rendered(original.get_ref()).display), &format!("{format:?}"));
    }
    let mut grey = Vec::new();
    jpeg_encoder::Encoder::new(&mut grey, 90).encode(&[90; 64 * 64], 64, 64, jpeg_encoder::ColorType::Luma).unwrap();
    assert!(near(open(&rendered(&grey).display).get_pixel(30, 30).0, [90, 90, 90]));
}

#[test]
fn a_print_photo_falls_back_to_the_lenient_decoder() {
    let mut cmyk = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut cmyk, 90);
    encoder.encode(&[0, 255, 255, 0].repeat(64 * 64), 64, 64, jpeg_encoder::ColorType::Cmyk).unwrap();
    assert_eq!(open(&rendered(&cmyk).display).dimensions(), (64, 64));
}

fn profile(space: &str) -> Vec<u8> {
    let mut profile = vec![0; 200];
    profile[..4].copy_from_slice(&200_u32.to_be_bytes());
    profile[16..20].copy_from_slice(space.as_bytes());
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

#[test]
fn the_colour_profile_is_copied_and_a_foreign_one_is_not() {
    let with = |profile: &[u8]| {
        let mut out = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut out, 90);
        encoder.add_icc_profile(profile).unwrap();
        encoder.encode(&[90; 64 * 64 * 3], 64, 64, jpeg_encoder::ColorType::Rgb).unwrap();
        rendered(&out)
    };
    let made = with(&profile("RGB "));
    for rendition in [&made.display, &made.thumb] {
        let kept = segments(rendition).into_iter().find(|(marker, _)| *marker == 0xE2).unwrap().1;
        assert_eq!(kept[14..], profile("RGB "));
    }
    for foreign in [&profile("CMYK")[..], b"<script>alert(1)</script>"] {
        assert!(segments(&with(foreign).display).iter().all(|(marker, _)| *marker != 0xE2));
    }
}

#[tokio::test]
async fn the_darkroom_renders_and_refuses_what_would_not_fit() {
    let darkroom = Darkroom::new(2);
    let photos = (0..4).map(|_| darkroom.render(jpeg(480, 360, 6, Some(&phone_exif(6))).into(), vec![]));
    for made in futures_util::future::join_all(photos).await {
        assert_upright(&open(&made.unwrap().display), "display");
    }
    let hungry = trailed(claim_size(progressive(64, 64), 7000, 7000), 1 << 18);
    assert_eq!(darkroom.render(hungry.into(), vec![]).await.err(), Some(Unreadable::TooCostly));
}
