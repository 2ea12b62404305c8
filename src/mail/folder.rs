//! Mails as files: for trying out the product without a relay, and for reading what would have been sent.

use std::{io, path::Path};

use crate::domain::delivery::Outcome;

/// Writes `<stem>.eml`, and its page beside it as `<stem>.html`. The same stem again replaces both.
pub(super) async fn write(folder: &Path, stem: &str, message: &[u8], html: &str) -> Outcome {
    let written = async {
        replace(folder, &format!("{stem}.html"), html.as_bytes()).await?;
        replace(folder, &format!("{stem}.eml"), message).await
    };
    match written.await {
        Ok(()) => Outcome::Accepted { reply: format!("written as {stem}.eml") },
        Err(error) => Outcome::Transient { why: format!("the folder for mails cannot be written: {}", error.kind()) },
    }
}

/// Whether the folder can be written.
pub(super) async fn probe(folder: &Path) -> Outcome {
    match tokio::fs::metadata(folder).await {
        Ok(metadata) if metadata.is_dir() && !metadata.permissions().readonly() => {
            Outcome::Accepted { reply: "mails are written to a folder, none is sent".to_owned() }
        }
        _ => Outcome::Misconfigured { why: "the folder for mails cannot be written".to_owned() },
    }
}

/// A reader of the folder sees the whole file or none.
async fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    tokio::fs::write(&unfinished, bytes).await?;
    tokio::fs::rename(&unfinished, folder.join(name)).await
}
