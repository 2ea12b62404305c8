//! What lies in the photo store, one shelf at a time: its files as their names tell them, and what a loss of power left half
//! written. Whether anybody still counts on a file is not known here.

use std::{
    fs, io,
    path::Path as Folder,
    time::{Duration, SystemTime},
};

use futures_util::TryStreamExt as _;
use object_store::{ObjectMeta, ObjectStoreExt as _, path::Path};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{Keeping, PhotoError, keeping::HELD};
use crate::domain::{ids::PhotoId, time::Instant};

/// The folders of the store that have shelves: one for each first byte of a hash.
const KINDS: [(&str, LyingKind); 3] =
    [("originals", LyingKind::Original), ("statements", LyingKind::Statement), ("renditions", LyingKind::Rendition)];

/// What a file of the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LyingKind {
    /// The exact bytes of a photo, or its bare picture.
    Original,
    /// The file of a statement.
    Statement,
    /// What others see, of all photos with these bytes.
    Rendition,
    /// What others see of this photo alone.
    RenditionOf(PhotoId),
}

impl LyingKind {
    /// Whether it cannot be made again.
    pub const fn is_evidence(self) -> bool {
        matches!(self, Self::Original | Self::Statement)
    }
}

/// A file of the store.
#[derive(Debug, Clone)]
pub struct Lying {
    /// What it is.
    pub kind: LyingKind,
    /// The hash by which it is found.
    pub sha256: [u8; 32],
    /// How many bytes it has.
    pub bytes: u64,
    path: Path,
}

impl Keeping {
    /// The files of the shelf of that number that were last written before that instant. What is not named as ours is left alone.
    pub async fn on_shelf(&self, number: u8, before: Instant) -> Result<Vec<Lying>, PhotoError> {
        let mut all = Vec::new();
        for (folder, kind) in KINDS {
            let under = self.path(&format!("{folder}/{number:02x}"))?;
            let files: Vec<ObjectMeta> = self.store.list(Some(&under)).try_collect().await?;
            let old = files.into_iter().filter(|file| file.last_modified.timestamp_millis() < before.ms());
            all.extend(old.filter_map(|file| lying(kind, &under, file)));
        }
        Ok(all)
    }

    /// Removes a file that nobody counts on.
    pub async fn discard(&self, lying: &Lying) -> Result<(), PhotoError> {
        match self.store.delete(&lying.path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// Removes from that shelf what waited for a report and was written before that instant; gives how many files there were.
    pub async fn clear_held(&self, number: u8, before: Instant) -> Result<u64, PhotoError> {
        let mut cleared = 0;
        let under = self.path(&format!("{HELD}/{number:02x}"))?;
        let files: Vec<ObjectMeta> = self.store.list(Some(&under)).try_collect().await?;
        for file in files.iter().filter(|file| file.last_modified.timestamp_millis() < before.ms()) {
            match self.store.delete(&file.location).await {
                Err(object_store::Error::NotFound { .. }) => {}
                other => other.map(|()| cleared += 1)?,
            }
        }
        Ok(cleared)
    }

    /// Removes what was being written to that shelf and was last touched before that instant; gives how many files there were.
    /// An S3 service hides such parts, and removes them by a rule of its own.
    pub async fn clear_half_written(&self, number: u8, before: Instant) -> Result<u64, PhotoError> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        let before = u64::try_from(before.ms()).unwrap_or_default();
        let before = SystemTime::UNIX_EPOCH + Duration::from_millis(before);
        let clear = move || {
            let kinds = KINDS.iter().map(|(kind, _)| *kind).chain([HELD]);
            let shelves = kinds.map(|kind| folder.join(kind).join(format!("{number:02x}")));
            shelves.map(|folder| clear(&folder, before)).sum::<io::Result<u64>>()
        };
        let cleared = spawn_blocking(clear).await.map_err(|cause| PhotoError::Storage(Box::new(cause)))?;
        cleared.map_err(|cause| PhotoError::Storage(Box::new(cause)))
    }
}

/// Reads the rest of a name: `HASH` of an original or statement, of a rendition `HASH/display.jpg`, or `HASH/PHOTO/2/display.jpg`.
fn lying(folder: LyingKind, under: &Path, file: ObjectMeta) -> Option<Lying> {
    let rest: Vec<String> = file.location.prefix_match(under)?.map(|part| part.as_ref().to_owned()).collect();
    let (name, rest) = rest.split_first()?;
    let sha256: [u8; 32] = hex::decode(name).ok()?.try_into().ok()?;
    let kind = match (folder, rest) {
        (LyingKind::Rendition, [_]) => LyingKind::Rendition,
        (LyingKind::Rendition, [photo, _, _]) => LyingKind::RenditionOf(PhotoId(Uuid::try_parse(photo).ok()?)),
        (LyingKind::Original | LyingKind::Statement, []) => folder,
        _ => return None,
    };
    Some(Lying { kind, sha256, bytes: file.size, path: file.location })
}

fn clear(folder: &Folder, before: SystemTime) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(0),
        other => other?,
    };
    let mut cleared = 0;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            cleared += clear(&entry.path(), before)?;
        } else if is_half_written(&entry.file_name().to_string_lossy()) {
            cleared += u64::from(remove_older(&entry.path(), before)?);
        }
    }
    Ok(cleared)
}

fn remove_older(file: &Folder, before: SystemTime) -> io::Result<bool> {
    let removed = || {
        let old = fs::metadata(file)?.modified()? < before;
        if old { fs::remove_file(file).map(|()| true) } else { Ok(false) }
    };
    match removed() {
        // Whoever wrote it has finished just now.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
        other => other,
    }
}

/// The store's own name for what is not whole yet: the name it is to have, `#` and a number.
fn is_half_written(name: &str) -> bool {
    let number = name.rsplit_once('#').map(|(_, number)| number).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
