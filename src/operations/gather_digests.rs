//! What waits for people is put together: rungs that are told by digest once a day, and what was missed in an outage as single
//! mails or, where there are many, as one. Doing it twice, or on two machines at once, puts nothing together twice.

use serde_json::json;

use super::OperationError;
use crate::{
    app::App,
    domain::{
        ids::{MemberId, NoticeId},
        journal::Entry,
        notice::{Notice, NoticeKind, NoticeState, digest_key, occasion_key},
        organisation::Organisation,
        time::Instant,
    },
    store::{StoreError, Tx},
};

/// How many people are looked at in one pass.
const PASS: u64 = 200;
/// So long the missed waits at most until the planner has caught up, in milliseconds.
const PATIENCE_MS: i64 = 600_000;

/// Gathers for everybody whose time has come; gives how many people there were.
pub async fn gather_digests(app: &App) -> Result<usize, OperationError> {
    let now = app.clock.now();
    let states: &[NoticeState] =
        if all_is_known(app, now).await? { &[NoticeState::Held, NoticeState::Late] } else { &[NoticeState::Held] };
    let members = app.store.members_to_gather(states, now, PASS).await?;
    for member in &members {
        match gather(app, *member, states).await {
            // Another machine gathered it at the same moment.
            Err(OperationError::Store(StoreError::Stale)) => {}
            other => other?,
        }
    }
    if !members.is_empty() {
        app.nudge();
    }
    Ok(members.len())
}

/// Until everything that was missed is on record, nobody can say whether it is much; but nothing waits for that for long.
async fn all_is_known(app: &App, now: Instant) -> Result<bool, OperationError> {
    if app.store.planner_behind_since(now).await?.is_none() {
        return Ok(true);
    }
    Ok(app.store.late_since(now).await?.is_some_and(|since| now.since_ms(since) >= PATIENCE_MS))
}

async fn gather(app: &App, member: MemberId, states: &[NoticeState]) -> Result<(), OperationError> {
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    let organisation = app.store.organisation_in(&tx).await?;
    let late = if states.contains(&NoticeState::Late) { tx.count_waiting_for(member, NoticeState::Late, now).await? } else { 0 };
    if late > 0 && late >= u64::from(organisation.digests().many) {
        // What is late does not wait for the morning, whatever was told today.
        let key = occasion_key(NoticeKind::Digest, "missed", now.ms(), member);
        put_together(app, &mut tx, key, (member, states), "missed in an outage").await?;
        return Ok(tx.commit().await?);
    }
    if late > 0 {
        tx.release(member, now).await?;
    }
    let daily = digest_key(member, today(&organisation, member, now));
    if !put_together(app, &mut tx, daily, (member, &[NoticeState::Held]), "daily digest").await? {
        // Today's has gone out already.
        tx.postpone(member, now, organisation.next_digest(member, now)).await?;
    }
    Ok(tx.commit().await?)
}

/// The date on which the digest is the person's: that of their home.
fn today(organisation: &Organisation, member: MemberId, now: Instant) -> jiff::civil::Date {
    let zone = organisation.home(member).map(|home| organisation.zone(home));
    now.local_date(&zone.unwrap_or(crate::domain::time::Zone::utc()))
}

/// Puts a digest of what waits for a person in these states on record; false when its key was decided before. It stands at
/// the report of its first rung.
async fn put_together(
    app: &App,
    tx: &mut Tx,
    key: String,
    (member, states): (MemberId, &[NoticeState]),
    because: &str,
) -> Result<bool, OperationError> {
    let now = app.clock.now();
    let Some(first) = tx.first_waiting_for(member, states, now).await? else { return Ok(true) };
    let digest = Notice {
        id: NoticeId(app.clock.new_id()),
        key,
        kind: NoticeKind::Digest,
        action: None,
        deadline: None,
        generation: 0,
        rung: None,
        meant_at: now,
        decided_at: now,
        because: because.to_owned(),
        state: NoticeState::Queued,
        in_place_of: None,
        ..first
    };
    if !tx.add_notice(&digest).await? {
        return Ok(false);
    }
    let items = tx.put_into_digest(&digest, states, now).await?;
    if items == 0 {
        return Err(StoreError::Stale.into());
    }
    tx.note(Entry {
        at: now,
        actor: None,
        subject: "notice",
        subject_id: digest.id.0,
        report: Some(digest.report),
        verb: "decided",
        facts: json!({ "kind": digest.kind, "member": digest.member, "because": because, "items": items }),
    });
    Ok(true)
}
