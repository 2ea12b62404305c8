//! A key in a file of mode 600, made at first start. What the key is for is known to those who open it.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

/// A key cannot be used; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the key {0} cannot be read or written")]
    File(String, #[source] io::Error),
    /// Others may read it.
    #[error("the key {0} can be read by others: run chmod 600 on it, or delete it to have a new one made")]
    Open(String),
    /// It is no key of the form it must have.
    #[error("the key {0} is not {1}")]
    Format(String, &'static str),
}

/// What the file holds; where there is none yet, it is made with what `fresh` gives. Replicas share the folder's content.
pub(super) fn open_or_make(path: &Path, fresh: impl FnOnce() -> io::Result<Vec<u8>>) -> Result<Vec<u8>, KeyError> {
    let failed = |cause| KeyError::File(path.display().to_string(), cause);
    if !path.exists() {
        fresh().and_then(|secret| make(path, &secret)).map_err(failed)?;
    }
    if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open(path.display().to_string()));
    }
    fs::read(path).map_err(failed)
}

/// Makes the file beside its place and moves it there, so that a crash leaves no half a key.
pub(super) fn make(path: &Path, secret: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_added_extension(std::process::id().to_string());
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(secret)?;
    file.sync_all()?;
    match fs::hard_link(&beside, path) {
        // Another process was faster: its key is the key.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    fs::remove_file(&beside)
}
