//! JPEGs as phones and editors make them, odd but good: each looks as it should.

use image::{RgbImage, imageops};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{
    quality::{as_others_store, open, shrunk},
    samples::{jpeg, sampled, scenery, segments},
};
use crate::{domain::photo::Hint, photos::rendition::render};

/// How far apart two pictures are on average, over all of it and along its edges, in 255ths.
fn apart(one: &RgbImage, other: &RgbImage) -> (f64, f64) {
    assert_eq!(one.dimensions(), other.dimensions());
    let (right, bottom) = (one.width() - 1, one.height() - 1);
    let (mut all, mut edge) = ((0.0, 0.0), (0.0, 0.0));
    for ((x, y, one), other) in one.enumerate_pixels().zip(other.pixels()) {
        let difference = one.0.iter().zip(other.0).map(|(one, other)| f64::from(one.abs_diff(other))).sum::<f64>();
        all = (all.0 + difference, all.1 + 3.0);
        if x == 0 || y == 0 || x == right || y == bottom {
            edge = (edge.0 + difference, edge.1 + 3.0);
        }
    }
    (all.0 / all.1, edge.0 / edge.1)
}

/// A picture seen from a few steps away: colours at half size make fine lines differ, which is no mistake.
fn from_afar(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    imageops::resize(picture, width.div_ceil(4), height.div_ceil(4), imageops::FilterType::Triangle)
}

/// Compared with the picture that was stored, as others would shrink and store it: some decoders that read anything get the
/// colours of odd ways to store them wrong.
fn assert_shows(what: &str, picture: &RgbImage, original: &[u8]) {
    let made = render(original, &[]).unwrap();
    assert!(!made.hints.contains(&Hint::Damaged), "{what}");
    for rendition in [open(&made.display), open(&made.thumb)] {
        let (width, height) = rendition.dimensions();
        let others = open(&as_others_store(&shrunk(picture, width, height)));
        let (all, edge) = apart(&from_afar(&rendition), &from_afar(&others));
        assert!(all < 6.0 && edge < 8.0, "{what}, {width} x {height}: {all:.2} apart, {edge:.2} at the edges");
    }
}

const SAMPLINGS: [SamplingFactor; 8] = [
    SamplingFactor::F_1_1,
    SamplingFactor::F_2_1,
    SamplingFactor::F_1_2,
    SamplingFactor::F_2_2,
    SamplingFactor::F_4_1,
    SamplingFactor::F_4_2,
    SamplingFactor::F_1_4,
    SamplingFactor::F_2_4,
];

fn scene(width: u16, height: u16) -> RgbImage {
    let (width, height) = (u32::from(width), u32::from(height));
    RgbImage::from_raw(width, height, scenery(width, height)).unwrap()
}

#[test]
fn every_way_to_store_colours_looks_the_same_at_even_and_odd_sizes() {
    for (width, height) in [(480, 320), (333, 217), (1, 1), (7, 3), (1701, 67)] {
        let scene = scene(width, height);
        for sampling in SAMPLINGS {
            let original = sampled(&scene, width, height, sampling);
            assert_shows(&format!("{sampling:?} of {width} x {height}"), &scene, &original);
        }
    }
}

#[test]
fn photos_shrunk_while_decoding_look_like_those_shrunk_after() {
    let scene = imageops::resize(&scene(1601, 101), 6403, 401, imageops::FilterType::Triangle);
    for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_1, SamplingFactor::F_2_2] {
        assert_shows(&format!("{sampling:?}"), &scene, &sampled(&scene, 6403, 401, sampling));
    }
}

#[test]
fn progressive_restarted_and_grey_photos_look_as_they_should() {
    let scene = scene(333, 217);
    let grey = image::GrayImage::from_raw(333, 217, scene.as_raw()[..333 * 217].to_vec()).unwrap();
    let of = |change: &dyn Fn(&mut Encoder<&mut Vec<u8>>), samples: &[u8], colours| {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 92);
        change(&mut encoder);
        encoder.encode(samples, 333, 217, colours).unwrap();
        out
    };
    assert_shows("progressive", &scene, &of(&|encoder| encoder.set_progressive(true), &scene, ColorType::Rgb));
    assert_shows("restarts", &scene, &of(&|encoder| encoder.set_restart_interval(3), &scene, ColorType::Rgb));
    let colours = image::DynamicImage::ImageLuma8(grey.clone()).into_rgb8();
    assert_shows("grey", &colours, &of(&|_| {}, &grey, ColorType::Luma));
    assert_shows("grey, progressive", &colours, &of(&|encoder| encoder.set_progressive(true), &grey, ColorType::Luma));
}

