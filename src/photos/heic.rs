//! HEIC, as iPhones take it. HEVC is encumbered by patents: without the feature `heic` no decoder is built in, and such
//! photos are kept as evidence without renditions.

#[cfg(not(feature = "heic"))]
pub(super) use without::{decode, outline};

#[cfg(feature = "heic")]
pub(super) use with::{decode, outline};

use super::rendition::Unreadable;

/// What is known of a HEIC photo before anything of it is decoded.
pub(super) struct Outline {
    /// Of the picture that is shown, in pixels, before the container turns it.
    pub width: u32,
    /// Likewise.
    pub height: u32,
    /// The most memory that decoding takes, in bytes, the original not included.
    pub memory: u64,
    /// The pixels of the largest picture that is decoded or put together for it.
    #[cfg(feature = "heic")]
    largest: u64,
}

/// A HEIC photo decoded: upright already, as its container says.
pub(super) struct Decoded {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Four bytes a pixel.
    pub rgba: Vec<u8>,
    /// The ICC profile that says what they mean; without one they are sRGB.
    pub profile: Option<Vec<u8>>,
}

#[cfg(feature = "heic")]
mod with {
    use heifer::{
        Error, Options,
        heifer_hevc_dec::{nal::NalUnit, params::Sps},
        heifer_isobmff::{HeifFile, boxes::Property},
    };

    use super::{Decoded, Outline, Unreadable};
    use crate::photos::intake::MAX_PIXELS;

    /// How deep pictures may be made of pictures: a grid of tiles is two.
    const MAX_DEPTH: u32 = 4;
    /// How many pixels may be decoded for one photo, as the tiles of a grid may hang over it or be hidden by each other.
    const MAX_DECODED: u64 = 4 * MAX_PIXELS;
    /// What a picture counts at least.
    const SMALLEST: u64 = 64 * 64;
    /// Bytes of a decoded pixel.
    const RGBA: u64 = 4;
    /// The kind of a unit of HEVC that says how large the picture is (ITU-T H.265, table 7-1: `SPS_NUT`).
    const SIZE_UNIT: u8 = 33;

    /// Reads what the container and the streams in it say of themselves.
    pub fn outline(original: &[u8]) -> Result<Outline, Unreadable> {
        let file = HeifFile::parse(original).map_err(|_| Unreadable::Damaged)?;
        let (width, height) = file.image_size(file.primary_id).ok().flatten().ok_or(Unreadable::Damaged)?;
        let mut measure = Measure { file: &file, decoded: 0, largest: 0 };
        let cost = measure.item(file.primary_id, 0)?;
        // Without a profile, its colours are brought into sRGB in a second picture.
        let profiled = file.icc_profile(file.primary_id).map_err(|_| Unreadable::Damaged)?.is_some();
        let memory = if profiled { cost.most } else { cost.most.max(2 * cost.kept) };
        Ok(Outline { width, height, memory, largest: measure.largest })
    }

    /// What a picture takes, in bytes.
    struct Cost {
        /// While it is made.
        most: u64,
        /// When it is made.
        kept: u64,
    }

