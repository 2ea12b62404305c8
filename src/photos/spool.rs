//! Where photos lie while they are on their way in pieces: one file for each upload, in a folder of this machine or one that
//! all replicas share. What is told as kept has reached the disk. How far an upload is, and whose it is, is not known here.

use std::{
    collections::HashMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use tokio::{
    fs::{self, File},
    io::{AsyncSeekExt as _, AsyncWriteExt as _},
    sync::{Mutex as Alone, OwnedMutexGuard},
};
use tokio_util::{io::ReaderStream, sync::CancellationToken};
use uuid::Uuid;

use super::PhotoError;

/// How many bytes are read at once.
const PIECE: usize = 64 << 10;
/// How a file of this folder ends.
const PART: &str = "part";
/// Where the metadata of a sealed upload would lie in its file: far behind the last byte of any photo.
const METADATA_AT: u64 = 1 << 60;
/// How many bytes the cipher works on at once.
const BLOCK: u64 = 16;

/// The folder, and who writes to which file of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: Arc<Path>,
    lines: Arc<Mutex<HashMap<Uuid, Weak<Line>>>>,
}

/// Those who want to write to one file.
#[derive(Debug, Default)]
struct Line {
    alone: Arc<Alone<()>>,
    newest: Mutex<CancellationToken>,
}

/// The right to write to one file, of this process; until it is dropped, or a newer request asks for it.
#[derive(Debug)]
pub struct Turn {
    /// Cancelled when somebody newer waits.
    pub superseded: CancellationToken,
    _alone: OwnedMutexGuard<()>,
    _line: Arc<Line>,
}

/// What the bytes of an upload are hidden under while they lie here, where nothing may be found of them: AES-256 in counter
/// mode, so that any byte can follow any other. Whether they are those announced, their SHA-256 tells.
#[derive(Clone)]
pub struct Seal {
    /// Known to whoever sends the photo, and kept nowhere.
    pub key: [u8; 32],
    /// How often it began anew, so that no two files are hidden in the same way.
    pub round: u32,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// Hides bytes that lie at this place, or shows them again.
    fn apply(&self, at: u64, bytes: &mut [u8]) -> Result<(), PhotoError> {
        let failed = |_| PhotoError::Storage("the cipher failed".into());
        let mut counter = [0; 16];
        let (round, block) = counter.split_at_mut(8);
        round.copy_from_slice(&u64::from(self.round).to_be_bytes());
        block.copy_from_slice(&(at / BLOCK).to_be_bytes());
        let before = usize::try_from(at % BLOCK).unwrap_or_default();
        let mut whole = vec![0; before + bytes.len()];
        whole.get_mut(before..).unwrap_or_default().copy_from_slice(bytes);
        let key = UnboundCipherKey::new(&AES_256, &self.key).and_then(EncryptingKey::ctr).map_err(failed)?;
        key.less_safe_encrypt(&mut whole, EncryptionContext::Iv128((&counter).into())).map_err(failed)?;
        bytes.copy_from_slice(whole.get(before..).unwrap_or_default());
        Ok(())
    }

    /// Words that go with the upload, hidden.
    pub fn hide(&self, words: &str) -> Result<String, PhotoError> {
        let mut bytes = words.as_bytes().to_vec();
        self.apply(METADATA_AT, &mut bytes)?;
        Ok(hex::encode(bytes))
    }

    /// The same words again.
    pub fn show(&self, hidden: &str) -> Result<String, PhotoError> {
        let failed = || PhotoError::Storage("what was hidden cannot be shown".into());
        let mut bytes = hex::decode(hidden).map_err(|_| failed())?;
        self.apply(METADATA_AT, &mut bytes)?;
        String::from_utf8(bytes).map_err(|_| failed())
    }
}

