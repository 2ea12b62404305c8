//! Photos made for tests: small, real files, and hostile ones.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// The four corners of the scene held upright: top left, top right, bottom left, bottom right.
pub const CORNERS: [[u8; 3]; 4] = [[220, 30, 30], [30, 200, 30], [30, 30, 220], [230, 210, 40]];

/// The colour of the upright scene there.
fn scene(x: u32, y: u32, width: u32, height: u32) -> [u8; 3] {
    CORNERS[usize::from(x * 2 >= width) + 2 * usize::from(y * 2 >= height)]
}

/// The scene as a camera stores it that was held so that `orientation` turns it upright (EXIF 3.0, tag 0x0112).
pub fn stored(width: u32, height: u32, orientation: u16) -> (Vec<u8>, u16, u16) {
    let lying = (5..=8).contains(&orientation);
    let (w, h) = if lying { (height, width) } else { (width, height) };
    let mut rgb = Vec::new();
    for b in 0..h {
        for a in 0..w {
            let (x, y) = match orientation {
                2 => (width - 1 - a, b),
                3 => (width - 1 - a, height - 1 - b),
                4 => (a, height - 1 - b),
                5 => (b, a),
                6 => (width - 1 - b, a),
                7 => (width - 1 - b, height - 1 - a),
                8 => (b, height - 1 - a),
                _ => (a, b),
            };
            rgb.extend(scene(x, y, width, height));
        }
    }
    (rgb, u16::try_from(w).unwrap(), u16::try_from(h).unwrap())
}

/// Something with edges, fine lines and changing colours, as RGB: soft hills of brightness and a grid over them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 240")]
pub fn scenery(width: u32, height: u32) -> Vec<u8> {
    let wave = |at: f64, length: f64| f64::midpoint((at / length).sin(), 1.0);
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = (f64::from(x), f64::from(y));
            let line = if x % 17 < 2 || y % 23 < 2 { 0.5 } else { 1.0 };
            let hills = wave(fx + fy / 2.0, 61.0) * wave(fy, 83.0) * line;
            rgb.extend([hills, wave(fx, 97.0) * line, wave(fy + fx, 71.0) * line].map(|part| (part * 240.0) as u8));
        }
    }
    rgb
}

/// Any RGB picture as a JPEG that keeps the colours of so many pixels.
pub fn sampled(rgb: &[u8], width: u16, height: u16, sampling: SamplingFactor) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 92);
    encoder.set_sampling_factor(sampling);
    encoder.encode(rgb, width, height, ColorType::Rgb).unwrap();
    out
}

/// A JPEG of the scene, with this EXIF (a TIFF block) when there is some.
pub fn jpeg(width: u32, height: u32, orientation: u16, exif: Option<&[u8]>) -> Vec<u8> {
    let (rgb, w, h) = stored(width, height, orientation);
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 92);
    if let Some(exif) = exif {
        encoder.add_exif_metadata(exif).unwrap();
    }
    encoder.encode(&rgb, w, h, ColorType::Rgb).unwrap();
    out
}

/// A progressive JPEG of the scene.
pub fn progressive(width: u32, height: u32) -> Vec<u8> {
    let (rgb, w, h) = stored(width, height, 1);
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 92);
    encoder.set_progressive(true);
    encoder.encode(&rgb, w, h, ColorType::Rgb).unwrap();
    out
}

/// One EXIF entry: tag, type (TIFF 6.0), count, value bytes.
pub type Entry = (u16, u16, u32, Vec<u8>);

pub fn ascii(tag: u16, text: &str) -> Entry {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    (tag, 2, u32::try_from(bytes.len()).unwrap(), bytes)
}

pub fn short(tag: u16, value: u16) -> Entry {
    (tag, 3, 1, value.to_le_bytes().to_vec())
}

pub fn rationals(tag: u16, signed: bool, parts: &[(u32, u32)]) -> Entry {
    let bytes = parts.iter().flat_map(|(n, d)| [n.to_le_bytes(), d.to_le_bytes()].concat()).collect();
    (tag, if signed { 10 } else { 5 }, u32::try_from(parts.len()).unwrap(), bytes)
}

