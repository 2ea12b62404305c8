//! Mails that came back are read from their folder. One that proves that it is about a mail of ours moves its notice to the
//! next person at once; everything else is put aside and never answered. Reading a file twice changes nothing.

use metrics::counter;
use sha2::{Digest as _, Sha256};
use tracing::{error, info, warn};
use uuid::Uuid;

use super::{
    OperationError,
    deliver_notices::in_place::{ended, pass_on, suspect},
};
use crate::{
    app::App,
    domain::{
        delivery::{Event, Hearsay, heard},
        notice::NoticeState,
    },
    mail::{Inbox, Pile, Returned, returned},
    store::{Delivery, Happening},
};

/// How many files are read in one pass.
const PASS: usize = 100;
const UNREADABLE: OperationError = OperationError::Fault("the folder of mails that came back cannot be read or written");

/// Reads what waits in the folder, if there is one; gives how many mails that were.
pub async fn read_bounces(app: &App) -> Result<usize, OperationError> {
    let Some(folder) = app.settings.bounces_dir() else { return Ok(0) };
    let inbox = Inbox(folder);
    let waiting = inbox.waiting(PASS).await.map_err(|_| UNREADABLE)?;
    let n = waiting.len();
    for file in waiting {
        let bytes = match inbox.read(&file).await {
            Ok(bytes) => bytes.unwrap_or_default(),
            // Another replica was quicker, or it cannot be read: the next pass looks again.
            Err(cause) => {
                error!(error = %cause.kind(), "a mail that came back cannot be read");
                continue;
            }
        };
        let about_ours = match returned(&bytes) {
            Some(returned) => take_in(app, &returned, content_id(&bytes)).await?,
            None => false,
        };
        counter!("salama_mails_returned_total", "ours" => about_ours.to_string()).increment(1);
        inbox.put(&file, if about_ours { Pile::Done } else { Pile::Aside }).await.map_err(|_| UNREADABLE)?;
    }
    Ok(n)
}

/// Takes in what is said about a mail of ours; false when it proves nothing.
async fn take_in(app: &App, returned: &Returned, id: Uuid) -> Result<bool, OperationError> {
    if !app.links.is_mail_seal(returned.notice, &returned.seal) {
        warn!("a delivery status bears no seal of ours");
        return Ok(false);
    }
    let Some(delivery) = app.store.delivery(returned.notice).await? else { return Ok(false) };
    let (now, notice) = (app.clock.now(), &delivery.notice);
    match heard(notice.state, notice.decided_at, delivery.answered_at.is_some(), returned.failed, now) {
        Hearsay::Bounced => bounced(app, &delivery, returned, id).await?,
        Hearsay::Delayed => {
            let tx = app.store.begin().await?;
            tx.happened(&[Happening { id, notice: notice.id, at: now, what: Event::Delayed, answer: said(returned) }]).await?;
            tx.commit().await?;
        }
        Hearsay::Nothing => {}
    }
    Ok(true)
}

/// The mail did not reach its reader. That the address will not do either is believed only of the address they have now.
async fn bounced(app: &App, delivery: &Delivery, returned: &Returned, id: Uuid) -> Result<(), OperationError> {
    let (now, notice) = (app.clock.now(), &delivery.notice);
    let organisation = app.store.organisation().await?;
    let address = organisation.members.get(&notice.member).and_then(|member| member.email.as_deref()).map(str::to_lowercase);
    if returned.permanent && address.is_some_and(|address| returned.recipients.contains(&address)) {
        suspect(app, notice).await?;
    }
    let deadline = match notice.deadline {
        Some(id) => app.store.deadline(id).await?,
        None => None,
    };
    let mut tx = app.store.begin().await?;
    pass_on(app, &mut tx, notice, deadline.as_ref()).await?;
    let answer = said(returned);
    if !tx.bounce_notice(notice.id, now, answer.as_deref().unwrap_or_default()).await? {
        return Ok(());
    }
    tx.happened(&[Happening { id, notice: notice.id, at: now, what: Event::Bounced, answer }]).await?;
    tx.note(ended(notice, NoticeState::Bounced, now));
    tx.commit().await?;
    info!(notice.id = %notice.id, "the mail of notice {} came back: the next person is told", notice.id);
    app.nudge();
    Ok(())
}

/// The status alone: everything else in such a mail repeats addresses.
fn said(returned: &Returned) -> Option<String> {
    Some(format!("status {}", returned.status)).filter(|_| !returned.status.is_empty())
}

/// The same file has the same id, so that it happens once however often it is read.
fn content_id(bytes: &[u8]) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let (id, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
    uuid::Builder::from_custom_bytes(*id).into_uuid()
}