impl Spool {
    /// Opens the folder, and makes it with mode 700 when it is missing.
    pub fn open(folder: &Path) -> Result<Self, PhotoError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(storage)?;
        Ok(Self { folder: folder.into(), lines: Arc::default() })
    }

    /// Waits for the right to write to a file. Whoever has it is told to stop, as the phone that asks now has given up the
    /// line it used before.
    pub async fn turn(&self, id: Uuid) -> Turn {
        let line = self.line(id);
        let superseded = CancellationToken::new();
        {
            let mut newest = line.newest.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *newest, superseded.clone()).cancel();
        }
        let alone = line.alone.clone().lock_owned().await;
        Turn { superseded, _alone: alone, _line: line }
    }

    fn line(&self, id: Uuid) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&id).and_then(Weak::upgrade) {
            return line;
        }
        lines.retain(|_, line| line.strong_count() > 0);
        let line = Arc::default();
        lines.insert(id, Arc::downgrade(&line));
        line
    }

    /// How many bytes lie here.
    pub async fn length(&self, id: Uuid) -> Result<u64, PhotoError> {
        match fs::metadata(self.path(id)).await {
            Ok(file) => Ok(file.len()),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(cause) => Err(storage(cause)),
        }
    }

    /// Opens a file to go on at that byte; what lies behind it was never told as kept, and goes.
    pub async fn write(&self, id: Uuid, at: u64, seal: Option<Seal>) -> Result<Part, PhotoError> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(self.path(id)).await.map_err(storage)?;
        file.set_len(at).await.map_err(storage)?;
        file.seek(io::SeekFrom::Start(at)).await.map_err(storage)?;
        if at == 0 {
            // A new file is found after a loss of power only when its folder has reached the disk as well.
            File::open(&self.folder).await.map_err(storage)?.sync_all().await.map_err(storage)?;
        }
        Ok(Part { file, at, seal })
    }

    /// What lies here, piece by piece.
    pub async fn read(
        &self,
        id: Uuid,
        seal: Option<Seal>,
    ) -> Result<impl Stream<Item = Result<Bytes, PhotoError>> + Send + use<>, PhotoError> {
        let file = File::open(self.path(id)).await.map_err(storage)?;
        let mut at = 0;
        Ok(ReaderStream::with_capacity(file, PIECE).map_err(storage).and_then(move |piece| {
            let shown = shown(piece, at, seal.as_ref());
            at += shown.as_ref().map_or(0, |piece| piece.len() as u64);
            std::future::ready(shown)
        }))
    }

    /// Removes a file; what is not there is gone already.
    pub async fn remove(&self, id: Uuid) -> Result<(), PhotoError> {
        match fs::remove_file(self.path(id)).await {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(storage(cause)),
            _ => Ok(()),
        }
    }

    /// The uploads that have a file here.
    pub async fn all(&self) -> Result<Vec<Uuid>, PhotoError> {
        let (mut all, mut entries) = (Vec::new(), fs::read_dir(&self.folder).await.map_err(storage)?);
        while let Some(entry) = entries.next_entry().await.map_err(storage)? {
            let path = PathBuf::from(entry.file_name());
            let id = path.extension().filter(|end| *end == PART).and(path.file_stem()).and_then(|name| name.to_str());
            all.extend(id.and_then(|id| Uuid::try_parse(id).ok()));
        }
        Ok(all)
    }

    fn path(&self, id: Uuid) -> PathBuf {
        self.folder.join(format!("{}.{PART}", id.simple()))
    }
}

fn shown(piece: Bytes, at: u64, seal: Option<&Seal>) -> Result<Bytes, PhotoError> {
    let Some(seal) = seal else { return Ok(piece) };
    let mut piece = Vec::from(piece);
    seal.apply(at, &mut piece)?;
    Ok(piece.into())
}

/// A file that is written to.
#[derive(Debug)]
pub struct Part {
    file: File,
    at: u64,
    seal: Option<Seal>,
}

impl Part {
    /// Adds bytes to the end.
    pub async fn add(&mut self, bytes: &[u8]) -> Result<(), PhotoError> {
        let came = bytes.len() as u64;
        match &self.seal {
            Some(seal) => {
                let mut hidden = bytes.to_vec();
                seal.apply(self.at, &mut hidden)?;
                self.file.write_all(&hidden).await.map_err(storage)?;
            }
            None => self.file.write_all(bytes).await.map_err(storage)?,
        }
        self.at += came;
        Ok(())
    }

