//! HEIC, as iPhones take it. HEVC is encumbered by patents: without the feature `heic` no decoder is built in, and such
//! photos are kept as evidence without renditions.

#[cfg(not(feature = "heic"))]
pub(super) use without::{decode, size};

#[cfg(feature = "heic")]
pub(super) use with::{decode, size};

use super::rendition::Unreadable;

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
    use heifer::{Error, Options, heifer_isobmff::HeifFile};

    use super::{Decoded, Unreadable};
    use crate::photos::intake::MAX_PIXELS;

    /// Of the picture that is shown, in pixels, before the container turns it.
    pub fn size(original: &[u8]) -> Result<(u32, u32), Unreadable> {
        let file = HeifFile::parse(original).map_err(|_| Unreadable::Damaged)?;
        file.image_size(file.primary_id).ok().flatten().ok_or(Unreadable::Damaged)
    }

    /// Decodes the picture that is shown. One without a profile may still say that its colours are wider than sRGB: those
    /// are brought into sRGB, as a JPEG could not say it.
    pub fn decode(original: &[u8]) -> Result<Decoded, Unreadable> {
        let options = Options { max_threads: 1, max_pixels: MAX_PIXELS };
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
    use super::{Decoded, Unreadable};

    /// Not without the decoder.
    pub fn size(_original: &[u8]) -> Result<(u32, u32), Unreadable> {
        Err(Unreadable::NotSupported)
    }

    /// Not without the decoder.
    pub fn decode(_original: &[u8]) -> Result<Decoded, Unreadable> {
        Err(Unreadable::NotSupported)
    }
}
