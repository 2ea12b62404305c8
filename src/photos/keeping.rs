//! Where photos are kept: a folder or an S3 bucket behind one struct, under names made of their own SHA-256.
//! An original is visible only once it is whole and is never altered. Who may see it is decided elsewhere.

use std::{error::Error, ops::Range, path::Path as Folder, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    GetOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem,
    memory::InMemory, path::Path,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use url::{Host, Url};
use uuid::Uuid;

use super::{
    PhotoError,
    arriving::{Upload, take},
    intake::{Format, sniff},
};
use crate::domain::photo::Photo;

/// The folder of photos that wait for their reports.
pub(super) const HELD: &str = "held";

/// How the S3 service knows us.
#[derive(Debug, Clone, Default)]
pub enum S3Access {
    /// By the machine we run on (instance or container role).
    #[default]
    Machine,
    /// By a key pair.
    Keys {
        /// The access key's id.
        id: String,
        /// The secret access key.
        secret: SecretString,
    },
}

/// The photo store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keeping {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) prefix: Path,
    /// The folder, where it is one of this machine.
    pub(super) folder: Option<Arc<Folder>>,
    pub(super) to_disk: Arc<Semaphore>,
}

/// How many files, or pieces of files, go to the disk of a folder at once: where more do, whoever writes a line into the
/// database on it waits for them all. A bucket takes as many as come.
const TO_DISK: usize = 1;

/// Where the original with this SHA-256 is kept.
pub fn original_key(sha256: &[u8; 32]) -> String {
    let name = hex::encode(sha256);
    format!("originals/{}/{name}", name.get(..2).unwrap_or_default())
}

/// Where the display rendition of this photo is kept.
pub fn display_key(photo: &Photo) -> String {
    rendition_key(photo, "display")
}

/// Where the thumbnail of this photo is kept.
pub fn thumb_key(photo: &Photo) -> String {
    rendition_key(photo, "thumb")
}

/// Where a preview with this SHA-256 is kept, the picture and its thumbnail.
pub fn preview_keys(sha256: &[u8; 32]) -> [String; 2] {
    [shared_key(sha256, "display"), shared_key(sha256, "thumb")]
}

/// Where the file of a statement with this SHA-256 is kept.
pub fn statement_key(sha256: &[u8; 32]) -> String {
    let name = hex::encode(sha256);
    format!("statements/{}/{name}", name.get(..2).unwrap_or_default())
}

/// Where the sealed bytes of a photo that waits for its report are kept.
pub fn held_key(file: Uuid) -> String {
    let name = file.simple().to_string();
    format!("{HELD}/{}/{name}", name.get(..2).unwrap_or_default())
}

/// Photos of the same bytes share their renditions, until something is hidden in one of them.
fn rendition_key(photo: &Photo, kind: &str) -> String {
    match photo.redactions {
        0 => shared_key(photo.kept(), kind),
        n => redacted_key(photo, n, kind),
    }
}

fn shared_key(sha256: &[u8; 32], kind: &str) -> String {
    let name = hex::encode(sha256);
    format!("renditions/{}/{name}/{kind}.jpg", name.get(..2).unwrap_or_default())
}

fn redacted_key(photo: &Photo, redaction: u32, kind: &str) -> String {
    shared_key(photo.kept(), &format!("{}/{redaction}/{kind}", photo.id))
}

impl Keeping {
    /// Opens `file:///folder` (made with mode 700 when missing) or `s3://bucket/prefix?endpoint=…&region=…`.
    /// Fails with `Address` when the text is neither; a bucket is not asked for anything yet, `probe` does that.
    pub fn open(address: &str, s3: S3Access) -> Result<Self, PhotoError> {
        let url = Url::parse(address).map_err(|_| PhotoError::Address("write file:///folder or s3://bucket"))?;
        match url.scheme() {
            "file" => {
                let folder =
                    url.to_file_path().map_err(|()| PhotoError::Address("a folder must be written as file:///folder"))?;
                open_folder(&folder)
            }
            "s3" => open_bucket(&url, s3),
            _ => Err(PhotoError::Address("write file:///folder or s3://bucket")),
        }
    }

    /// A store in memory that ends with the request: for what must leave no trace as it came.
    pub fn in_memory() -> Self {
        let to_disk = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        Self { store: Arc::new(InMemory::new()), prefix: Path::default(), folder: None, to_disk }
    }

