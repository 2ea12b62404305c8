//! The photo of the story, and a look at photos as any viewer has it: how large, which way up, what is written inside.

use std::{fs, io::Cursor, path::Path};

use anyhow::Context as _;
use bytes::Bytes;
use exif::{In, Tag};
use sha2::{Digest as _, Sha256};

static SHIPPED: &[u8] = include_bytes!("../../demo/photo.jpg");

/// A photo as a phone has it.
pub struct Photo {
    /// All of it.
    pub bytes: Bytes,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// What it is.
    pub media_type: &'static str,
    /// What can be seen of it.
    pub look: Look,
}

/// What a viewer can tell of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Width as stored, in pixels.
    pub width: u32,
    /// Height as stored, in pixels.
    pub height: u32,
    /// Whether it must be turned a quarter to stand upright.
    pub lies_on_its_side: bool,
    /// Whether a position is written inside.
    pub tells_where: bool,
    /// Whether anything is written inside (EXIF).
    pub has_metadata: bool,
}

impl Photo {
    /// The file, or the photo that comes with the program.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let bytes = match file {
            Some(path) => Bytes::from(fs::read(path).with_context(|| format!("the photo {} cannot be read", path.display()))?),
            None => Bytes::from_static(SHIPPED),
        };
        let look = Look::at(&bytes).context("the photo cannot be read; give a JPEG, PNG or WebP file")?;
        let media_type = match image::guess_format(&bytes) {
            Ok(image::ImageFormat::Png) => "image/png",
            Ok(image::ImageFormat::WebP) => "image/webp",
            _ => "image/jpeg",
        };
        Ok(Self { sha256: Sha256::digest(&bytes).into(), bytes, media_type, look })
    }

    /// Its size in kilobytes, for people.
    pub fn kilobytes(&self) -> usize {
        self.bytes.len().div_ceil(1000)
    }
}

impl Look {
    /// Looks at a photo.
    pub fn at(bytes: &[u8]) -> anyhow::Result<Self> {
        let (width, height) = image::ImageReader::new(Cursor::new(bytes)).with_guessed_format()?.into_dimensions()?;
        let read = exif::Reader::new().continue_on_error(true).read_from_container(&mut Cursor::new(bytes));
        let has_metadata = !matches!(read, Err(exif::Error::NotFound(_)));
        let metadata = read.or_else(|error| error.distill_partial_result(|_| {})).ok();
        let field = |tag| metadata.as_ref().and_then(|read| read.get_field(tag, In::PRIMARY));
        let orientation = field(Tag::Orientation).and_then(|field| field.value.get_uint(0)).unwrap_or(1);
        Ok(Self {
            width,
            height,
            lies_on_its_side: (5..=8).contains(&orientation),
            tells_where: field(Tag::GPSLatitude).is_some(),
            has_metadata,
        })
    }

    /// Width and height as a person sees it.
    pub const fn upright(self) -> (u32, u32) {
        if self.lies_on_its_side { (self.height, self.width) } else { (self.width, self.height) }
    }
}
