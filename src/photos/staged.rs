//! A photo on its way into a folder. It goes to the disk piece by piece while it arrives, so that nobody who writes to the same
//! disk waits for more than a piece, and gets its name when it is whole.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path as Folder, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::PhotoError;

/// A file that nobody sees yet. What a crash leaves of it is swept by its name.
#[derive(Debug)]
pub(super) struct Staged {
    file: Arc<File>,
    from: PathBuf,
    to: PathBuf,
}

impl Staged {
    /// Starts the file that is to have that name in the folder.
    pub async fn start(folder: Arc<Folder>, name: String) -> Result<Self, PhotoError> {
        let start = move || {
            let to = folder.join(name);
            make_shelf(&folder, to.parent().unwrap_or(&folder))?;
            // Somebody else may send the same photo just now.
            let mut number = 1_u64;
            loop {
                let mut from = to.clone().into_os_string();
                from.push(format!("#{number}"));
                let from = PathBuf::from(from);
                match File::create_new(&from) {
                    Ok(file) => return Ok(Self { file: Arc::new(file), from, to }),
                    Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => number += 1,
                    Err(cause) => return Err(cause),
                }
            }
        };
        aside(start).await
    }

    /// Adds a piece, which has reached the disk when this returns.
    pub async fn add(&self, piece: Bytes, to_disk: &Semaphore) -> Result<(), PhotoError> {
        let file = Arc::clone(&self.file);
        let _turn = to_disk.acquire().await;
        aside(move || (&*file).write_all(&piece).and_then(|()| file.sync_data())).await
    }

    /// Gives it its name, over what had it before.
    pub async fn complete(&self) -> Result<(), PhotoError> {
        let (from, to) = (self.from.clone(), self.to.clone());
        aside(move || fs::rename(from, &to).and_then(|()| sync_folder(to.parent().unwrap_or(&to)))).await
    }

    /// Throws it away.
    pub async fn abort(&self) -> Result<(), PhotoError> {
        let from = self.from.clone();
        aside(move || fs::remove_file(from)).await
    }
}

/// Makes a shelf of the folder that outlives a power cut.
fn make_shelf(folder: &Folder, shelf: &Folder) -> io::Result<()> {
    if shelf.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(shelf)?;
    shelf.ancestors().skip(1).take_while(|above| above.starts_with(folder)).try_for_each(sync_folder)
}

fn sync_folder(folder: &Folder) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, PhotoError> {
    let done = spawn_blocking(work).await.map_err(|cause| PhotoError::Storage(Box::new(cause)))?;
    done.map_err(|cause| PhotoError::Storage(Box::new(cause)))
}
