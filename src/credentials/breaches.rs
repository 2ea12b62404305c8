//! Passwords that were stolen elsewhere, in a file on this machine: one SHA-1 in hexadecimal on each line, in order, perhaps
//! with `:` and how often it was seen, as Have I Been Pwned gives it away. Nothing is asked of any network.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Seek as _, SeekFrom},
    path::Path,
};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// Whether the file has this password. Reads about forty lines of it, however long it is.
pub(super) fn has(file: &Path, password: &str) -> io::Result<bool> {
    let wanted = hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()));
    let file = File::open(file)?;
    let (mut from, mut to) = (0, file.metadata()?.len());
    let mut lines = BufReader::with_capacity(256, file);
    while from < to {
        let middle = from + (to - from) / 2;
        let (begins, line) = line_at(&mut lines, middle)?;
        let hash = line.get(..40).unwrap_or_default().to_ascii_uppercase();
        match hash.as_str().cmp(&wanted) {
            std::cmp::Ordering::Equal => return Ok(true),
            std::cmp::Ordering::Less if !line.is_empty() => from = begins + line.len() as u64,
            _ => to = middle,
        }
    }
    Ok(false)
}

/// The first line that begins at that place or later, with where it begins; nothing behind the last one.
fn line_at(lines: &mut BufReader<File>, at: u64) -> io::Result<(u64, String)> {
    let (mut begins, mut line) = (at, String::new());
    lines.seek(SeekFrom::Start(at.saturating_sub(1)))?;
    if at > 0 {
        let mut rest = Vec::new();
        begins = at - 1 + lines.read_until(b'\n', &mut rest)? as u64;
    }
    lines.read_line(&mut line)?;
    Ok((begins, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_password_of_the_file_is_found_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stolen.txt");
        let hash = |n: u32| hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, n.to_string().as_bytes()));
        for (count, ending) in [(0, "\n"), (1, "\n"), (2, "\r\n"), (1_000, "\n")] {
            let mut all: Vec<_> = (0..count).map(|n| format!("{}:{}{ending}", hash(n), n * n)).collect();
            all.sort();
            std::fs::write(&path, all.concat()).unwrap();
            for n in 0..count {
                assert!(has(&path, &n.to_string()).unwrap(), "{n} of {count}");
            }
            for n in count..count + 200 {
                assert!(!has(&path, &n.to_string()).unwrap(), "{n} of {count}");
            }
        }
        std::fs::write(&path, format!("{}\n{}", hash(1).to_lowercase().min(hash(2).to_lowercase()), hash(1).max(hash(2))))
            .unwrap();
        assert!(has(&path, "1").unwrap() && has(&path, "2").unwrap(), "small letters, no count, no end of the last line");
        assert!(has(&folder.path().join("none"), "1").is_err());
    }
}
