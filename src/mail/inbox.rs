//! The folder that mails which come to our address are dropped into, whole: plain files, or a Maildir. Whoever drops one
//! writes it under a name that begins with a dot, or into `tmp`, and renames it then.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::{
    fs::{self, File},
    io::AsyncReadExt as _,
};

/// The most that is read of one mail, in bytes: a delivery status gives back our own small mails.
const LARGEST: u64 = 1 << 20;

/// The folder. Cheap to make.
#[derive(Debug)]
pub struct Inbox<'a>(pub &'a Path);

/// Where a mail is put once it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pile {
    /// It was about one of our mails.
    Done,
    /// It was none of our business.
    Aside,
}

impl Inbox<'_> {
    /// Up to so many mails that wait, in the order of their names.
    pub async fn waiting(&self, most: usize) -> io::Result<Vec<PathBuf>> {
        let mut waiting = Vec::new();
        for folder in [self.0.to_owned(), self.0.join("new")] {
            let mut entries = match fs::read_dir(&folder).await {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound && folder != self.0 => continue,
                Err(error) => return Err(error),
            };
            while let Some(entry) = entries.next_entry().await? {
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                // Not followed: a link could lead out of the folder.
                if !hidden && entry.file_type().await?.is_file() {
                    waiting.push(entry.path());
                }
            }
        }
        waiting.sort();
        waiting.truncate(most);
        Ok(waiting)
    }

    /// The mail in a file; none when it is larger than any that could be meant for us.
    pub async fn read(&self, file: &Path) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        File::open(file).await?.take(LARGEST + 1).read_to_end(&mut bytes).await?;
        Ok(Some(bytes).filter(|bytes| u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST)))
    }

    /// Puts a mail onto a pile. That another replica has done so already is no failure.
    pub async fn put(&self, file: &Path, pile: Pile) -> io::Result<()> {
        let folder = self.0.join(if pile == Pile::Done { "done" } else { "aside" });
        fs::create_dir_all(&folder).await?;
        match fs::rename(file, folder.join(file.file_name().unwrap_or_default())).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}