#[test]
fn red_green_and_blue_stored_as_such_are_not_taken_for_brightness_and_colour() {
    let rgb = [200, 30, 60].repeat(64 * 48);
    let mut stored = Vec::new();
    let mut encoder = Encoder::new(&mut stored, 95);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder.encode(&rgb, 64, 48, ColorType::Ycbcr).unwrap();
    let jfif = segments(&stored).into_iter().find(|(marker, _)| *marker == 0xE0).unwrap().1;
    let adobe = [&[0xFF, 0xEE, 0, 14][..], b"Adobe", &[0, 100, 0, 0, 0, 0, 0]].concat();
    stored.splice(2..2 + 4 + jfif.len(), adobe);
    let shown = open(&render(&stored, &[]).unwrap().display).get_pixel(30, 20).0;
    assert!(shown.iter().zip([200, 30, 60]).all(|(is, should)| is.abs_diff(should) < 12), "{shown:?}");
}

#[test]
fn zeros_between_segments_and_whatever_follows_the_end_do_no_harm() {
    let good = jpeg(96, 64, 1, None);
    let scan = good.windows(2).position(|pair| pair == [0xFF, 0xDB]).unwrap();
    let zeros = [&good[..scan], &[0, 0, 0], &good[scan..]].concat();
    let motion = [&good[..], b"\0\0\0\x18ftypmp42", &[7; 5000], &good[..]].concat();
    let preview_inside = {
        let small = jpeg(16, 16, 1, None);
        let length = u16::try_from(small.len() + 2).unwrap().to_be_bytes();
        [&good[..2], &[0xFF, 0xE3], &length, &small[..], &good[2..]].concat()
    };
    for (what, original) in [("zeros", zeros), ("a film behind it", motion), ("a preview inside", preview_inside)] {
        let made = render(&original, &[]).unwrap();
        assert_eq!((made.width, made.height), (96, 64), "{what}");
        assert!(apart(&open(&made.display), &open(&good)).0 < 4.0, "{what}");
        for rendition in [made.display, made.thumb] {
            assert!(rendition.len() < good.len() + 400, "{what} is carried along");
            assert!(!rendition.windows(4).any(|four| four == b"ftyp"), "{what}");
        }
    }
}

/// Tables of two bytes a step, which only the extended kind may have (ITU-T T.81 table B.4), and some cameras write.
fn with_wide_tables(jpeg: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (jpeg[..2].to_vec(), &jpeg[2..]);
    while let [0xFF, marker, l1, l0, ..] = *rest {
        let (segment, after) = rest.split_at(2 + usize::from(u16::from_be_bytes([l1, l0])));
        rest = after;
        match marker {
            0xDB => {
                let tables = segment[4..].chunks_exact(65);
                let wide: Vec<u8> = tables
                    .flat_map(|table| [vec![0x10 | table[0]], table[1..].iter().flat_map(|step| [0, *step]).collect()].concat())
                    .collect();
                out.extend([0xFF, 0xDB]);
                out.extend(u16::try_from(wide.len() + 2).unwrap().to_be_bytes());
                out.extend(wide);
            }
            0xC0 => {
                out.extend([0xFF, 0xC1]);
                out.extend(&segment[2..]);
            }
            _ => out.extend(segment),
        }
        if marker == 0xDA {
            break;
        }
    }
    out.extend(rest);
    out
}

#[test]
fn wide_tables_and_long_segments_look_as_they_should() {
    let scene = scene(333, 217);
    for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_2] {
        let plain = sampled(&scene, 333, 217, sampling);
        assert_shows("wide tables", &scene, &with_wide_tables(&plain));
        // A camera's own notes of a megabyte, with whole JPEGs in them.
        let notes = [&jpeg(16, 16, 6, None)[..], &[0xFF, 0xD9, 0xFF, 0xDA], &vec![7; 60_000]].concat();
        let segment = [&[0xFF, 0xE4][..], &u16::try_from(notes.len() + 2).unwrap().to_be_bytes(), &notes].concat();
        let long = [&plain[..2], &segment.repeat(16), &plain[2..]].concat();
        assert_shows("long notes", &scene, &long);
        assert!(render(&long, &[]).unwrap().display.len() < plain.len() + 400);
    }
}
