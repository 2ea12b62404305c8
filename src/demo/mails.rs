//! Mails as a person would find them in the folder: headers read plainly, from the files themselves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// One mail of the folder.
#[derive(Debug)]
pub struct Mail {
    /// The left side of its Message-ID, which is the notice's id.
    pub id: String,
    /// The address it goes to.
    pub to: String,
    /// Its subject, decoded.
    pub subject: String,
    /// The file.
    pub file: PathBuf,
}

impl Mail {
    /// The page beside it, as a browser opens it.
    pub fn page(&self) -> PathBuf {
        self.file.with_extension("html")
    }
}

/// Every mail of the folder.
pub fn read_all(folder: &Path) -> anyhow::Result<Vec<Mail>> {
    let mut mails = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "eml") {
            let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            mails.push(mail(&text, file));
        }
    }
    Ok(mails)
}

fn mail(text: &str, file: PathBuf) -> Mail {
    let id = header(text, "message-id");
    Mail {
        id: id.trim_start_matches('<').split(['.', '@']).next().unwrap_or_default().to_owned(),
        to: address(&header(text, "to")),
        subject: decoded(&header(text, "subject")),
        file,
    }
}

/// A header's value on one line (RFC 5322 section 2.2.3).
fn header(text: &str, name: &str) -> String {
    let mut value = String::new();
    let mut inside = false;
    for line in text.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if inside {
                value.push_str(line);
            }
            continue;
        }
        inside = line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name));
        if inside {
            value = line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default();
        }
    }
    value
}

fn address(mailbox: &str) -> String {
    let address = mailbox.rsplit_once('<').map_or(mailbox, |(_, address)| address);
    address.trim_end_matches('>').trim().to_owned()
}

/// Encoded words become text, and the space between two of them goes (RFC 2047 section 6.2).
fn decoded(value: &str) -> String {
    let mut text = String::new();
    let mut after_encoded = false;
    for word in value.split_whitespace() {
        let plain = encoded_word(word);
        let joined = after_encoded && plain.is_some();
        if !joined && !text.is_empty() {
            text.push(' ');
        }
        after_encoded = plain.is_some();
        text.push_str(plain.as_deref().unwrap_or(word));
    }
    text
}

fn encoded_word(word: &str) -> Option<String> {
    let mut parts = word.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?');
    let (_, encoding, body) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = match encoding {
        "b" | "B" => STANDARD.decode(body).ok()?,
        _ => quoted(body),
    };
    String::from_utf8(bytes).ok()
}

/// The "Q" encoding (RFC 2047 section 4.2).
fn quoted(body: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = body.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                hex::decode(digits).ok().and_then(|decoded| decoded.first().copied()).unwrap_or(b'?')
            }
            other => other,
        });
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_across_lines_and_encoded_words() {
        let text = "Message-ID: <0193@localhost>\r\nTo: =?utf-8?b?2YbYp9iv2YrYqQ==?= <nadia@example.org>\r\n\
                    Subject: [P4] =?utf-8?q?Signalement_=C3=A0?=\r\n =?utf-8?b?IHRyYWl0ZXI=?= now\r\n\r\nTo: nobody\r\n";
        let mail = mail(text, PathBuf::from("a.eml"));
        assert_eq!((mail.id.as_str(), mail.to.as_str()), ("0193", "nadia@example.org"));
        assert_eq!(mail.subject, "[P4] Signalement à traiter now");
    }
}