    /// Takes in one original as it arrives, holding no more than a part of it. Nothing of it is visible, and after an
    /// error nothing of it is kept, unless exactly `bytes` bytes with this SHA-256 came and they are a photo of ours.
    /// Taking in what is already kept changes nothing.
    pub async fn receive<E>(
        &self,
        arriving: impl Stream<Item = Result<Bytes, E>> + Send,
        sha256: [u8; 32],
        bytes: u64,
    ) -> Result<Format, PhotoError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.receive_as(&original_key(&sha256), arriving, sha256, bytes, sniff).await
    }

    /// The same for any file of evidence, under that key; `kind` tells from its first bytes what it is, or that it is none
    /// of ours.
    pub async fn receive_as<E, K>(
        &self,
        key: &str,
        arriving: impl Stream<Item = Result<Bytes, E>> + Send,
        sha256: [u8; 32],
        bytes: u64,
        kind: impl Fn(&[u8]) -> Option<K> + Send,
    ) -> Result<K, PhotoError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
        K: Send,
    {
        let path = self.path(key)?;
        let kept = match self.store.head(&path).await {
            Ok(found) => found.size == bytes,
            Err(object_store::Error::NotFound { .. }) => false,
            Err(other) => return Err(other.into()),
        };
        let mut upload = Upload::new(self.clone(), path);
        let outcome = take(arriving, sha256, bytes, kind, &mut upload, kept).await;
        if outcome.is_err() {
            upload.abort().await;
        }
        outcome
    }

    /// Keeps these bytes under this key, over what was there.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), PhotoError> {
        let _turn = self.to_disk.acquire().await;
        self.store.put(&self.path(key)?, bytes.into()).await?;
        Ok(())
    }

    /// All bytes under this key; for renditions, and for originals on their way into the darkroom.
    pub async fn get(&self, key: &str) -> Result<Bytes, PhotoError> {
        Ok(self.store.get(&self.path(key)?).await?.bytes().await?)
    }

    /// The bytes from `range.start` up to, not including, `range.end`; cut short where the object ends.
    pub async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes, PhotoError> {
        Ok(self.store.get_range(&self.path(key)?, range).await?)
    }

    /// How many bytes are kept under this key.
    pub async fn size(&self, key: &str) -> Result<u64, PhotoError> {
        Ok(self.store.head(&self.path(key)?).await?.size)
    }

    /// The bytes under this key, or a range of them, piece by piece.
    pub async fn stream(
        &self,
        key: &str,
        range: Option<Range<u64>>,
    ) -> Result<BoxStream<'static, Result<Bytes, PhotoError>>, PhotoError> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        let found = self.store.get_opts(&self.path(key)?, options).await?;
        Ok(found.into_stream().map_err(PhotoError::from).boxed())
    }

    /// Removes an original and what others saw of it, or the file of a statement; what is not there is gone already. The original goes last, so that as
    /// long as anything is there it can be found by its hash.
    pub async fn remove(&self, sha256: &[u8; 32]) -> Result<(), PhotoError> {
        for key in preview_keys(sha256).into_iter().chain([statement_key(sha256), original_key(sha256)]) {
            self.delete(&key).await?;
        }
        Ok(())
    }

    /// Removes what others saw of this photo alone, each time something else was hidden in it.
    pub async fn remove_redacted(&self, photo: &Photo) -> Result<(), PhotoError> {
        for redaction in 1..=photo.redactions {
            for kind in ["display", "thumb"] {
                self.delete(&redacted_key(photo, redaction, kind)).await?;
            }
        }
        Ok(())
    }

    /// Removes the sealed bytes of a photo that waits no more.
    pub async fn remove_held(&self, file: Uuid) -> Result<(), PhotoError> {
        self.delete(&held_key(file)).await
    }

    async fn delete(&self, key: &str) -> Result<(), PhotoError> {
        match self.store.delete(&self.path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// Writes and deletes a tiny object: whether a photo could be taken in now.
    pub async fn probe(&self) -> Result<(), PhotoError> {
        let path = self.path("probe")?;
        self.store.put(&path, PutPayload::from_static(b"ready")).await?;
        // Another server's probe may have been quicker.
        self.delete("probe").await
    }

    pub(super) fn path(&self, key: &str) -> Result<Path, PhotoError> {
        let key = Path::parse(key).map_err(|cause| PhotoError::Storage(Box::new(cause)))?;
        Ok(self.prefix.parts().chain(key.parts()).collect())
    }
}

fn open_folder(folder: &Folder) -> Result<Keeping, PhotoError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|cause| PhotoError::Storage(Box::new(cause)))?;
    // What is answered as kept has reached the disk.
    let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
    let to_disk = Arc::new(Semaphore::new(TO_DISK));
    Ok(Keeping { store: Arc::new(store), prefix: Path::default(), folder: Some(folder.into()), to_disk })
}

fn open_bucket(url: &Url, access: S3Access) -> Result<Keeping, PhotoError> {
    let bucket = url.host_str().filter(|bucket| !bucket.is_empty()).ok_or(PhotoError::Address("name a bucket: s3://bucket"))?;
    let prefix =
        Path::from_url_path(url.path()).map_err(|_| PhotoError::Address("the prefix after the bucket cannot be used"))?;
    // A photo is better sent again by the phone than kept waiting for minutes.
    let retry = RetryConfig { max_retries: 4, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_retry(retry);
    for (name, value) in url.query_pairs() {
        builder = match name.as_ref() {
            "region" => builder.with_region(value),
            "endpoint" => {
                let endpoint = Url::parse(&value).map_err(|_| PhotoError::Address("the endpoint is no URL"))?;
                let plain = endpoint.scheme() == "http";
                if !(endpoint.scheme() == "https" || plain && is_loopback(&endpoint)) {
                    return Err(PhotoError::Address("the endpoint must be https, or http on this machine itself"));
                }
                builder.with_endpoint(value).with_allow_http(plain)
            }
            _ => return Err(PhotoError::Address("only endpoint and region may follow the question mark")),
        };
    }
    if let S3Access::Keys { id, secret } = access {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose_secret());
    }
    let to_disk = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
    Ok(Keeping { store: Arc::new(builder.build()?), prefix, folder: None, to_disk })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
