//! Queued notices become mails: claim, commit, ask again whether it is still wanted, send, record. A crash anywhere leaves
//! either the claim to run out or the same mail, under the same Message-ID, to be sent once more.

use std::time::Duration;

use futures_util::{TryStreamExt as _, stream};
use serde_json::json;
use tracing::{error, info, warn};

use super::{OperationError, escalate_due::told, file::decided};
use crate::{
    app::App,
    domain::{
        audience::Audience,
        deadline::Deadline,
        delivery::{ATTEMPTS, Outcome, try_again_at},
        ids::NoticeId,
        journal::Entry,
        notice::{Notice, NoticeState, occasion_key, rung_key},
        organisation::Cast,
    },
    mail::Letter,
    store::{Claimed, StoreError},
};

pub(super) mod compose;

/// How long a claim holds without being renewed, in milliseconds; a slow send renews it while it goes on.
const LEASE_MS: i64 = 30_000;
const RENEW: Duration = Duration::from_secs(10);
/// How many notices are claimed in one go.
const CLAIM: u64 = 32;
/// How long the whole queue rests when its configuration is wrong, in milliseconds.
const PAUSE_MS: i64 = 60_000;

/// Sends what waits; gives how many notices were taken up.
pub async fn deliver_notices(app: &App) -> Result<usize, OperationError> {
    let now = app.clock.now();
    if app.store.mail_pause().await?.is_some_and(|(until, _)| until > now) {
        return Ok(0);
    }
    let tx = app.store.begin().await?;
    let claimed = tx.claim_notices(now, CLAIM, LEASE_MS).await?;
    tx.commit().await?;
    let n = claimed.len();
    stream::iter(claimed.into_iter().map(Ok::<_, OperationError>))
        .try_for_each_concurrent(app.settings.mails_at_once.max(1), |claimed| async move {
            match deliver(app, &claimed).await {
                // The claim ran out and somebody else has it: they will say what became of it.
                Err(OperationError::Store(StoreError::Stale)) => Ok(()),
                other => other,
            }
        })
        .await?;
    Ok(n)
}

async fn deliver(app: &App, claimed: &Claimed) -> Result<(), OperationError> {
    let deadline = match claimed.notice.deadline {
        Some(id) => app.store.deadline(id).await?,
        None => None,
    };
    if claimed.attempts > ATTEMPTS {
        return settle(app, claimed, NoticeState::Dead, "too many attempts").await;
    }
    if !claimed.notice.still_wanted(deadline.as_ref(), app.clock.now()) {
        return settle(app, claimed, NoticeState::Dropped, "no longer true").await;
    }
    let organisation = app.store.organisation().await?;
    if organisation.members.get(&claimed.notice.member).is_none_or(|member| !member.can_be_told()) {
        return pass_on(app, claimed, deadline.as_ref(), "the person cannot be told any more").await;
    }
    let letter = compose::letter(app, &organisation, &claimed.notice, deadline.as_ref()).await?;
    let outcome = send(app, claimed, &letter).await?;
    record(app, claimed, deadline.as_ref(), outcome).await
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

async fn record(app: &App, claimed: &Claimed, deadline: Option<&Deadline>, outcome: Outcome) -> Result<(), OperationError> {
    let id = claimed.notice.id;
    match outcome {
        Outcome::Accepted { reply } => {
            info!(notice.id = %id, outbox.attempt = claimed.attempts, "notice {id} was accepted by the relay");
            settle(app, claimed, NoticeState::Accepted, &reply).await
        }
        Outcome::Transient { why } | Outcome::Unknown { why } => {
            warn!(notice.id = %id, outbox.attempt = claimed.attempts, why, "notice {id} was not accepted yet: {why}");
            try_later(app, claimed, &why).await
        }
        Outcome::AddressRefused { why } => {
            warn!(notice.id = %id, why, "the mailbox of notice {id} refuses mail: the next person is told");
            suspect(app, claimed).await?;
            pass_on(app, claimed, deadline, &why).await
        }
        Outcome::MessageRefused { why } => {
            error!(notice.id = %id, why, "notice {id} cannot be sent: {why}");
            settle(app, claimed, NoticeState::Dead, &why).await
        }
        Outcome::Misconfigured { why } => {
            error!(why, "no mail can leave until its configuration is mended: {why}");
            let until = app.clock.now().plus_ms(PAUSE_MS);
            let tx = app.store.begin().await?;
            tx.pause_mail(Some((until, &why))).await?;
            tx.give_back(claimed, until).await?;
            Ok(tx.commit().await?)
        }
    }
}

async fn try_later(app: &App, claimed: &Claimed, why: &str) -> Result<(), OperationError> {
    let now = app.clock.now();
    let Some(next) = try_again_at(claimed.attempts, now, app.clock.dice()) else {
        error!(notice.id = %claimed.notice.id, "notice {} is given up", claimed.notice.id);
        return settle(app, claimed, NoticeState::Dead, why).await;
    };
    let tx = app.store.begin().await?;
    tx.settle_notice(claimed, NoticeState::Queued, Some(next), now, why).await?;
    Ok(tx.commit().await?)
}

/// Puts the end of a notice on record; a relay that accepts shows that the queue's configuration is right again.
async fn settle(app: &App, claimed: &Claimed, state: NoticeState, answer: &str) -> Result<(), OperationError> {
    let now = app.clock.now();
    let paused = state == NoticeState::Accepted && app.store.mail_pause().await?.is_some();
    let mut tx = app.store.begin().await?;
    tx.settle_notice(claimed, state, None, now, answer).await?;
    if paused {
        tx.pause_mail(None).await?;
    }
    tx.note(ended(&claimed.notice, state, now));
    Ok(tx.commit().await?)
}

async fn suspect(app: &App, claimed: &Claimed) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.suspect_address(claimed.notice.member, Some(now)).await?;
    let facts = json!({ "notice": (!claimed.notice.kind.is_for_the_sender()).then_some(claimed.notice.id) });
    let subject_id = claimed.notice.member.0;
    tx.note(Entry { at: now, actor: None, subject: "member", subject_id, report: None, verb: "address_suspect", facts });
    Ok(tx.commit().await?)
}

