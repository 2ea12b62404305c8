//! What several targets stand on: keys in a folder of their own.

use std::{path::PathBuf, sync::LazyLock};

use salama::{
    clock::Clock,
    credentials::{Keys, Links},
};

/// Keys that sign tokens.
pub static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::open_or_make(&folder("keys"), "https://salama.example").unwrap());
/// Keys that seal links and cursors.
pub static LINKS: LazyLock<Links> = LazyLock::new(|| Links::open_or_make(&folder("links"), &Clock::system()).unwrap());

/// A folder of this machine's for fuzzing, so that what was sealed for the corpus is opened by the targets.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join("salama-fuzz").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
