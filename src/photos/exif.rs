//! What a photo claims about how it was taken (EXIF). Claims only: they stand beside what the server knows, never instead.
//! Reads JPEG, PNG, `WebP`, HEIC and AVIF, also those that cannot be decoded.

use std::io::Cursor;

use exif::{Exif, In, Reader, Tag, Value};
use jiff::{civil, tz::Offset};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::{
    intake::{Format, sniff},
    png,
};
use crate::domain::claims::{Claims, Position, TakenAt};

/// The longest name of a maker or model that is kept, in characters.
const NAME_CHARS: usize = 64;
/// What stands before the block in a JPEG (Exif 3.0, 4.7.2).
const MARK: &[u8] = b"Exif\0\0";
/// The names of texts in which the block is spelt out.
const SPELT_NAMES: [&[u8]; 2] = [b"Raw profile type exif\0", b"Raw profile type APP1\0"];
/// The longest such text, in bytes: a block fits into one segment of a JPEG, and takes two digits a byte.
const MOST_SPELT: usize = 192 << 10;

/// How the stored pixels must be turned, 1 to 8, and what the photo claims; 1 and less where EXIF is missing or broken.
pub(super) fn read(original: &[u8]) -> (u8, Claims) {
    let found = container(original).or_else(|| doubled(original)).or_else(|| spelt_out(original));
    let Some(exif) = found else { return (1, Claims::default()) };
    // The container of HEIC and AVIF says itself how the picture is turned, and the decoder has done it.
    let turned_already = matches!(sniff(original), Some(Format::Heic | Format::Avif));
    let orientation = orientation(&exif).filter(|_| !turned_already).unwrap_or(1);
    let (make, model) = (name(&exif, Tag::Make), name(&exif, Tag::Model));
    (orientation, Claims { taken_at: taken_at(&exif), position: position(&exif), make, model })
}

fn container(original: &[u8]) -> Option<Exif> {
    let mut reader = Reader::new();
    let found = reader.continue_on_error(true).read_from_container(&mut Cursor::new(original));
    found.or_else(|error| error.distill_partial_result(|_| {})).ok()
}

/// Some programs write the mark that belongs to JPEG into `WebP` too, where the block should begin, or write it twice.
fn doubled(original: &[u8]) -> Option<Exif> {
    let chunks = original.get(12..).filter(|_| sniff(original) == Some(Format::Webp))?;
    let at = chunks.windows(4).position(|four| four == b"EXIF")?;
    let mut block = chunks.get(at + 8..)?;
    while let Some(rest) = block.strip_prefix(MARK) {
        block = rest;
    }
    read_block(block)
}

/// Before PNG had a chunk for it, programs spelt the block out as text, in hexadecimal digits and mostly packed: two lines that
/// say what it is and how long, and then the digits.
fn spelt_out(original: &[u8]) -> Option<Exif> {
    let chunks = png::chunks(original).filter(|_| sniff(original) == Some(Format::Png));
    let named = chunks.filter_map(|chunk| {
        let body = chunk.body()?;
        SPELT_NAMES.iter().find_map(|name| body.strip_prefix(*name)).map(|text| (chunk.kind, text))
    });
    // One of each name: unpacking costs time.
    let mut blocks = named.take(SPELT_NAMES.len()).filter_map(|(kind, text)| spelt_block(kind, text));
    blocks.find_map(|block| read_block(block.strip_prefix(MARK).unwrap_or(&block)))
}

fn spelt_block(kind: [u8; 4], text: &[u8]) -> Option<Vec<u8>> {
    let text = match (&kind, text) {
        (b"tEXt", text) if text.len() <= MOST_SPELT => text.to_vec(),
        // The first byte says how it is packed, and there is one way only.
        (b"zTXt", [0, packed @ ..]) => decompress_to_vec_zlib_with_limit(packed, MOST_SPELT).ok()?,
        _ => return None,
    };
    let digits: Vec<&[u8]> = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).skip(2).collect();
    hex::decode(digits.concat()).ok()
}

fn read_block(block: &[u8]) -> Option<Exif> {
    let mut reader = Reader::new();
    let found = reader.continue_on_error(true).read_raw(block.to_vec());
    found.or_else(|error| error.distill_partial_result(|_| {})).ok()
}

fn orientation(exif: &Exif) -> Option<u8> {
    let stated = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    u8::try_from(stated).ok().filter(|turn| (1..=8).contains(turn))
}

