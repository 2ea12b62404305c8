//! Photos made to break or to exhaust the server: every one is answered soon, and what is shown of a broken one never
//! passes for a good one.

use std::time::{Duration, Instant};

use image::{ImageEncoder, codecs::png::PngEncoder};
use proptest::prelude::*;

use super::samples::{chunk, claim_size, jpeg, phone_exif, png, progressive, segments, stored, trailed, webp};
use crate::{
    domain::photo::Hint,
    photos::{
        Unreadable,
        rendition::{memory_needed, render},
    },
};

/// Renders what should be refused, and asserts that this was soon.
fn refused(what: &str, original: &[u8]) -> Unreadable {
    let begun = Instant::now();
    let reason = render(original, &[]).err().expect(what);
    assert!(begun.elapsed() < Duration::from_secs(2), "{what} took {:?}", begun.elapsed());
    reason
}

/// Asserts that a broken photo is either refused or shown with the mark of damage, and soon.
fn never_passes_for_good(what: &str, original: &[u8]) {
    let begun = Instant::now();
    match render(original, &[]) {
        Ok(shown) => assert!(shown.hints.contains(&Hint::Damaged), "{what} is shown without a mark"),
        Err(reason) => assert_eq!(reason, Unreadable::Damaged, "{what}"),
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{what} took {:?}", begun.elapsed());
}

#[test]
fn pictures_that_claim_too_many_pixels_are_refused_before_decoding() {
    let small = jpeg(64, 64, 1, None);
    let bombs = [
        ("PNG 30000² RGB", png(30_000, 30_000, 8, 2, &[])),
        ("PNG 30000² of one bit", png(30_000, 30_000, 1, 0, &[])),
        ("PNG 12000² RGBA16", png(12_000, 12_000, 16, 6, &[])),
        ("PNG 50000²", png(50_000, 50_000, 8, 2, &[])),
        ("PNG 1 x 100 000 000", png(1, 100_000_000, 8, 2, &[])),
        ("JPEG 30000² cut short", claim_size(small.clone(), 30_000, 30_000)[..600].to_vec()),
        ("JPEG 30000² progressive", claim_size(progressive(64, 64), 30_000, 30_000)),
        ("JPEG 65500²", claim_size(small, 65_500, 65_500)),
        ("WebP 16383²", webp(&[(b"VP8L", &[0x2F, 0xFE, 0xBF, 0xFF, 0x0F, 0, 0, 0])])),
    ];
    for (what, bomb) in bombs {
        assert_eq!(refused(what, &bomb), Unreadable::TooManyPixels, "{what}");
        assert_eq!(memory_needed(&bomb), Err(Unreadable::TooManyPixels), "{what}");
    }
}

#[test]
fn a_jpeg_of_ten_thousand_scans_is_refused() {
    let whole = claim_size(progressive(64, 64), 7_000, 7_000);
    let scan_at = whole.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    let scan = &whole[scan_at..whole.len() - 2];
    let bomb = [&whole[..scan_at], &scan.repeat(10_000), &[0xFF, 0xD9]].concat();
    assert_eq!(refused("10 000 scans", &bomb), Unreadable::TooCostly);
    let bearable = trailed([&whole[..scan_at], &scan.repeat(40), &[0xFF, 0xD9]].concat(), 1 << 18);
    let begun = Instant::now();
    drop(render(&bearable, &[]));
    assert!(begun.elapsed() < Duration::from_secs(6), "40 scans over 49 million pixels took {:?}", begun.elapsed());
}

#[test]
fn a_jpeg_that_cannot_hold_half_of_what_it_claims_is_not_decoded() {
    for whole in [jpeg(64, 64, 1, None), progressive(64, 64)] {
        let bomb = claim_size(whole, 7000, 7000);
        assert_eq!(memory_needed(&bomb), Err(Unreadable::Damaged));
        assert_eq!(refused("few bytes of 7000²", &bomb), Unreadable::Damaged);
    }
}

#[test]
fn the_emptiest_jpeg_there_is_is_shown() {
    for progressive in [false, true] {
        let mut empty = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut empty, 50);
        encoder.set_progressive(progressive);
        encoder.set_optimized_huffman_tables(true);
        encoder.encode(&vec![128; 3000 * 2000], 3000, 2000, jpeg_encoder::ColorType::Luma).unwrap();
        let shown = render(&empty, &[]).unwrap();
        assert!(!shown.hints.contains(&Hint::Damaged), "{} bytes", empty.len());
    }
}

