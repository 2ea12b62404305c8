//! Where settings come from: the defaults, over them a file, over it the environment. Whether they make sense together is
//! `check`.

use std::{collections::BTreeMap, fs, path::Path};

use ::config::{Config, ConfigError, File, FileFormat};

use super::{Problem, Settings, SettingsError};

/// The file of defaults, which is also the list of all keys.
pub(super) const DEFAULTS: &str = include_str!("default.toml");

const PREFIX: &str = "SALAMA_";

impl Settings {
    /// Reads the defaults, the file and the environment variables handed in. Refuses keys that do not exist and values of
    /// the wrong type; call `check` next.
    pub fn load(file: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, SettingsError> {
        let known = keys(Path::new("default.toml"), DEFAULTS)?;
        let mut problems = Vec::new();
        let mut layers = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(path) = file {
            let text = read(path)?;
            problems.extend(keys(path, &text)?.iter().filter(|key| !known.contains(key)).map(|key| unknown(key, key, &known)));
            layers = layers.add_source(File::from_str(&text, FileFormat::Toml));
        }
        let from_env = environment(env, &known, &mut problems)?;
        if !problems.is_empty() {
            return Err(SettingsError::Wrong(problems));
        }
        for (key, value) in from_env {
            layers = layers.set_override(key, value).map_err(|error| mistyped(&error))?;
        }
        layers.build().and_then(Config::try_deserialize).map_err(|error| mistyped(&error))
    }
}

fn read(path: &Path) -> Result<String, SettingsError> {
    fs::read_to_string(path).map_err(|cause| SettingsError::Unreadable { path: path.to_owned(), cause })
}

/// The parser's own message is left out, as it quotes the line and a password may stand there.
fn keys(path: &Path, text: &str) -> Result<Vec<String>, SettingsError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
        SettingsError::NotToml { path: path.to_owned(), line: before.matches('\n').count() + 1 }
    })?;
    Ok(table.into_iter().map(|(key, _)| key).collect())
}

/// The settings that the environment holds, or names the file of.
fn environment(
    env: impl Iterator<Item = (String, String)>,
    known: &[String],
    problems: &mut Vec<Problem>,
) -> Result<BTreeMap<String, String>, SettingsError> {
    let is_known = |key: &str| known.iter().any(|known| known == key);
    let mut found = BTreeMap::new();
    for (name, value) in env {
        let Some(key) = name.strip_prefix(PREFIX).map(str::to_lowercase) else { continue };
        let of_file = key.strip_suffix("_file").filter(|key| is_known(key)).map(str::to_owned);
        let (key, value) = match of_file {
            Some(key) => (key, read(Path::new(&value))?.trim_end_matches(['\r', '\n']).to_owned()),
            None if is_known(&key) => (key, value),
            None => {
                problems.push(unknown(&name, &key, known));
                continue;
            }
        };
        if found.insert(key.clone(), value).is_some() {
            let upper = key.to_uppercase();
            problems.push(Problem::new(key, "is set twice", format!("either {PREFIX}{upper} or {PREFIX}{upper}_FILE")));
        }
    }
    Ok(found)
}

fn unknown(written: &str, key: &str, known: &[String]) -> Problem {
    let nearest = known.iter().min_by_key(|known| distance(key, known)).map_or("", String::as_str);
    let nearest = if written == key { nearest.to_owned() } else { format!("{PREFIX}{}", nearest.to_uppercase()) };
    Problem::new(written, "is no setting", format!("{nearest}, if that is meant"))
}

/// How many letters must be changed, added or dropped to make one of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (n, x) in a.chars().enumerate() {
        let (mut corner, mut left) = (n, n + 1);
        for (y, cell) in b.chars().zip(row.iter_mut().skip(1)) {
            let here = (corner + usize::from(x != y)).min(*cell + 1).min(left + 1);
            (corner, left) = (*cell, here);
            *cell = here;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Only the key and the wanted type are told, never the value.
fn mistyped(error: &ConfigError) -> SettingsError {
    let (key, wanted) = match error {
        ConfigError::Type { key, expected, .. } => (key.clone(), *expected),
        ConfigError::At { key, error, .. } => match error.as_ref() {
            ConfigError::Type { expected, .. } => (key.clone(), *expected),
            _ => (key.clone(), "a plain value"),
        },
        _ => (None, "a plain value"),
    };
    let key = key.unwrap_or_else(|| "a setting".into());
    SettingsError::Wrong(vec![Problem::new(key, "is of the wrong type", wanted)])
}
