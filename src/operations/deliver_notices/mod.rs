//! Queued notices become mails: claim, commit, ask again whether it is still wanted, send, record. A crash anywhere leaves
//! either the claim to run out or the same mail, under the same Message-ID, to be sent once more.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt as _, TryStreamExt as _, stream};
use tracing::error;

use self::attempt::Attempt;
use super::OperationError;
use crate::{
    app::App,
    domain::{
        delivery::{ATTEMPTS, Event, Outcome},
        notice::{Notice, NoticeKind, NoticeState},
        time::Instant,
    },
    mail::Letter,
    store::{Claimed, Happening, StoreError, Tx},
};

mod attempt;
pub(super) mod compose;
pub(super) mod digest;
pub(super) mod in_place;

/// How long a claim holds without being renewed, in milliseconds; a slow send renews it while it goes on.
const LEASE_MS: i64 = 30_000;
const RENEW: Duration = Duration::from_secs(10);
/// How many notices are claimed in one go.
const CLAIM: u64 = 32;
const MINUTE_MS: i64 = 60_000;

/// Sends what waits, as fast as the relay may be asked; gives how many notices were taken up.
pub async fn deliver_notices(app: &App) -> Result<usize, OperationError> {
    let now = app.clock.now();
    if !app.store.notice_waits(now).await? || app.store.mail_pause().await?.is_some_and(|(until, _)| until > now) {
        return Ok(0);
    }
    let tx = app.store.begin().await?;
    let room = room(app, &tx, now).await?.min(CLAIM);
    let claimed = if room > 0 { tx.claim_notices(now, room, LEASE_MS).await? } else { vec![] };
    let attempted = claimed.iter().map(|claimed| happening(app, &claimed.notice, Event::Attempted, None));
    tx.happened(&attempted.collect::<Vec<_>>()).await?;
    tx.commit().await?;
    let n = claimed.len();
    stream::iter(claimed.into_iter().map(Ok::<_, OperationError>))
        .try_for_each_concurrent(app.settings.mails_at_once.max(1), |claimed| async move {
            match deliver_without_fail(app, &claimed).await {
                // The claim ran out and somebody else has it: they will say what became of it.
                Err(OperationError::Store(StoreError::Stale)) => Ok(()),
                other => other,
            }
        })
        .await?;
    Ok(n)
}

/// How many mails the relay may still be asked to take in this minute.
pub(super) async fn room(app: &App, tx: &Tx, now: Instant) -> Result<u64, OperationError> {
    let spent = tx.attempts_between(now.plus_ms(-MINUTE_MS), now).await?;
    Ok(app.settings.mails_per_minute.saturating_sub(spent))
}

/// A notice that cannot be written, or panics whoever tries, is put aside after a few attempts and holds up no other.
async fn deliver_without_fail(app: &App, claimed: &Claimed) -> Result<(), OperationError> {
    let id = claimed.notice.id;
    match AssertUnwindSafe(deliver(app, claimed)).catch_unwind().await {
        Ok(Err(OperationError::Store(StoreError::Stale))) => Err(StoreError::Stale.into()),
        Ok(Err(cause)) => {
            error!(notice.id = %id, error = &cause as &dyn std::error::Error, "notice {id} could not be written");
            Attempt::of(app, claimed).await?.unwritten("it could not be written").await
        }
        Ok(Ok(())) => Ok(()),
        Err(_) => {
            error!(notice.id = %id, "writing notice {id} panicked");
            Attempt::of(app, claimed).await?.unwritten("writing it panicked").await
        }
    }
}

async fn deliver(app: &App, claimed: &Claimed) -> Result<(), OperationError> {
    let attempt = Attempt::of(app, claimed).await?;
    let (notice, deadline) = (&claimed.notice, attempt.deadline.as_ref());
    if claimed.attempts > ATTEMPTS {
        return attempt.put_aside(Event::NotYet, "too many attempts").await;
    }
    if !attempt.is_needed() || !notice.still_wanted(deadline, app.clock.now()) {
        return attempt.end(NoticeState::Dropped, None, "no longer true").await;
    }
    let organisation = app.store.organisation().await?;
    if notice.kind == NoticeKind::Digest {
        return digest::deliver(app, &attempt, claimed, &organisation).await;
    }
    if organisation.members.get(&notice.member).is_none_or(|member| !member.can_be_told()) {
        return attempt.pass_on(Event::PassedOn, "the person cannot be told any more").await;
    }
    let letter = compose::letter(app, &organisation, notice, deadline).await?;
    let outcome = send(app, claimed, &letter).await?;
    attempt.record(outcome).await
}

/// Sends under a claim that is renewed for as long as it takes.
async fn send(app: &App, claimed: &Claimed, letter: &Letter) -> Result<Outcome, OperationError> {
    let sending = app.sender.send(letter);
    tokio::pin!(sending);
    loop {
        tokio::select! {
            outcome = &mut sending => return Ok(outcome),
            () = tokio::time::sleep(RENEW) => {
                let tx = app.store.begin().await?;
                let ours = tx.renew_lease(claimed, LEASE_MS).await?;
                tx.commit().await?;
                if !ours {
                    return Err(StoreError::Stale.into());
                }
            }
        }
    }
}

/// Something that happens to the mail of a notice now.
pub(super) fn happening(app: &App, notice: &Notice, what: Event, answer: Option<&str>) -> Happening {
    let (id, at) = (app.clock.new_id(), app.clock.now());
    Happening { id, notice: notice.id, at, what, answer: answer.map(str::to_owned) }
}
