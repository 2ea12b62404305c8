//! A photo begins its way in pieces. The same photo of the same member again is the same upload.

use super::{Caller, OperationError, Said, Ticket, attach_photo::expected_photo};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        ids::{PhotoId, ReportId, UploadId},
        photo::{Photo, PhotoState},
        refusal::Refusal,
        report::{Confidentiality, Report},
        upload::{Upload, must_have_room},
    },
    photos::{Format, PhotoError, Seal},
    store::StoreError,
};

/// How often it is tried when the same photo begins twice at the same moment.
const TRIES: usize = 3;

/// What the sender says of an upload.
#[derive(Debug, Clone)]
pub struct UploadDraft {
    /// The report it is for.
    pub report: ReportId,
    /// The photo it becomes.
    pub photo: PhotoId,
    /// How many bytes it has.
    pub bytes: u64,
    /// What it is said to be, if anything.
    pub media_type: Option<String>,
    /// Its hash, where the manifest did not say it.
    pub sha256: Option<[u8; 32]>,
    /// The `Upload-Metadata` as it came.
    pub metadata: String,
}

/// Begins an upload, or finds the one that was begun. One of an anonymous report has a key instead of a member, which is
/// told once; whoever lost it begins another.
pub async fn announce_upload(app: &App, caller: &Caller, draft: &UploadDraft) -> Result<(Upload, Ticket), OperationError> {
    if let Some(media_type) = &draft.media_type {
        Format::declared(media_type)?;
    }
    let said = Said { media_type: draft.media_type.as_deref(), digest: draft.sha256, length: Some(draft.bytes) };
    let (report, expected) = expected_photo(app, caller, draft.report, draft.photo, said).await?;
    if draft.bytes != expected.bytes {
        return Err(PhotoError::LengthMismatch.into());
    }
    for _ in 0..TRIES {
        match find_or_add(app, caller, draft, &report, &expected).await {
            Err(OperationError::Store(StoreError::Taken)) => {}
            other => return other,
        }
    }
    Err(StoreError::Taken.into())
}

async fn find_or_add(
    app: &App,
    caller: &Caller,
    draft: &UploadDraft,
    report: &Report,
    expected: &Photo,
) -> Result<(Upload, Ticket), OperationError> {
    let (now, id) = (app.clock.now(), UploadId(app.clock.new_id()));
    let key = (report.confidentiality == Confidentiality::Anonymous).then(|| app.clock.random_bytes::<32>());
    let tx = caller.begin(app).await?;
    let before = if key.is_some() { None } else { tx.upload_of(caller.member, expected.id).await? };
    if let Some(before) = before {
        if before.must_not_be_over(now).is_ok() {
            let same = (before.report, before.bytes, before.sha256) == (report.id, expected.bytes, expected.sha256);
            let ticket = Ticket { id: before.id, key: None };
            return if same { Ok((before, ticket)) } else { Err(Refusal::Conflict("upload_conflict").into()) };
        }
        // Its file is found and removed by the sweep.
        tx.drop_upload(before.id).await?;
    }
    let metadata = match key {
        Some(key) => Seal { key, round: 0 }.hide(&draft.metadata)?,
        None => draft.metadata.clone(),
    };
    let upload = Upload {
        id,
        report: report.id,
        photo: expected.id,
        member: key.is_none().then_some(caller.member),
        key_sha256: key.map(|key| sha256(&key)),
        sha256: expected.sha256,
        bytes: expected.bytes,
        media_type: draft.media_type.clone().unwrap_or_default(),
        metadata,
        offset: 0,
        round: 0,
        claim: id.0,
        begun_at: now,
        expires_at: now,
        completed_at: None,
    };
    let upload = if expected.state == PhotoState::Expected {
        tx.count_uploads_alone(caller.member, report.id).await?;
        let of_member = tx.uploads_of_member(caller.member).await?;
        must_have_room(&of_member, &tx.uploads_to_report(report.id).await?, upload.bytes, now).map_err(Refusal::from)?;
        upload.kept(0, now)
    } else {
        upload.completed(now)
    };
    tx.add_upload(&upload).await?;
    tx.commit().await?;
    Ok((upload, Ticket { id, key }))
}
