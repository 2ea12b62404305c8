//! What can be wrong with settings, said so that the person who starts the server can mend it. No value is ever quoted:
//! it could be a password.

use std::{fmt, io, path::PathBuf};

/// One setting that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which, as the person wrote it: the key, or the environment variable.
    pub setting: String,
    /// What is wrong with it.
    pub wrong: String,
    /// What to write instead.
    pub write: String,
}

impl Problem {
    pub(super) fn new(setting: impl Into<String>, wrong: impl Into<String>, write: impl Into<String>) -> Self {
        Self { setting: setting.into(), wrong: wrong.into(), write: write.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; write {}", self.setting, self.wrong, self.write)
    }
}

/// The server does not start with these settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A settings file, or a file that holds a value, cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A settings file is no TOML.
    #[error("{}, line {line}: this is no TOML", path.display())]
    NotToml {
        /// Which.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Settings are wrong: all of them are named.
    #[error("wrong settings:{}", listed(.0))]
    Wrong(Vec<Problem>),
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |listed, problem| listed + "\n  " + &problem.to_string())
}
