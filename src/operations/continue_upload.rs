//! Bytes are added to an upload. What is told as kept is on disk, and what came before a line broke is kept as well; the last
//! byte makes the photo, by the same way that one in a single piece takes.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use uuid::Uuid;

use super::{
    Caller, OperationError, Said, Ticket,
    attach_photo::{Bringer, expected_photo, take_in},
    resume_upload::open_upload,
};
use crate::{
    app::App,
    domain::{
        refusal::Refusal,
        upload::{Checksum, ChecksumKind, Upload, UploadRefusal},
    },
    photos::{
        PhotoError,
        spool::{Part, Turn},
    },
};

/// How many bytes are held before they are put on disk and counted.
const STEP: usize = 512 << 10;
/// How long bytes are held at most before they are put on disk and counted.
const SAVE_EVERY: Duration = Duration::from_secs(2);
/// How long a line may be silent before it counts as broken.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a line that was given up may be silent. What came before it broke lies in buffers still, and is read within that.
const LAST_BREATH: Duration = Duration::from_millis(100);
/// How long a line that was given up is read at most, as it may go on for ever.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What comes with bytes.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Where they go on. Without it they are the first, and what is kept of them already is passed over.
    pub offset: Option<u64>,
    /// How many they are, if that is known.
    pub length: Option<u64>,
    /// What they must be.
    pub checksum: Option<Checksum>,
}

/// Adds bytes to an upload. They are received behind the back of whoever waits for the answer: a phone that is gone in the
/// middle loses nothing of what it sent.
pub async fn continue_upload<E>(
    app: &App,
    caller: &Caller,
    ticket: Ticket,
    piece: Piece,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
) -> Result<Upload, OperationError>
where
    E: Send + 'static,
{
    let (app, caller) = (app.clone(), caller.clone());
    let work = async move {
        let turn = app.spool.turn(ticket.id.0).await;
        receive(&app, &caller, ticket, piece, &turn, arriving).await
    };
    tokio::spawn(work).await.map_err(|_| OperationError::Fault("an upload ended in a panic"))?
}

async fn receive<E>(
    app: &App,
    caller: &Caller,
    ticket: Ticket,
    piece: Piece,
    turn: &Turn,
    arriving: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
) -> Result<Upload, OperationError> {
    let upload = claim(app, caller, ticket, &piece).await?;
    if upload.completed_at.is_some() {
        return Ok(upload);
    }
    let part = app.spool.write(upload.id.0, upload.offset, ticket.seal(&upload)).await?;
    let begun_at = upload.offset;
    let sum = piece.checksum.as_ref().map(|checksum| Context::new(algorithm(checksum.kind)));
    let known = if piece.offset.is_none() { begun_at } else { 0 };
    let mut receiver = Receiver { app, upload, part, known, held: BytesMut::new(), sum };
    let end = receiver.take(arriving, turn).await?;
    if end == End::TooLong {
        receiver.part.cut(begun_at).await?;
        receiver.count().await?;
        return Err(Refusal::from(UploadRefusal::TooLong).into());
    }
    receiver.put_down().await?;
    if let (Some(sum), Some(checksum)) = (receiver.sum.take(), piece.checksum) {
        // Bytes that did not all come cannot be compared with their checksum.
        if end != End::Whole || sum.finish().as_ref() != checksum.hash {
            receiver.part.cut(begun_at).await?;
            receiver.count().await?;
            let why = if end == End::Whole { UploadRefusal::Checksum } else { end.refusal() };
            return Err(Refusal::from(why).into());
        }
    }
    receiver.count().await?;
    let (upload, length) = (receiver.upload, receiver.part.length());
    match end {
        End::Whole if length == upload.bytes => complete(app, caller, ticket, upload).await,
        End::Whole => Ok(upload),
        broken => Err(Refusal::from(broken.refusal()).into()),
    }
}

fn algorithm(kind: ChecksumKind) -> &'static aws_lc_rs::digest::Algorithm {
    match kind {
        ChecksumKind::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
        ChecksumKind::Sha256 => &SHA256,
    }
}

/// Takes the upload for this request alone, on all servers, where it may go on there.
async fn claim(app: &App, caller: &Caller, ticket: Ticket, piece: &Piece) -> Result<Upload, OperationError> {
    let on_disk = app.spool.length(ticket.id.0).await?;
    let tx = caller.begin(app).await?;
    let upload = open_upload(app, caller, &tx, ticket).await?;
    let upload = Upload { offset: upload.resumes_at(on_disk), claim: app.clock.new_id(), ..upload };
    let (offset, known) = piece.offset.map_or((upload.offset, upload.offset), |offset| (offset, 0));
    upload.must_go_on_at(offset, piece.length.map(|length| length.saturating_sub(known))).map_err(Refusal::from)?;
    tx.save_upload(&upload).await?;
    tx.commit().await?;
    Ok(upload)
}

/// How a request's bytes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    Broken,
    Superseded,
    TooLong,
}

impl End {
    const fn refusal(self) -> UploadRefusal {
        match self {
            Self::Superseded => UploadRefusal::Superseded,
            Self::TooLong => UploadRefusal::TooLong,
            Self::Whole | Self::Broken => UploadRefusal::Interrupted,
        }
    }
}

/// Bytes on their way from a request to the disk.
struct Receiver<'a> {
    app: &'a App,
    upload: Upload,
    part: Part,
    /// How many of the bytes that come are kept already.
    known: u64,
    held: BytesMut,
    sum: Option<Context>,
}

