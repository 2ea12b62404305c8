//! What a photo claims about how it was taken (EXIF). Claims only: they stand beside what the server knows, never instead.
//! Reads JPEG, PNG, `WebP`, HEIC and AVIF, also those that cannot be decoded.

use std::io::Cursor;

use exif::{Exif, In, Reader, Tag, Value};
use jiff::{civil, tz::Offset};

/// The longest name of a maker or model that is kept, in characters.
const NAME_CHARS: usize = 64;

/// The claims of one photo; what is missing or makes no sense is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Captured {
    /// How the stored pixels must be turned, 1 to 8; 1 when it is missing or anything else.
    pub orientation: u8,
    /// When the shutter was pressed, by the camera's clock.
    pub taken_at: Option<TakenAt>,
    /// Where.
    pub position: Option<Position>,
    /// Who made the camera.
    pub make: Option<String>,
    /// Which camera it was.
    pub model: Option<String>,
}

/// A local time, as cameras note it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenAt {
    /// What the camera's clock showed.
    pub local: civil::DateTime,
    /// Its distance to UTC. Older phones do not note it, and no zone is assumed for them.
    pub offset: Option<Offset>,
}

/// A position on Earth in degrees (WGS 84 as cameras mean it).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// North is positive, -90 to 90.
    pub latitude: f64,
    /// East is positive, -180 to 180.
    pub longitude: f64,
}

/// Reads what can be read; a photo without EXIF, or with broken EXIF, claims less.
pub fn read(original: &[u8]) -> Captured {
    let found = Reader::new()
        .continue_on_error(true)
        .read_from_container(&mut Cursor::new(original))
        .or_else(|error| error.distill_partial_result(|_| {}));
    let Ok(exif) = found else { return Captured { orientation: 1, taken_at: None, position: None, make: None, model: None } };
    Captured {
        orientation: orientation(&exif).unwrap_or(1),
        taken_at: taken_at(&exif),
        position: position(&exif),
        make: name(&exif, Tag::Make),
        model: name(&exif, Tag::Model),
    }
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
    // No zone on Earth is further from UTC than fourteen hours.
    let minutes = minutes.filter(|minutes| (-14 * 60..=14 * 60).contains(minutes));
    let offset = minutes.and_then(|minutes| Offset::from_seconds(i32::from(minutes) * 60).ok());
    Some(TakenAt { local, offset })
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
