//! An upload: a photo on its way in pieces, over a line that breaks (tus 1.0.0). Where it may go on, how long it is kept,
//! and how many may be under way. What a finished one becomes is a `photo`; where its pieces lie is `photos::spool`'s.

use uuid::Uuid;

use super::{
    ids::{MemberId, PhotoId, ReportId, UploadId},
    refusal::Refusal,
    time::Instant,
};

/// How long an upload waits for its next byte, in milliseconds: a phone may lie in a drawer over a long weekend.
const WAITS_MS: i64 = 4 * 86_400_000;
/// How long an upload may take altogether, in milliseconds.
const LASTS_MS: i64 = 14 * 86_400_000;
/// How long a finished upload is remembered, in milliseconds, as its last answer may be lost.
const REMEMBERED_MS: i64 = 86_400_000;

/// How many photos one member may have under way; twice the manifest of a report, and some.
pub const OPEN_OF_MEMBER: usize = 50;
/// How many may be under way to one report, whoever sends them.
pub const OPEN_OF_REPORT: usize = 80;
/// How many bytes may be announced by what is under way, of a member and to a report alike.
pub const OPEN_BYTES: u64 = 1 << 30;

/// Why an upload does not go on like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefusal {
    /// A header of tus is missing, or cannot be read.
    #[error("a header of tus is missing or cannot be read")]
    Header,
    /// Its bytes come under another media type than tus has for them.
    #[error("the bytes come under another media type")]
    MediaType,
    /// The client speaks another version of tus.
    #[error("another version of tus is spoken")]
    Version,
    /// It stands at another byte.
    #[error("the upload stands at byte {0}")]
    Offset(u64),
    /// A newer request took it over.
    #[error("a newer request took the upload over")]
    Superseded,
    /// The bytes stopped arriving; those that came are kept.
    #[error("the bytes stopped arriving")]
    Interrupted,
    /// More bytes came than were announced.
    #[error("more bytes came than were announced")]
    TooLong,
    /// The bytes that came are not those of their checksum, and are not kept.
    #[error("the bytes are not those of their checksum")]
    Checksum,
    /// All bytes are here and are not the photo that was announced; it begins anew.
    #[error("the bytes are not the photo that was announced")]
    NotThePhoto,
    /// Too many are under way.
    #[error("too many uploads are under way")]
    TooMany,
}

/// How a piece is checked on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksumKind {
    /// As every client of tus may ask.
    Sha1,
    /// As it should be asked.
    Sha256,
}

impl ChecksumKind {
    /// The kind of that name, with the length of its hashes.
    pub fn named(name: &str) -> Option<(Self, usize)> {
        match name {
            "sha1" => Some((Self::Sha1, 20)),
            "sha256" => Some((Self::Sha256, 32)),
            _ => None,
        }
    }
}

/// What a piece must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// By which kind of hash.
    pub kind: ChecksumKind,
    /// The hash.
    pub hash: Vec<u8>,
}

/// A photo on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Made here; part of its address.
    pub id: UploadId,
    /// The report it is for.
    pub report: ReportId,
    /// The photo it becomes.
    pub photo: PhotoId,
    /// Whose it is. Nobody's where the report is anonymous: then whoever has its key may go on.
    pub member: Option<MemberId>,
    /// The hash of that key.
    pub key_sha256: Option<[u8; 32]>,
    /// The hash that was announced.
    pub sha256: [u8; 32],
    /// The number of bytes that was announced.
    pub bytes: u64,
    /// What it is said to be, if anything.
    pub media_type: String,
    /// What came as `Upload-Metadata`, to be given back as it came; under its key where it has one.
    pub metadata: String,
    /// How many bytes are safe.
    pub offset: u64,
    /// How often it began anew.
    pub round: u32,
    /// The request that may write to it.
    pub claim: Uuid,
    /// When it began.
    pub begun_at: Instant,
    /// When it is given up, or forgotten.
    pub expires_at: Instant,
    /// When its photo was whole.
    pub completed_at: Option<Instant>,
}

impl Upload {
    /// Where it goes on when so many bytes of it lie on the disk: never behind what can be read back.
    pub fn resumes_at(&self, on_disk: u64) -> u64 {
        if self.completed_at.is_some() { self.bytes } else { self.offset.min(on_disk) }
    }

    /// Whether somebody may still ask for it.
    pub fn must_not_be_over(&self, now: Instant) -> Result<(), Refusal> {
        if self.expires_at > now { Ok(()) } else { Err(Refusal::Gone("upload_expired")) }
    }

    /// Whether bytes that begin there, and are so many if that is known, may follow. Nothing is taken that goes beyond
    /// the end.
    pub fn must_go_on_at(&self, offset: u64, length: Option<u64>) -> Result<(), UploadRefusal> {
        if offset != self.offset {
            return Err(UploadRefusal::Offset(self.offset));
        }
        let room = self.bytes.saturating_sub(self.offset);
        if length.is_some_and(|length| length > room) { Err(UploadRefusal::TooLong) } else { Ok(()) }
    }

    /// So many bytes are safe. The last one is not counted before the photo is whole and on record, as no phone asks
    /// again for an upload that says it has everything.
    #[must_use]
    pub fn kept(self, offset: u64, now: Instant) -> Self {
        let last = self.begun_at.plus_ms(LASTS_MS);
        Self { offset: offset.min(self.bytes.saturating_sub(1)), expires_at: now.plus_ms(WAITS_MS).min(last), ..self }
    }

