//! Where an upload stands. Who asks is newer than whoever still writes to it, on a line that its phone has given up: the
//! older one is told to stop, what it received is kept, and then the answer is given.

use super::{Caller, OperationError};
use crate::{
    app::App,
    credentials::sha256,
    domain::{ids::UploadId, refusal::Refusal, upload::Upload},
    photos::Seal,
    store::Tx,
};

/// What opens an upload: its id, and for one of an anonymous report its key.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    /// Which upload.
    pub id: UploadId,
    /// Its key.
    pub key: Option<[u8; 32]>,
}

impl Ticket {
    /// Whether it opens this upload for that caller.
    fn opens(&self, caller: &Caller, upload: &Upload) -> bool {
        match upload.key_sha256 {
            Some(expected) => self.key.is_some_and(|key| sha256(&key) == expected),
            None => upload.member == Some(caller.member),
        }
    }

    /// What its bytes are hidden under, where they are.
    pub(super) fn seal(&self, upload: &Upload) -> Option<Seal> {
        self.key.filter(|_| upload.key_sha256.is_some()).map(|key| Seal { key, round: upload.round })
    }
}

/// Finds an upload, with the metadata that came with it. From now on it is accepted where this says.
pub async fn resume_upload(app: &App, caller: &Caller, ticket: Ticket) -> Result<Upload, OperationError> {
    let _turn = app.spool.turn(ticket.id.0).await;
    let on_disk = app.spool.length(ticket.id.0).await?;
    let tx = caller.begin(app).await?;
    let upload = open_upload(app, caller, &tx, ticket).await?;
    let metadata = match ticket.seal(&upload) {
        Some(seal) => Seal { round: 0, ..seal }.show(&upload.metadata)?,
        None => upload.metadata.clone(),
    };
    if upload.completed_at.is_some() {
        return Ok(Upload { metadata, ..upload });
    }
    // Whoever writes to it on another server finds that it is theirs no more.
    let upload = Upload { offset: upload.resumes_at(on_disk), claim: app.clock.new_id(), ..upload };
    tx.save_upload(&upload).await?;
    tx.commit().await?;
    Ok(Upload { metadata, ..upload })
}

/// The caller's upload, held until the transaction ends; one that nobody may know of does not exist.
pub(super) async fn open_upload(app: &App, caller: &Caller, tx: &Tx, ticket: Ticket) -> Result<Upload, OperationError> {
    let upload = tx.upload_to_change(ticket.id).await?.filter(|upload| ticket.opens(caller, upload)).ok_or(Refusal::Unknown)?;
    upload.must_not_be_over(app.clock.now())?;
    Ok(upload)
}