#[test]
fn a_png_whose_colour_profile_swells_is_refused_or_shown_without_it() {
    let large = png(64, 64, 8, 2, &[chunk("iCCP", &vec![7; 2 << 20])]);
    assert_eq!(refused("2 MiB of profile", &large), Unreadable::TooCostly);
    let mut swelling = Vec::new();
    let mut encoder = PngEncoder::new(&mut swelling);
    encoder.set_icc_profile(vec![0; 100 << 20]).unwrap();
    encoder.write_image(&[9; 64 * 64 * 3], 64, 64, image::ExtendedColorType::Rgb8).unwrap();
    assert!(swelling.len() < 1 << 20);
    let shown = render(&swelling, &[]).unwrap();
    assert!(shown.display.len() < 2_000 && segments(&shown.display).iter().all(|(marker, _)| *marker != 0xE2));
}

#[test]
fn moving_pictures_and_undecodable_kinds_are_not_supported() {
    let moving = webp(&[(b"VP8X", &[2, 0, 0, 0, 63, 0, 0, 63, 0, 0]), (b"ANIM", &[0; 6]), (b"ANMF", &[0; 24])]);
    assert_eq!(refused("animated WebP", &moving), Unreadable::NotSupported);
    let unflagged = webp(&[(b"VP8X", &[0, 0, 0, 0, 63, 0, 0, 63, 0, 0]), (b"ANMF", &[0; 24])]);
    assert_eq!(refused("animated WebP without the flag", &unflagged), Unreadable::NotSupported);
    assert_eq!(refused("APNG", &png(64, 64, 8, 2, &[chunk("acTL", &[0; 8])])), Unreadable::NotSupported);
    let heic = refused("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    assert_eq!(heic, if cfg!(feature = "heic") { Unreadable::Damaged } else { Unreadable::NotSupported });
    assert_eq!(refused("AVIF", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif"), Unreadable::NotSupported);
    assert_eq!(refused("text", b"<html>"), Unreadable::NotSupported);
}

#[test]
fn a_webp_whose_picture_is_larger_than_its_canvas_is_damaged() {
    let inner: &[u8] = &[0, 0, 0, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F, 0, 0];
    let bomb = webp(&[(b"VP8X", &[0, 0, 0, 0, 63, 0, 0, 63, 0, 0]), (b"VP8 ", inner)]);
    assert_eq!(refused("64² canvas, 16383² picture", &bomb), Unreadable::Damaged);
}

#[test]
fn a_photo_cut_short_anywhere_never_passes_for_a_good_one() {
    let mut png = Vec::new();
    let (rgb, ..) = stored(300, 200, 1);
    PngEncoder::new(&mut png).write_image(&rgb, 300, 200, image::ExtendedColorType::Rgb8).unwrap();
    for original in [jpeg(300, 200, 1, Some(&phone_exif(1))), progressive(300, 200)] {
        for percent in 1..100 {
            never_passes_for_good(&format!("JPEG cut at {percent} %"), &original[..original.len() * percent / 100]);
        }
        let header = original.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
        assert_eq!(refused("nothing but a header", &original[..header]), Unreadable::Damaged);
    }
    for percent in 10..95 {
        assert_eq!(refused("cut", &png[..png.len() * percent / 100]), Unreadable::Damaged, "PNG cut at {percent} %");
    }
}

#[test]
fn a_preview_that_comes_to_light_by_a_wrong_length_never_passes_for_the_photo() {
    let (preview, photo) = (jpeg(160, 112, 1, None), jpeg(300, 200, 1, None));
    let length = u16::try_from(preview.len() + 8).unwrap();
    let with = |length: u16| {
        let begin = [&photo[..2], &[0xFF, 0xE1], &length.to_be_bytes(), b"Exif\0\0", &preview].concat();
        [&begin, &photo[2..]].concat()
    };
    for short in [20, length / 2] {
        never_passes_for_good("a length too short", &with(short));
    }
    let shown = render(&with(length), &[]).unwrap();
    assert_eq!((shown.width, shown.hints.len()), (300, 0));
    let tables = photo.windows(2).position(|pair| pair == [0xFF, 0xDB]).unwrap();
    let stray = [&photo[..tables], b"\x01", &photo[tables..]].concat();
    assert_eq!(render(&stray, &[]).unwrap().hints, [Hint::Damaged], "what is shown all the same has the mark");
}

#[test]
fn what_is_left_of_a_photo_cut_short_is_shown_with_the_mark() {
    let original = jpeg(300, 200, 1, None);
    let shown = render(&original[..original.len() * 3 / 4], &[]).unwrap();
    assert_eq!(shown.hints, [Hint::Damaged]);
    assert_eq!(render(&original[..original.len() - 2], &[]).unwrap().hints, [Hint::Damaged], "without its end mark");
}

#[test]
fn a_print_photo_cut_short_never_passes_for_a_good_one() {
    let mut cmyk = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut cmyk, 90);
    encoder.encode(&[9, 200, 80, 0].repeat(64 * 64), 64, 64, jpeg_encoder::ColorType::Cmyk).unwrap();
    assert_eq!(render(&cmyk, &[]).unwrap().hints, []);
    never_passes_for_good("cut", &cmyk[..cmyk.len() - 20]);
}

#[test]
fn a_photo_whose_coding_is_broken_never_passes_for_a_good_one_though_it_ends_well() {
    let mut original = jpeg(300, 200, 1, None);
    let scan_at = original.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let middle = usize::midpoint(scan_at, original.len());
    // Sixteen ones are no Huffman code.
    original.splice(middle..middle + 8, [0xFF, 0x00].repeat(4));
    assert!(original.ends_with(&[0xFF, 0xD9]));
    never_passes_for_good("broken", &original);
}

#[test]
fn a_photo_cut_short_inside_but_closed_again_never_passes_for_a_good_one() {
    let original = jpeg(300, 200, 1, None);
    let mut patched = original[..original.len() / 2].to_vec();
    patched.extend([0xFF, 0xD9]);
    never_passes_for_good("closed again", &patched);
}

#[test]
fn a_page_hidden_in_a_photo_is_not_in_its_renditions() {
    let page = b"<html><script>alert(1)</script></html>";
    let mut clean = jpeg(64, 48, 1, None);
    let length = u16::try_from(page.len() + 2).unwrap().to_be_bytes();
    let hidden = [&[0xFF, 0xFE][..], &length, page].concat();
    clean.splice(2..2, hidden);
    clean.extend(page);
    let made = render(&clean, &[]).unwrap();
    for rendition in [made.display, made.thumb] {
        assert!(!rendition.windows(7).any(|part| part == b"<script"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_photo_with_changed_bytes_never_panics(
        progressively in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut original = if progressively { progressive(48, 40) } else { jpeg(48, 40, 6, Some(&phone_exif(6))) };
        for (at, byte) in changes {
            let at = at.index(original.len());
            original[at] = byte;
        }
        // Size fields may have become large, but never beyond the limits, as the header is judged first.
        if memory_needed(&original).is_ok_and(|bytes| bytes < 64 << 20) {
            drop(render(&original, &[]));
        }
    }
}