    /// None of its bytes was any good.
    #[must_use]
    pub fn begun_anew(self, now: Instant) -> Self {
        let round = self.round.saturating_add(1);
        Self { round, ..self }.kept(0, now)
    }

    /// Its photo is whole and on record.
    #[must_use]
    pub fn completed(self, now: Instant) -> Self {
        Self { offset: self.bytes, completed_at: Some(now), expires_at: now.plus_ms(REMEMBERED_MS), ..self }
    }

    /// Whether it takes room.
    fn is_open(&self, now: Instant) -> bool {
        self.completed_at.is_none() && self.expires_at > now
    }
}

/// Whether one more of so many bytes may begin beside those of the same member and those to the same report.
pub fn must_have_room(of_member: &[Upload], to_report: &[Upload], bytes: u64, now: Instant) -> Result<(), UploadRefusal> {
    let has_room = |others: &[Upload], most: usize| {
        let (mut count, mut sum) = (1, bytes);
        for upload in others.iter().filter(|upload| upload.is_open(now)) {
            (count, sum) = (count + 1, sum.saturating_add(upload.bytes));
        }
        // One that is larger than all room is measured by the limit of a photo, not by this.
        count <= most && (sum <= OPEN_BYTES || count == 1)
    };
    let fits = has_room(of_member, OPEN_OF_MEMBER) && has_room(to_report, OPEN_OF_REPORT);
    if fits { Ok(()) } else { Err(UploadRefusal::TooMany) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Instant {
        "2026-11-24T09:00:00Z".parse().unwrap()
    }

    fn upload(bytes: u64) -> Upload {
        Upload {
            id: UploadId(Uuid::nil()),
            report: ReportId(Uuid::nil()),
            photo: PhotoId(Uuid::nil()),
            member: None,
            key_sha256: None,
            sha256: [0; 32],
            bytes,
            media_type: String::new(),
            metadata: String::new(),
            offset: 0,
            round: 0,
            claim: Uuid::nil(),
            begun_at: now(),
            expires_at: now(),
            completed_at: None,
        }
        .kept(0, now())
    }

    #[test]
    fn bytes_follow_only_where_it_stands_and_never_beyond_the_end() {
        let upload = upload(100).kept(40, now());
        assert_eq!(upload.must_go_on_at(40, None), Ok(()));
        assert_eq!(upload.must_go_on_at(40, Some(60)), Ok(()));
        assert_eq!(upload.must_go_on_at(40, Some(61)), Err(UploadRefusal::TooLong));
        for wrong in [0, 39, 41, 100, u64::MAX] {
            assert_eq!(upload.must_go_on_at(wrong, None), Err(UploadRefusal::Offset(40)));
        }
    }

    #[test]
    fn it_waits_for_days_but_not_for_ever_and_is_remembered_a_day_when_it_is_whole() {
        let mut open = upload(100);
        for day in 0..30 {
            let at = now().plus_ms(day * 86_400_000);
            if open.must_not_be_over(at).is_err() {
                assert_eq!(day, 14, "with a byte each day it lasts for two weeks");
                break;
            }
            open = open.kept(1, at);
        }
        assert!(upload(100).must_not_be_over(now().plus_ms(WAITS_MS - 1)).is_ok());
        assert_eq!(upload(100).must_not_be_over(now().plus_ms(WAITS_MS)), Err(Refusal::Gone("upload_expired")));
        let whole = upload(100).completed(now());
        assert_eq!((whole.offset, whole.expires_at.since_ms(now())), (100, REMEMBERED_MS));
    }

    #[test]
    fn there_is_room_for_so_many_and_so_much() {
        let open = |count, bytes| vec![upload(bytes); count];
        assert_eq!(must_have_room(&open(OPEN_OF_MEMBER - 1, 1), &[], 1, now()), Ok(()));
        assert_eq!(must_have_room(&open(OPEN_OF_MEMBER, 1), &[], 1, now()), Err(UploadRefusal::TooMany));
        assert_eq!(must_have_room(&[], &open(OPEN_OF_REPORT, 1), 1, now()), Err(UploadRefusal::TooMany));
        assert_eq!(must_have_room(&open(1, OPEN_BYTES), &[], 1, now()), Err(UploadRefusal::TooMany));
        let over = vec![upload(OPEN_BYTES).completed(now()); 60];
        assert_eq!(must_have_room(&over, &over, 1, now()), Ok(()), "what is whole takes no room");
        let later = now().plus_ms(LASTS_MS);
        assert_eq!(must_have_room(&open(60, 1), &[], 1, later), Ok(()), "nor does what was given up");
    }

    proptest! {
        #[test]
        fn an_upload_says_it_has_everything_only_when_its_photo_is_on_record(bytes in 1..u64::MAX, offset: u64, on_disk: u64) {
            let kept = upload(bytes).kept(offset, now());
            prop_assert!(kept.offset < bytes && kept.resumes_at(on_disk) <= on_disk.min(kept.offset));
            prop_assert_eq!(kept.completed(now()).resumes_at(0), bytes);
        }
    }
}
