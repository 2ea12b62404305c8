//! What counts as a photo: its kind told by its first bytes, never by a name, and the limits it must keep.
//! Nothing is decoded here.

use super::PhotoError;

/// The most pixels a photo may have and still be rendered: the largest phone cameras give about 48 million.
pub const MAX_PIXELS: u64 = 50_000_000;
/// The longest side, in pixels, a photo may have and still be rendered.
pub const MAX_SIDE: u32 = 12_000;
/// How many of a photo's first bytes `sniff` wants to see; fewer will do when there are no more.
pub const HEAD_BYTES: usize = 64;

/// The kinds of photo that are taken in. AVIF is kept as evidence, but no rendition is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG (ITU-T T.81), baseline or progressive.
    Jpeg,
    /// PNG.
    Png,
    /// `WebP`, still pictures only.
    Webp,
    /// HEIC or HEIF, as iPhones take them.
    Heic,
    /// AVIF.
    Avif,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::Webp, Self::Heic, Self::Avif];

    /// The media type the original is served with.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
        }
    }

    /// Reads the media type a sender declared; `application/octet-stream` says nothing, which is `None`.
    /// Fails with `UnknownFormat` for anything that is no photo of ours. What the photo is, only its bytes say.
    pub fn declared(media_type: &str) -> Result<Option<Self>, PhotoError> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "image/jpeg" => Ok(Some(Self::Jpeg)),
            "image/png" => Ok(Some(Self::Png)),
            "image/webp" => Ok(Some(Self::Webp)),
            "image/heic" | "image/heif" => Ok(Some(Self::Heic)),
            "image/avif" => Ok(Some(Self::Avif)),
            "application/octet-stream" => Ok(None),
            _ => Err(PhotoError::UnknownFormat),
        }
    }
}

/// The kind of photo that starts with these bytes, if it is one of ours.
pub fn sniff(head: &[u8]) -> Option<Format> {
    match head {
        [0xFF, 0xD8, 0xFF, ..] => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Format::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::Webp),
        [s3, s2, s1, s0, b'f', b't', b'y', b'p', brands @ ..] => {
            let stated = usize::try_from(u32::from_be_bytes([*s3, *s2, *s1, *s0])).ok()?.checked_sub(8)?;
            sniff_brands(brands.get(..stated).unwrap_or(brands))
        }
        _ => None,
    }
}

/// The body of an ISO `ftyp` box: a major brand, a version, then compatible brands (ISO/IEC 14496-12, 23008-12).
fn sniff_brands(body: &[u8]) -> Option<Format> {
    let mut brands = body.chunks_exact(4);
    let major = brands.next()?;
    let rest = brands.skip(1);
    match major {
        b"avif" | b"avis" => Some(Format::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(Format::Heic),
        // The two general brands say only "a picture": the compatible ones say of what kind.
        b"mif1" | b"msf1" => rest.into_iter().find_map(|brand| match brand {
            b"avif" | b"avis" => Some(Format::Avif),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(Format::Heic),
            _ => None,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_kind() {
        assert_eq!(sniff(b"\xFF\xD8\xFF\xE1rest"), Some(Format::Jpeg));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some(Format::Png));
        assert_eq!(sniff(b"RIFF\x10\0\0\0WEBPVP8 "), Some(Format::Webp));
        assert_eq!(sniff(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Some(Format::Heic));
        assert_eq!(sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf"), Some(Format::Heic));
        assert_eq!(sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"), Some(Format::Avif));
        assert_eq!(sniff(b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf"), Some(Format::Avif));
    }

    #[test]
    fn what_is_no_photo_of_ours_has_no_kind() {
        let others: [&[u8]; 11] = [
            b"",
            b"\xFF\xD8",
            b"GIF89a",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<html><script>",
            b"%PDF-1.7",
            b"II*\0",
            b"BM",
            b"RIFF\x10\0\0\0WAVEfmt ",
            b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
            b"\0\0\0\x04ftypheic",
        ];
        for head in others {
            assert_eq!(sniff(head), None, "{head:?}");
        }
    }

    #[test]
    fn brands_outside_the_stated_box_are_not_believed() {
        assert_eq!(sniff(b"\0\0\0\x10ftypmif1\0\0\0\0avif"), None);
    }

    #[test]
    fn a_declared_type_is_read_without_its_parameters_and_octets_say_nothing() {
        assert_eq!(Format::declared("image/JPEG; q=1").unwrap(), Some(Format::Jpeg));
        assert_eq!(Format::declared("image/heif").unwrap(), Some(Format::Heic));
        assert_eq!(Format::declared("application/octet-stream").unwrap(), None);
        for other in ["image/svg+xml", "image/gif", "text/html", ""] {
            assert!(matches!(Format::declared(other), Err(PhotoError::UnknownFormat)), "{other}");
        }
        for format in Format::ALL {
            assert_eq!(Format::declared(format.media_type()).unwrap(), Some(format));
        }
    }
}
