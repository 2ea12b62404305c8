//! An original on its way into the store: hashed and judged as it comes, and invisible until it is whole.

use std::{error::Error, pin::pin, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, path::Path};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{PhotoError, intake::HEAD_BYTES};

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
    store: Arc<dyn ObjectStore>,
    path: Path,
    part: usize,
    to_disk: Arc<Semaphore>,
    begun: Option<Box<dyn MultipartUpload>>,
    waiting: BytesMut,
}

impl Upload {
    /// On its way to that path in parts of so many bytes, and to the disk when its turn comes.
    pub fn new(store: Arc<dyn ObjectStore>, path: Path, part: usize, to_disk: Arc<Semaphore>) -> Self {
        Self { store, path, part, to_disk, begun: None, waiting: BytesMut::new() }
    }

    async fn add(&mut self, mut piece: Bytes) -> Result<(), PhotoError> {
        // Copied, as a sender of single bytes would make a list of them far larger than the photo. All parts but the
        // last are of one size, which some S3 services demand.
        while self.waiting.len() + piece.len() >= self.part {
            self.waiting.extend_from_slice(&piece.split_to(self.part - self.waiting.len()));
            self.pass_on().await?;
        }
        self.waiting.extend_from_slice(&piece);
        Ok(())
    }

    async fn pass_on(&mut self) -> Result<(), PhotoError> {
        let part = PutPayload::from(self.waiting.split().freeze());
        let begun = match &mut self.begun {
            Some(begun) => begun,
            none => none.insert(self.store.put_multipart(&self.path).await?),
        };
        Ok(begun.put_part(part).await?)
    }

    async fn complete(&mut self) -> Result<(), PhotoError> {
        if !self.waiting.is_empty() {
            self.pass_on().await?;
        }
        if let Some(begun) = &mut self.begun {
            let _turn = self.to_disk.acquire().await;
            begun.complete().await?;
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

impl Drop for Upload {
    /// The caller left in the middle: what was passed on is thrown away behind its back.
    fn drop(&mut self) {
        if let (Some(mut begun), Ok(runtime)) = (self.begun.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { drop(begun.abort().await) });
        }
    }
}
