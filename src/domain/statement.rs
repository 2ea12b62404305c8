//! What a witness said, as a file: who gave it and what kind of file it is. The bytes are kept by `photos::keeping`; who
//! may read them is in `access`.

use serde::{Deserialize, Serialize};

use super::{
    ids::{ReportId, StatementId},
    prose::prose,
    refusal::{FieldErrors, Refusal},
    report::Stamp,
    time::Instant,
    words::words,
};

words! {
    /// The kinds of file a statement may be, by their media types.
    pub enum StatementType {
        /// A document.
        Pdf = "application/pdf",
        /// Plain text in UTF-8.
        Text = "text/plain",
        /// A picture of a page.
        Jpeg = "image/jpeg",
        /// A picture of a page.
        Png = "image/png",
        /// A recording, as phones make them (AAC in MP4).
        Mp4Audio = "audio/mp4",
        /// A recording.
        Ogg = "audio/ogg",
        /// A recording.
        Mp3 = "audio/mpeg",
    }
}

impl StatementType {
    /// Whether a file whose first bytes these are can be of that kind.
    pub fn fits(self, head: &[u8]) -> bool {
        match self {
            Self::Pdf => head.starts_with(b"%PDF-"),
            Self::Text => !head.is_empty() && !head.contains(&0) && is_utf8_so_far(head),
            Self::Jpeg => head.starts_with(&[0xFF, 0xD8, 0xFF]),
            Self::Png => head.starts_with(b"\x89PNG\r\n\x1A\n"),
            Self::Mp4Audio => head.get(4..8) == Some(b"ftyp"),
            Self::Ogg => head.starts_with(b"OggS"),
            Self::Mp3 => head.starts_with(b"ID3") || matches!(head, [0xFF, second, ..] if second & 0xE0 == 0xE0),
        }
    }
}

/// The head may end in the middle of a character.
fn is_utf8_so_far(head: &[u8]) -> bool {
    std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// The largest file of a statement, in bytes: half an hour of speech.
pub const STATEMENT_BYTES: u64 = 30 << 20;

/// A statement as it is announced, every field still as its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawStatement {
    /// Who gave it, and in which capacity.
    pub given_by: String,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Such as `application/pdf`.
    pub media_type: String,
}

/// A statement of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Made by the client.
    pub id: StatementId,
    /// Its report.
    pub report: ReportId,
    /// Who gave it, and in which capacity; at most 200 characters.
    pub given_by: String,
    /// The hash its bytes must have.
    pub sha256: [u8; 32],
    /// The number of bytes it must have.
    pub bytes: u64,
    /// What it is.
    pub media_type: StatementType,
    /// Who added it, and when.
    pub added: Stamp,
    /// When its bytes were here.
    pub received_at: Option<Instant>,
}

impl RawStatement {
    /// Reads every field.
    pub fn read(&self, id: StatementId, report: ReportId, added: Stamp) -> Result<Statement, Refusal> {
        let mut errors = FieldErrors::default();
        let given_by = errors.take(prose("/given_by", &self.given_by, 200));
        let media_type = StatementType::of_word(&self.media_type);
        let media_type = errors.take(media_type.ok_or_else(|| Refusal::invalid("/media_type", "unknown_statement_type")));
        let mut sha256 = [0; 32];
        if hex::decode_to_slice(&self.sha256, &mut sha256).is_err() {
            errors.add("/sha256", "not_a_sha256");
        }
        if !(1..=STATEMENT_BYTES).contains(&self.bytes) {
            errors.add("/bytes", if self.bytes == 0 { "empty" } else { "statement_too_large" });
        }
        errors.none()?;
        let (Some(given_by), Some(media_type)) = (given_by, media_type) else { return Err(Refusal::invalid("", "unreadable")) };
        Ok(Statement { id, report, given_by, sha256, bytes: self.bytes, media_type, added, received_at: None })
    }
}

impl Statement {
    /// The same statement, announced again.
    pub fn repeats(&self, known: &Self) -> bool {
        let Self { id, report, given_by, sha256, bytes, media_type, added: _, received_at: _ } = self;
        (id, report, given_by, sha256, bytes, media_type)
            == (&known.id, &known.report, &known.given_by, &known.sha256, &known.bytes, &known.media_type)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::MemberId;

    #[test]
    fn a_file_is_what_it_begins_like() {
        let heads: [(&[u8], StatementType); 8] = [
            (b"%PDF-1.7", StatementType::Pdf),
            ("شهادة".as_bytes(), StatementType::Text),
            (&"é".as_bytes()[..1], StatementType::Text),
            (b"\xFF\xD8\xFF\xE0", StatementType::Jpeg),
            (b"\x89PNG\r\n\x1A\n", StatementType::Png),
            (b"\0\0\0\x20ftypM4A ", StatementType::Mp4Audio),
            (b"OggS\0", StatementType::Ogg),
            (b"\xFF\xFB\x90", StatementType::Mp3),
        ];
        for (head, kind) in heads {
            assert!(kind.fits(head), "{kind}");
        }
        assert!(!StatementType::Pdf.fits(b"<html>"));
        assert!(!StatementType::Text.fits(b"a\0b"));
        assert!(!StatementType::Text.fits(b"\xFF\xFEa"));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let raw = RawStatement { given_by: " ".into(), sha256: "zz".into(), bytes: 0, media_type: "text/html".into() };
        let added = Stamp { at: Instant::from_ms(0), by: MemberId(Uuid::nil()) };
        let Err(Refusal::Invalid(errors)) = raw.read(StatementId(Uuid::nil()), ReportId(Uuid::nil()), added) else {
            panic!("accepted")
        };
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_ref()).collect();
        assert_eq!(pointers, ["/given_by", "/media_type", "/sha256", "/bytes"]);
    }
}