fn text(exif: &Exif, tag: Tag) -> Option<&[u8]> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(texts) => texts.first().map(Vec::as_slice),
        _ => None,
    }
}

fn taken_at(exif: &Exif) -> Option<TakenAt> {
    let mut read = exif::DateTime::from_ascii(text(exif, Tag::DateTimeOriginal)?).ok()?;
    let part = |value: u8| i8::try_from(value).ok();
    let local = civil::DateTime::new(
        i16::try_from(read.year).ok()?,
        part(read.month)?,
        part(read.day)?,
        part(read.hour)?,
        part(read.minute)?,
        part(read.second)?,
        0,
    )
    .ok()?;
    let minutes = text(exif, Tag::OffsetTimeOriginal).and_then(|offset| read.parse_offset(offset).ok().and(read.offset));
    let offset = minutes.and_then(|minutes| zone(i32::from(minutes))).or_else(|| by_satellite(exif, local));
    Some(TakenAt { local, offset })
}

/// The distance to UTC, if some place on Earth has it.
fn zone(minutes: i32) -> Option<Offset> {
    let possible = (-12 * 60..=14 * 60).contains(&minutes);
    possible.then(|| Offset::from_seconds(minutes * 60).ok()).flatten()
}

/// Satellites tell the time in UTC. They are asked now and then, so that the difference is taken to the next quarter hour.
fn by_satellite(exif: &Exif, local: civil::DateTime) -> Option<Offset> {
    let day = std::str::from_utf8(text(exif, Tag::GPSDateStamp)?).ok()?;
    let day = civil::Date::strptime("%Y:%m:%d", day.trim_matches(['\0', ' '])).ok()?;
    let Some(Value::Rational(parts)) = exif.get_field(Tag::GPSTimeStamp, In::PRIMARY).map(|field| &field.value) else {
        return None;
    };
    let &[hour, minute, second] = parts.as_slice() else { return None };
    let whole = |part: exif::Rational| i8::try_from(part.num.checked_div(part.denom)?).ok();
    let (hour, minute, second) = (whole(hour)?, whole(minute)?, whole(second)?);
    let utc = civil::DateTime::new(day.year(), day.month(), day.day(), hour, minute, second, 0).ok()?;
    let minutes = local.duration_since(utc).as_secs_f64() / 60.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number; a senseless one is no zone")]
    let quarters = (minutes / 15.0).round() as i32;
    zone(quarters.saturating_mul(15))
}

fn position(exif: &Exif) -> Option<Position> {
    let latitude = degrees(exif, Tag::GPSLatitude)? * sign(exif, Tag::GPSLatitudeRef, b'N', b'S')?;
    let longitude = degrees(exif, Tag::GPSLongitude)? * sign(exif, Tag::GPSLongitudeRef, b'E', b'W')?;
    // Exactly 0/0 is what a phone writes that does not know where it is.
    let known = latitude != 0.0 || longitude != 0.0;
    (known && latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some(Position { latitude, longitude })
}

/// Degrees, minutes and seconds; some phones write them signed, which the standard does not foresee.
fn degrees(exif: &Exif, tag: Tag) -> Option<f64> {
    let parts: Vec<(f64, f64)> = match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(parts) => parts.iter().map(|part| (f64::from(part.num), f64::from(part.denom))).collect(),
        Value::SRational(parts) => parts.iter().map(|part| (f64::from(part.num), f64::from(part.denom))).collect(),
        _ => return None,
    };
    if parts.is_empty() || parts.len() > 3 || parts.iter().any(|(above, below)| *below <= 0.0 || *above < 0.0) {
        return None;
    }
    Some(parts.iter().zip([1.0, 60.0, 3600.0]).map(|((above, below), share)| above / below / share).sum())
}

fn sign(exif: &Exif, tag: Tag, positive: u8, negative: u8) -> Option<f64> {
    match text(exif, tag)?.first()?.to_ascii_uppercase() {
        letter if letter == positive => Some(1.0),
        letter if letter == negative => Some(-1.0),
        _ => None,
    }
}

/// A name without anything that could upset a terminal, a page or a line of text.
fn name(exif: &Exif, tag: Tag) -> Option<String> {
    let raw = String::from_utf8_lossy(text(exif, tag)?);
    let upsetting =
        |c: &char| c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = raw.chars().filter(|c| !upsetting(c)).collect();
    let short: String = clean.trim().chars().take(NAME_CHARS).collect();
    let short = short.trim_end();
    (!short.is_empty()).then(|| short.to_owned())
}
