//! PNGs of every kind the standard has, written here bit by bit: each shows the colour it was given.

use super::{quality::open, samples::phone_exif};
use crate::{
    domain::claims::Claims,
    photos::{exif::read, rendition::render},
};

const SIDE: u32 = 64;
/// The seven passes of an interlaced PNG (ISO/IEC 15948 section 8.2): first column and row, and the steps between.
const PASSES: [(u32, u32, u32, u32); 7] =
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [&kind[..], body].concat();
    let sum = !named.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
    });
    [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &named, &sum.to_be_bytes()].concat()
}

/// Bytes as zlib has them when it leaves them as they are.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(60_000).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(blocks.peek().is_none()));
        out.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        out.extend(block);
    }
    let (one, two) = bytes.iter().fold((1_u32, 0_u32), |(one, two), byte| {
        let one = (one + u32::from(*byte)) % 65_521;
        (one, (two + one) % 65_521)
    });
    out.extend((two << 16 | one).to_be_bytes());
    out
}

/// A PNG of one colour all over: `bits` of a sample, the kind of colour, and a pixel's bytes (for fewer than eight bits a byte
/// of equal pixels).
fn png(bits: u8, colour: u8, pixel: &[u8], extra: &[Vec<u8>], interlaced: bool) -> Vec<u8> {
    let rows = |columns: u32, rows: u32| {
        let bytes = if bits < 8 { (columns * u32::from(bits)).div_ceil(8) } else { columns };
        let row = [&[0][..], &pixel.repeat(usize::try_from(bytes).unwrap())].concat();
        if columns == 0 { vec![] } else { row.repeat(usize::try_from(rows).unwrap()) }
    };
    let lines = if interlaced {
        PASSES.iter().flat_map(|(x, y, dx, dy)| rows((SIDE - x).div_ceil(*dx), (SIDE - y).div_ceil(*dy))).collect()
    } else {
        rows(SIDE, SIDE)
    };
    let head = [&SIDE.to_be_bytes()[..], &SIDE.to_be_bytes(), &[bits, colour, 0, 0, u8::from(interlaced)]].concat();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    out.extend(chunk(*b"IHDR", &head));
    out.extend(extra.concat());
    out.extend([chunk(*b"IDAT", &stored(&lines)), chunk(*b"IEND", &[])].concat());
    out
}

fn assert_shows(what: &str, png: &[u8], colour: [u8; 3]) {
    let made = render(png, &[]).unwrap_or_else(|why| panic!("{what}: {why}"));
    assert_eq!((made.width, made.height), (SIDE, SIDE), "{what}");
    for rendition in [made.display, made.thumb] {
        let shown = open(&rendition).get_pixel(SIDE / 2, SIDE / 2).0;
        assert!(shown.iter().zip(colour).all(|(is, should)| is.abs_diff(should) < 6), "{what}: {shown:?} for {colour:?}");
    }
}

#[test]
fn every_depth_and_kind_of_colour_is_shown_interlaced_or_not() {
    let palette = chunk(*b"PLTE", &[10, 20, 30, 200, 120, 40]);
    let clear = chunk(*b"tRNS", &[255, 0]);
    for interlaced in [false, true] {
        let shows = |what: &str, bits, colour, pixel: &[u8], extra: &[Vec<u8>], shown| {
            assert_shows(&format!("{what}, interlaced: {interlaced}"), &png(bits, colour, pixel, extra, interlaced), shown);
        };
        shows("8 bits", 8, 2, &[200, 120, 40], &[], [200, 120, 40]);
        shows("16 bits", 16, 2, &[200, 7, 120, 7, 40, 7], &[], [200, 120, 40]);
        shows("grey", 8, 0, &[90], &[], [90; 3]);
        shows("grey of 16 bits", 16, 0, &[90, 200], &[], [90; 3]);
        shows("black and white", 1, 0, &[0xFF], &[], [255; 3]);
        shows("grey of 4 bits", 4, 0, &[0x66], &[], [0x66; 3]);
        shows("a palette", 8, 3, &[1], std::slice::from_ref(&palette), [200, 120, 40]);
        shows("a palette of 2 bits", 2, 3, &[0b0101_0101], std::slice::from_ref(&palette), [200, 120, 40]);
        shows("a palette one can see through", 8, 3, &[1], &[palette.clone(), clear.clone()], [255; 3]);
        shows("half seen through", 8, 6, &[200, 120, 40, 128], &[], [228, 187, 147]);
        shows("half seen through, 16 bits", 16, 6, &[200, 0, 120, 0, 40, 0, 128, 0], &[], [228, 187, 147]);
        shows("grey half seen through", 8, 4, &[90, 128], &[], [172; 3]);
    }
}

/// A block of EXIF as text: what it is, how long, and lines of digits.
fn spelt(block: &[u8]) -> Vec<u8> {
    let lines: Vec<String> = block.chunks(36).map(hex::encode).collect();
    format!("\nexif\n{:8}\n{}\n", block.len(), lines.join("\n")).into_bytes()
}

fn text(name: &str, text: &[u8]) -> Vec<u8> {
    chunk(*b"tEXt", &[name.as_bytes(), b"\0", text].concat())
}

fn packed(name: &str, text: &[u8]) -> Vec<u8> {
    chunk(*b"zTXt", &[name.as_bytes(), b"\0\0", &stored(text)].concat())
}

#[test]
fn exif_that_older_programs_spelt_out_as_text_is_read() {
    let noted = [b"Exif\0\0", &phone_exif(6)[..]].concat();
    let other = text("Raw profile type APP1", &spelt(b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"));
    for extra in [
        vec![text("Raw profile type exif", &spelt(&noted))],
        vec![packed("Raw profile type exif", &spelt(&noted))],
        vec![packed("Raw profile type APP1", &spelt(&noted[6..]))],
        vec![other.clone(), text("Comment", b"nothing"), packed("Raw profile type exif", &spelt(&noted))],
    ] {
        let (orientation, claims) = read(&png(8, 2, &[200, 120, 40], &extra, false));
        assert_eq!((orientation, claims.make.as_deref()), (6, Some("Argana")));
    }
}

#[test]
fn text_that_is_no_exif_or_swells_is_passed_over() {
    let noted = [b"Exif\0\0", &phone_exif(6)[..]].concat();
    for extra in [
        text("Raw profile type exif", b""),
        text("Raw profile type exif", b"\nexif\n 4\nno digits"),
        text("Raw profile type iptc", &spelt(&noted)),
        packed("Raw profile type exif", &spelt(&noted.repeat(2000))),
        chunk(*b"zTXt", b"Raw profile type exif\0\0\xFF\xFF"),
    ] {
        assert_eq!(read(&png(8, 2, &[200, 120, 40], &[extra], false)), (1, Claims::default()));
    }
}
