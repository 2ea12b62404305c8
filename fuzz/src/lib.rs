//! What the targets stand on: keys in a folder of their own, and the corpus to begin with.

mod seeds;

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

/// Writes what a target begins with into the corpus that `SALAMA_CORPUS` names, if it does.
pub fn plant(target: &str) {
    let Some(corpus) = std::env::var_os("SALAMA_CORPUS") else { return };
    for (n, seed) in seeds::of(target).into_iter().enumerate() {
        std::fs::write(PathBuf::from(&corpus).join(format!("seed-{n}")), seed).unwrap();
    }
}