    /// How many bytes there are.
    pub const fn length(&self) -> u64 {
        self.at
    }

    /// Returns when all that was added has reached the disk.
    pub async fn sync(&mut self) -> Result<(), PhotoError> {
        self.file.flush().await.map_err(storage)?;
        self.file.sync_data().await.map_err(storage)
    }

    /// Takes off what was added behind that byte.
    pub async fn cut(&mut self, at: u64) -> Result<(), PhotoError> {
        self.file.flush().await.map_err(storage)?;
        self.file.set_len(at).await.map_err(storage)?;
        self.file.seek(io::SeekFrom::Start(at)).await.map_err(storage)?;
        self.at = at;
        Ok(())
    }
}

fn storage(cause: io::Error) -> PhotoError {
    PhotoError::Storage(Box::new(cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn everything(spool: &Spool, id: Uuid, seal: Option<Seal>) -> Vec<u8> {
        spool.read(id, seal).await.unwrap().try_fold(vec![], async |all, piece| Ok([all, piece.to_vec()].concat())).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_added_piece_by_piece_reads_whole_and_sealed_bytes_are_nowhere_to_be_found() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(&folder.path().join("spool")).unwrap();
        let text: Vec<u8> = b"the valve stood open ".repeat(9000);
        for seal in [None, Some(Seal { key: [7; 32], round: 3 })] {
            let id = Uuid::from_u128(u128::from(seal.is_some()) + 1);
            let mut at = 0;
            for size in [1, 15, 16, 17, 1000, 70_001].into_iter().cycle() {
                let mut part = spool.write(id, at as u64, seal.clone()).await.unwrap();
                let end = (at + size).min(text.len());
                part.add(&text[at..end]).await.unwrap();
                part.add(b"more than is told as kept").await.unwrap();
                part.cut(end as u64).await.unwrap();
                part.sync().await.unwrap();
                at = end;
                if at == text.len() {
                    break;
                }
            }
            assert_eq!(spool.length(id).await.unwrap(), text.len() as u64);
            assert!(everything(&spool, id, seal.clone()).await == text);
            let raw = everything(&spool, id, None).await;
            assert_eq!(raw.windows(5).any(|window| window == b"valve"), seal.is_none());
        }
        assert_eq!(spool.all().await.unwrap().len(), 2);
        spool.remove(Uuid::from_u128(1)).await.unwrap();
        spool.remove(Uuid::from_u128(1)).await.unwrap();
        assert_eq!(spool.all().await.unwrap(), [Uuid::from_u128(2)]);
        assert_eq!(spool.length(Uuid::from_u128(1)).await.unwrap(), 0);
    }

    #[test]
    fn words_are_hidden_and_shown_by_their_key_alone() {
        let seal = Seal { key: [7; 32], round: 0 };
        let hidden = seal.hide("filename S2hhZGlqYQ==").unwrap();
        assert!(!hidden.contains("filename"));
        assert_eq!(seal.show(&hidden).unwrap(), "filename S2hhZGlqYQ==");
        assert!(Seal { key: [8; 32], round: 0 }.show(&hidden).map_or(true, |shown| !shown.contains("filename")));
    }

    #[tokio::test]
    async fn the_newest_gets_its_turn_when_those_before_it_have_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        let id = Uuid::from_u128(1);
        let first = spool.turn(id).await;
        let waits = || {
            let spool = spool.clone();
            tokio::spawn(async move { spool.turn(id).await })
        };
        let second = waits();
        tokio::task::yield_now().await;
        let third = waits();
        let other = spool.turn(Uuid::from_u128(2)).await;
        assert!(!other.superseded.is_cancelled());
        first.superseded.cancelled().await;
        drop(first);
        let second = second.await.unwrap();
        second.superseded.cancelled().await;
        drop(second);
        assert!(!third.await.unwrap().superseded.is_cancelled());
    }
}