/// A little-endian TIFF block with a main, an EXIF and a GPS directory.
pub fn exif(main: &[Entry], camera: &[Entry], gps: &[Entry]) -> Vec<u8> {
    let size = |entries: &[Entry], more: usize| {
        let long: usize = entries.iter().map(|entry| if entry.3.len() > 4 { entry.3.len().next_multiple_of(2) } else { 0 }).sum();
        2 + (entries.len() + more) * 12 + 4 + long
    };
    let camera_at = 8 + size(main, 2);
    let gps_at = camera_at + size(camera, 0);
    let pointer = |tag: u16, at: usize| -> Entry { (tag, 4, 1, u32::try_from(at).unwrap().to_le_bytes().to_vec()) };
    let mut main = main.to_vec();
    main.push(pointer(0x8769, camera_at));
    main.push(pointer(0x8825, gps_at));
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    for entries in [&main[..], camera, gps] {
        let mut long_at = out.len() + 2 + entries.len() * 12 + 4;
        let mut long = Vec::new();
        out.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
        for (tag, kind, count, bytes) in entries {
            out.extend(tag.to_le_bytes());
            out.extend(kind.to_le_bytes());
            out.extend(count.to_le_bytes());
            if bytes.len() <= 4 {
                out.extend(bytes);
                out.extend(vec![0; 4 - bytes.len()]);
            } else {
                out.extend(u32::try_from(long_at).unwrap().to_le_bytes());
                long.extend(bytes);
                long.extend(vec![0; bytes.len() % 2]);
                long_at += bytes.len().next_multiple_of(2);
            }
        }
        out.extend([0; 4]);
        out.extend(long);
    }
    out
}

/// The EXIF of a phone at Agadir that was held in this orientation.
pub fn phone_exif(orientation: u16) -> Vec<u8> {
    exif(
        &[ascii(0x010F, "Argana"), ascii(0x0110, "Tamount 3"), short(0x0112, orientation)],
        &[ascii(0x9003, "2026:11:20 09:12:34"), ascii(0x9011, "+01:00")],
        &[
            ascii(1, "N"),
            rationals(2, false, &[(30, 1), (25, 1), (1200, 100)]),
            ascii(3, "W"),
            rationals(4, false, &[(9, 1), (36, 1), (0, 1)]),
        ],
    )
}

/// The marker segments of a JPEG up to its end: marker and body. Written apart from the code under test.
pub fn segments(jpeg: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    let mut at = 2;
    while at + 4 <= jpeg.len() {
        assert_eq!(jpeg[at], 0xFF, "a marker at {at}");
        let marker = jpeg[at + 1];
        let length = usize::from(jpeg[at + 2]) * 256 + usize::from(jpeg[at + 3]);
        found.push((marker, jpeg[at + 4..at + 2 + length].to_vec()));
        if marker == 0xDA {
            break;
        }
        at += 2 + length;
    }
    found
}

/// The same JPEG, saying that it is of another size.
pub fn claim_size(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let at = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0] || pair == [0xFF, 0xC2]).unwrap();
    jpeg[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

/// The same JPEG with so many bytes behind its end, where phones leave things of their own.
pub fn trailed(jpeg: Vec<u8>, bytes: usize) -> Vec<u8> {
    [jpeg, vec![0; bytes]].concat()
}

/// A PNG chunk with its checksum.
pub fn chunk(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.as_bytes().iter().chain(body) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], kind.as_bytes(), body, &(!crc).to_be_bytes()].concat()
}

/// A PNG of nothing but a header and these chunks.
pub fn png(width: u32, height: u32, depth: u8, colour: u8, chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk("IHDR", &header), chunks.concat(), chunk("IDAT", b"x\x9c"), chunk("IEND", b"")].concat()
}

/// A `WebP` file of these chunks.
pub fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, bytes) in chunks {
        body.extend(*kind);
        body.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        body.extend(*bytes);
        body.extend(vec![0; bytes.len() % 2]);
    }
    [&b"RIFF"[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}
