//! An original on its way into the store: hashed and judged as it comes, and invisible until it is whole.

use std::{error::Error, pin::pin, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload, path::Path};
use sha2::{Digest, Sha256};

use super::{Keeping, PhotoError, intake::HEAD_BYTES, staged::Staged};

/// How much of a photo is held before it is passed on, in bytes; S3 takes no part but the last below 5 MiB.
const PART_BYTES: usize = 5 << 20;
/// The same where it is passed on to a folder: many may arrive at once, and each holds so much. Flushed, it keeps the disk
/// busy for a millisecond.
const PART_TO_FOLDER: usize = 512 << 10;

/// Takes in what arrives, unless it is kept already; tells from its first bytes what it is.
pub(super) async fn take<E, K>(
    arriving: impl Stream<Item = Result<Bytes, E>> + Send,
    sha256: [u8; 32],
    bytes: u64,
    kind: impl Fn(&[u8]) -> Option<K> + Send,
    upload: &mut Upload,
    kept: bool,
) -> Result<K, PhotoError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let mut arriving = pin!(arriving);
    let mut hash = Sha256::new();
    let mut left = bytes;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    while let Some(piece) = arriving.next().await {
        let piece = piece.map_err(|cause| PhotoError::Interrupted(cause.into()))?;
        let came = u64::try_from(piece.len()).map_err(|_| PhotoError::TooLarge)?;
        left = left.checked_sub(came).ok_or(PhotoError::TooLarge)?;
        hash.update(&piece);
        if head.len() < HEAD_BYTES {
            head.extend(piece.iter().take(HEAD_BYTES - head.len()));
            if head.len() == HEAD_BYTES && kind(&head).is_none() {
                return Err(PhotoError::UnknownFormat);
            }
        }
        if !kept {
            upload.add(piece).await?;
        }
    }
    let format = kind(&head).ok_or(PhotoError::UnknownFormat)?;
    if left > 0 {
        return Err(PhotoError::LengthMismatch);
    }
    if hash.finalize().as_slice() != sha256 {
        return Err(PhotoError::HashMismatch);
    }
    if !kept {
        upload.complete().await?;
    }
    Ok(format)
}

/// An original on its way into the store, invisible until it is complete.
pub(super) struct Upload {
    keeping: Keeping,
    path: Path,
    begun: Option<Begun>,
    waiting: BytesMut,
}

/// What was passed on, and is nobody's yet.
enum Begun {
    File(Staged),
    Parts(Box<dyn MultipartUpload>),
}

impl Begun {
    async fn abort(&mut self) -> Result<(), PhotoError> {
        match self {
            Self::File(staged) => staged.abort().await,
            Self::Parts(parts) => Ok(parts.abort().await?),
        }
    }
}

impl Upload {
    /// On its way to that path.
    pub fn new(keeping: Keeping, path: Path) -> Self {
        Self { keeping, path, begun: None, waiting: BytesMut::new() }
    }

    async fn add(&mut self, mut piece: Bytes) -> Result<(), PhotoError> {
        // Copied, as a sender of single bytes would make a list of them far larger than the photo. All parts but the
        // last are of one size, which some S3 services demand.
        let part = if self.keeping.folder.is_some() { PART_TO_FOLDER } else { PART_BYTES };
        while self.waiting.len() + piece.len() >= part {
            self.waiting.extend_from_slice(&piece.split_to(part - self.waiting.len()));
            self.pass_on().await?;
        }
        self.waiting.extend_from_slice(&piece);
        Ok(())
    }

    async fn pass_on(&mut self) -> Result<(), PhotoError> {
        let part = self.waiting.split().freeze();
        let begun = match &mut self.begun {
            Some(begun) => begun,
            none => none.insert(start(&self.keeping, &self.path).await?),
        };
        match begun {
            Begun::File(staged) => staged.add(part, &self.keeping.to_disk).await,
            Begun::Parts(parts) => Ok(parts.put_part(PutPayload::from(part)).await?),
        }
    }

    async fn complete(&mut self) -> Result<(), PhotoError> {
        if !self.waiting.is_empty() {
            self.pass_on().await?;
        }
        match &mut self.begun {
            Some(Begun::File(staged)) => staged.complete().await?,
            Some(Begun::Parts(parts)) => drop(parts.complete().await?),
            None => {}
        }
        self.begun = None;
        Ok(())
    }

    /// Throws away what was passed on. When that fails too, the store's own rule for unfinished uploads removes it.
    pub async fn abort(&mut self) {
        if let Some(mut begun) = self.begun.take()
            && let Err(cause) = begun.abort().await
        {
            tracing::warn!(error = %cause, "an unfinished photo could not be removed");
        }
    }
}

async fn start(keeping: &Keeping, path: &Path) -> Result<Begun, PhotoError> {
    match &keeping.folder {
        Some(folder) => Ok(Begun::File(Staged::start(Arc::clone(folder), path.to_string()).await?)),
        None => Ok(Begun::Parts(keeping.store.put_multipart(path).await?)),
    }
}

impl Drop for Upload {
    /// The caller left in the middle: what was passed on is thrown away behind its back.
    fn drop(&mut self) {
        if let (Some(mut begun), Ok(runtime)) = (self.begun.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { drop(begun.abort().await) });
        }
    }
}