impl Receiver<'_> {
    async fn take<E>(
        &mut self,
        mut arriving: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
        turn: &Turn,
    ) -> Result<End, OperationError> {
        let mut save = interval(SAVE_EVERY);
        save.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let given_up = turn.superseded.cancelled();
        let over = async {
            turn.superseded.cancelled().await;
            sleep(LAST_WORDS).await;
        };
        tokio::pin!(given_up, over);
        let mut patience = PATIENCE;
        loop {
            // A line that says nothing at all is told by the pause between two pieces, not by the ticks in between.
            let next = timeout(patience, arriving.next());
            tokio::pin!(next);
            let piece = loop {
                tokio::select! {
                    biased;
                    () = &mut over => return Ok(End::Superseded),
                    () = &mut given_up, if patience == PATIENCE => break None,
                    _ = save.tick() => self.save().await?,
                    piece = &mut next => break Some(piece),
                }
            };
            let Some(piece) = piece else {
                patience = LAST_BREATH;
                continue;
            };
            match piece {
                Ok(Some(Ok(bytes))) => self.hold(bytes),
                Ok(None) => return Ok(End::Whole),
                Ok(Some(Err(_))) | Err(_) if patience == PATIENCE => return Ok(End::Broken),
                Ok(Some(Err(_))) | Err(_) => return Ok(End::Superseded),
            }
            let room = self.upload.bytes.saturating_sub(self.part.length());
            if self.held.len() as u64 > room {
                return Ok(End::TooLong);
            }
            if self.held.len() >= STEP {
                self.save().await?;
            }
        }
    }

    /// Takes bytes in hand, except those that are kept already. Their checksum is of all of them.
    fn hold(&mut self, mut bytes: Bytes) {
        if let Some(sum) = &mut self.sum {
            sum.update(&bytes);
        }
        let passed = usize::try_from(self.known).unwrap_or(usize::MAX).min(bytes.len());
        self.known -= passed as u64;
        bytes.advance(passed);
        self.held.extend_from_slice(&bytes);
    }

    /// What is held reaches the disk and is counted. Bytes with a checksum are not counted before they were compared.
    async fn save(&mut self) -> Result<(), OperationError> {
        if self.held.is_empty() {
            return Ok(());
        }
        self.put_down().await?;
        if self.sum.is_none() { self.count().await } else { Ok(()) }
    }

    /// Writes what is held, if the upload is still this request's: one that slept while another went on writes nothing.
    async fn put_down(&mut self) -> Result<(), OperationError> {
        if self.held.is_empty() {
            return Ok(());
        }
        let now = self.app.store.upload(self.upload.id).await?;
        is_ours(now, self.upload.claim)?;
        self.part.add(&self.held).await?;
        self.held.clear();
        Ok(())
    }

    /// Counts what lies on disk.
    async fn count(&mut self) -> Result<(), OperationError> {
        self.part.sync().await?;
        let tx = self.app.store.begin().await?;
        let now = is_ours(tx.upload_to_change(self.upload.id).await?, self.upload.claim)?;
        let kept = now.kept(self.part.length(), self.app.clock.now());
        tx.save_upload(&kept).await?;
        tx.commit().await?;
        self.upload = kept;
        Ok(())
    }
}

/// The upload, if that request may still write to it.
fn is_ours(upload: Option<Upload>, claim: Uuid) -> Result<Upload, Refusal> {
    let upload = upload.ok_or(Refusal::Unknown)?;
    if upload.claim == claim { Ok(upload) } else { Err(UploadRefusal::Superseded.into()) }
}

/// All bytes are on disk: their SHA-256 decides. What may not become a photo, as its sender lost the right to it or it is
/// none, goes; what failed for another reason is tried again with the last byte.
async fn complete(app: &App, caller: &Caller, ticket: Ticket, upload: Upload) -> Result<Upload, OperationError> {
    let (id, seal) = (upload.id, ticket.seal(&upload));
    let mut sum = Context::new(&SHA256);
    let mut bytes = app.spool.read(id.0, seal.clone()).await?;
    while let Some(piece) = bytes.try_next().await? {
        sum.update(&piece);
    }
    if sum.finish().as_ref() != upload.sha256 {
        end_with(app, &upload, |upload| Some(upload.begun_anew(app.clock.now()))).await?;
        return Err(Refusal::from(UploadRefusal::NotThePhoto).into());
    }
    let media_type = Some(upload.media_type.as_str()).filter(|media_type| !media_type.is_empty());
    let said = Said { media_type, digest: Some(upload.sha256), length: Some(upload.bytes) };
    let arriving = app.spool.read(id.0, seal).await?;
    let made = match expected_photo(app, caller, upload.report, upload.photo, said).await {
        Ok((report, expected)) => take_in(app, Bringer::Caller(caller), &report, expected, media_type, arriving).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => end_with(app, &upload, |upload| Some(upload.completed(app.clock.now()))).await?.ok_or(Refusal::Unknown.into()),
        Err(error) if is_final(&error) => {
            end_with(app, &upload, |_| None).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Whether the same bytes would be refused again.
pub(super) const fn is_final(error: &OperationError) -> bool {
    match error {
        OperationError::Refused(_) => true,
        OperationError::Photo(error) => !matches!(error, PhotoError::Interrupted(_) | PhotoError::Storage(_)),
        _ => false,
    }
}

/// Nothing more is written: the upload becomes what it becomes, or is forgotten, and its bytes are removed.
async fn end_with(
    app: &App,
    upload: &Upload,
    end: impl FnOnce(Upload) -> Option<Upload>,
) -> Result<Option<Upload>, OperationError> {
    let tx = app.store.begin().await?;
    let ended = end(is_ours(tx.upload_to_change(upload.id).await?, upload.claim)?);
    match &ended {
        Some(ended) => tx.save_upload(ended).await?,
        None => tx.drop_upload(upload.id).await?,
    }
    tx.commit().await?;
    app.spool.remove(upload.id.0).await?;
    Ok(ended)
}