    struct Measure<'a> {
        file: &'a HeifFile<'a>,
        decoded: u64,
        largest: u64,
    }

    impl Measure<'_> {
        fn item(&mut self, id: u32, depth: u32) -> Result<Cost, Unreadable> {
            let item = self.file.item(id).map_err(|_| Unreadable::Damaged)?;
            if depth > MAX_DEPTH {
                return Err(Unreadable::Damaged);
            }
            let mut cost = match &item.item_type.0 {
                b"hvc1" => self.coded(id)?,
                b"grid" => {
                    let grid = self.file.grid(id).map_err(|_| Unreadable::Damaged)?;
                    let kept = RGBA * self.count(u64::from(grid.output_width) * u64::from(grid.output_height))?;
                    let mut most = 0;
                    for tile in self.file.referenced_items(id, b"dimg") {
                        most = self.item(*tile, depth + 1)?.most.max(most);
                    }
                    Cost { most: kept + most, kept }
                }
                b"iden" => {
                    let source = self.file.referenced_items(id, b"dimg").first().ok_or(Unreadable::Damaged)?;
                    self.item(*source, depth + 1)?
                }
                // Overlays among them, which no phone makes.
                _ => return Err(Unreadable::NotSupported),
            };
            for other in self.file.referencing_items(id, b"auxl") {
                if self.properties(other)?.any(is_alpha) {
                    cost.most = cost.most.max(cost.kept + self.item(other, depth + 1)?.most);
                }
            }
            let turned = |property: &Property| {
                matches!(property, Property::CleanAperture { .. } | Property::Rotation(1..) | Property::Mirror(_))
            };
            if self.properties(id)?.any(turned) {
                cost.most = cost.most.max(2 * cost.kept);
            }
            Ok(cost)
        }

        /// A stream may bring its size along in its configuration and again in itself; the largest counts.
        fn coded(&mut self, id: u32) -> Result<Cost, Unreadable> {
            let config = self.file.hevc_config(id).ok().flatten().ok_or(Unreadable::Damaged)?;
            let stream = self.file.item_data(id).map_err(|_| Unreadable::Damaged)?;
            let units = units(&stream, usize::from(config.nal_length_size));
            let (mut pixels, mut samples) = (0, 0);
            for unit in config.nal_units.iter().map(Vec::as_slice).chain(units) {
                if unit.first().is_some_and(|first| first >> 1 & 63 == SIZE_UNIT) {
                    let unit = NalUnit::parse(unit).and_then(|unit| Sps::parse(&unit.rbsp)).map_err(|_| Unreadable::Damaged)?;
                    let size = u64::from(unit.pic_width_in_luma_samples) * u64::from(unit.pic_height_in_luma_samples);
                    // In halves of a sample for each pixel: grey, 4:2:0, 4:2:2, 4:4:4.
                    let halves = [2, 3, 4, 6].get(usize::from(unit.chroma_format_idc)).copied().unwrap_or(6);
                    (pixels, samples) = (size.max(pixels), (size * halves / 2).max(samples));
                }
            }
            let pixels = self.count(pixels)?;
            // Two bytes a sample, and a copy while it is filtered and cropped; then the picture beside them. What is known of
            // each block takes two bytes a pixel, and the stream is copied three times.
            let (frame, kept) = (2 * samples, RGBA * pixels);
            Ok(Cost { most: (2 * frame + 2 * pixels).max(frame + kept) + 3 * stream.len() as u64, kept })
        }

        fn properties(&self, id: u32) -> Result<impl Iterator<Item = &Property>, Unreadable> {
            self.file.item_properties(id).map_err(|_| Unreadable::Damaged)
        }

        fn count(&mut self, pixels: u64) -> Result<u64, Unreadable> {
            self.largest = self.largest.max(pixels);
            self.decoded += pixels.max(SMALLEST);
            match pixels {
                _ if pixels > MAX_PIXELS => Err(Unreadable::TooManyPixels),
                _ if self.decoded > MAX_DECODED => Err(Unreadable::TooCostly),
                _ => Ok(pixels),
            }
        }
    }

    fn is_alpha(property: &Property) -> bool {
        matches!(property, Property::AuxiliaryType(kind) if kind.ends_with(":auxid:1") || kind.ends_with(":alpha"))
    }

    /// The units of a stream, each behind its length.
    fn units(stream: &[u8], length_size: usize) -> impl Iterator<Item = &[u8]> {
        let mut rest = stream;
        std::iter::from_fn(move || {
            let (length, tail) = rest.split_at_checked(length_size.max(1))?;
            let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            let (unit, tail) = tail.split_at_checked(length)?;
            rest = tail;
            Some(unit)
        })
    }

    /// Decodes the picture that is shown. One without a profile may still say that its colours are wider than sRGB: those
    /// are brought into sRGB, as a JPEG could not say it.
    pub fn decode(original: &[u8]) -> Result<Decoded, Unreadable> {
        // What turned out larger than it was said to be is refused.
        let options = Options { max_threads: 1, max_pixels: outline(original)?.largest };
        let profile = heifer::read_metadata(original).map_err(|error| judge(&error))?.icc_profile;
        let image = match &profile {
            Some(_) => heifer::decode_rgba8(original, &options),
            None => match heifer::decode_srgb_rgba8(original, &options) {
                Err(Error::Unsupported(_)) => heifer::decode_rgba8(original, &options),
                other => other,
            },
        };
        let image = image.map_err(|error| judge(&error))?;
        Ok(Decoded { width: image.width, height: image.height, rgba: image.data, profile })
    }

    fn judge(error: &Error) -> Unreadable {
        match error {
            Error::Unsupported(_) => Unreadable::NotSupported,
            _ => Unreadable::Damaged,
        }
    }
}

#[cfg(not(feature = "heic"))]
mod without {
    use super::{Decoded, Outline, Unreadable};

    /// Not without the decoder.
    pub fn outline(_original: &[u8]) -> Result<Outline, Unreadable> {
        Err(Unreadable::NotSupported)
    }

    /// Not without the decoder.
    pub fn decode(_original: &[u8]) -> Result<Decoded, Unreadable> {
        Err(Unreadable::NotSupported)
    }
}