/// The person cannot be told. What is for a report's sender ends with that; of all else whoever stands in for them, or is next up, is told now, and the notice ends as bounced.
async fn pass_on(app: &App, claimed: &Claimed, deadline: Option<&Deadline>, why: &str) -> Result<(), OperationError> {
    let first = &claimed.notice;
    if first.kind.is_for_the_sender() {
        return settle(app, claimed, NoticeState::Bounced, why).await;
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let organisation = app.store.organisation_in(&tx).await?;
    let report = tx.report(first.report).await?.ok_or(OperationError::Fault("a notice without its report"))?;
    let cast = Cast { site: report.site, officer: report.officer, owner: None, verifier: None, answerable: Some(first.member) };
    let next = organisation.resolve(&[Audience::Member(first.member)], &cast, now);
    for (member, _) in next.into_iter().filter(|(member, _)| *member != first.member) {
        let key = match (deadline, first.rung) {
            (Some(deadline), Some(rung)) => rung_key(deadline, rung, member),
            _ => occasion_key(first.kind, &first.key, 0, member),
        };
        let because = format!("{}; passed on", first.because);
        let notice = Notice {
            id: NoticeId(app.clock.new_id()),
            key,
            member,
            decided_at: now,
            because,
            state: NoticeState::Queued,
            ..first.clone()
        };
        if tx.add_notice(&notice).await? {
            tx.note(deadline.map_or_else(|| decided(&notice, None), |deadline| told(&notice, deadline)));
        }
    }
    tx.settle_notice(claimed, NoticeState::Bounced, None, now, why).await?;
    tx.note(ended(first, NoticeState::Bounced, now));
    tx.commit().await?;
    app.nudge();
    Ok(())
}

fn ended(notice: &Notice, state: NoticeState, at: crate::domain::time::Instant) -> Entry {
    let member = (!notice.kind.is_for_the_sender()).then_some(notice.member);
    let facts = json!({ "member": member, "kind": notice.kind });
    Entry { at, actor: None, subject: "notice", subject_id: notice.id.0, report: Some(notice.report), verb: state.word(), facts }
}
