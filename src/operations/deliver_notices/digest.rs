//! The letter of a digest, from what is still true when it is sent; and what becomes of the rungs in it.

use std::collections::BTreeMap;

use super::{
    OperationError,
    attempt::{Attempt, ended},
    send,
};
use crate::{
    app::App,
    domain::{
        deadline::Deadline,
        delivery::Event,
        ids::{DeadlineId, NoticeId},
        notice::{Notice, NoticeState},
        organisation::{Cast, Organisation},
        time::Instant,
    },
    mail::{About, Digest, DigestGroup, DigestLine, Letter, Recipient},
    store::{Claimed, Tx},
};

/// A week, in which mails are counted against the budget.
pub(in crate::operations) const WEEK_MS: i64 = 7 * 86_400_000;
/// A digest names no more than this; it says how many more there are.
const MOST_LINES: usize = 100;

/// Sends a digest. What is no longer true is dropped from it; with nothing left to say it is not sent.
pub(super) async fn deliver(
    app: &App,
    attempt: &Attempt<'_>,
    claimed: &Claimed,
    organisation: &Organisation,
) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut told: Vec<(Notice, Deadline)> = Vec::new();
    let mut over: Vec<Notice> = Vec::new();
    let items = app.store.items_of(claimed.notice.id).await?;
    let ids: Vec<DeadlineId> = items.iter().filter_map(|item| item.deadline).collect();
    let deadlines: BTreeMap<DeadlineId, Deadline> =
        app.store.deadlines_named(&ids).await?.into_iter().map(|deadline| (deadline.id, deadline)).collect();
    for item in items {
        match item.deadline.and_then(|id| deadlines.get(&id)) {
            Some(deadline) if item.still_wanted(Some(deadline), now) => told.push((item, deadline.clone())),
            _ => over.push(item),
        }
    }
    if !over.is_empty() {
        let mut tx = app.store.begin().await?;
        end(&mut tx, &over, NoticeState::Dropped, now).await?;
        tx.commit().await?;
    }
    if told.is_empty() {
        return attempt.end(NoticeState::Dropped, None, "nothing left to say").await;
    }
    if organisation.members.get(&claimed.notice.member).is_none_or(|member| !member.can_be_told()) {
        return attempt.pass_on(Event::PassedOn, "the person cannot be told any more").await;
    }
    let letter = letter(app, organisation, &claimed.notice, &told).await?;
    let outcome = send(app, claimed, &letter).await?;
    attempt.record(outcome).await
}

/// Ends what stands in a digest as the digest ended.
pub(super) async fn end_with(tx: &mut Tx, digest: &Notice, state: NoticeState, now: Instant) -> Result<(), OperationError> {
    let items = tx.items_of(digest.id).await?;
    end(tx, &items, state, now).await
}

async fn end(tx: &mut Tx, items: &[Notice], state: NoticeState, now: Instant) -> Result<(), OperationError> {
    let ids: Vec<NoticeId> = items.iter().map(|item| item.id).collect();
    tx.end_items(&ids, state, now).await?;
    for item in items {
        tx.note(ended(item, state, now));
    }
    Ok(())
}

async fn letter(
    app: &App,
    organisation: &Organisation,
    notice: &Notice,
    told: &[(Notice, Deadline)],
) -> Result<Letter, OperationError> {
    let now = app.clock.now();
    let member = organisation.members.get(&notice.member).ok_or(OperationError::Fault("a notice to nobody"))?;
    let mut latest: BTreeMap<DeadlineId, &Deadline> = BTreeMap::new();
    for (_, deadline) in told {
        latest.insert(deadline.id, deadline);
    }
    let mut deadlines: Vec<Deadline> = latest.into_values().cloned().collect();
    deadlines.sort_by_key(|deadline| (std::cmp::Reverse(deadline.severity), deadline.due_at));
    let more = deadlines.len().saturating_sub(MOST_LINES);
    let overdue = deadlines.iter().filter(|deadline| deadline.due_at < now).count();
    let open = deadlines.len();
    deadlines.truncate(MOST_LINES);
    let cases = app.store.casts(deadlines.iter()).await?;
    let mut groups: Vec<DigestGroup> = Vec::new();
    for (deadline, (number, cast)) in deadlines.iter().zip(&cases) {
        let site = organisation.sites.get(&deadline.site).map_or("", |site| site.name.in_locale(member.locale));
        let line = line(deadline, number, cast, organisation, now);
        match groups.iter_mut().find(|group| group.site == site) {
            Some(group) => group.lines.push(line),
            None => groups.push(DigestGroup { site: site.to_owned(), lines: vec![line] }),
        }
    }
    let sent = app.store.mails_of(notice.member, now.plus_ms(-WEEK_MS)).await?;
    let budget = organisation.digests().budget;
    Ok(Letter {
        id: notice.id,
        seal: app.links.mail_seal(notice.id),
        at: notice.decided_at,
        locale: member.locale,
        zone: organisation.zone_of(member.id),
        to: Recipient { name: member.name.clone(), address: member.email.clone().unwrap_or_default() },
        thread: format!("digest-{}", notice.id),
        link: app.settings.public_url(),
        about: About::Digest(Digest { groups, open, overdue, more, over_budget: (sent > budget).then_some((sent, budget)) }),
    })
}

fn line(deadline: &Deadline, number: &str, cast: &Cast, organisation: &Organisation, now: Instant) -> DigestLine {
    let owner = cast.answerable.and_then(|member| organisation.members.get(&member));
    DigestLine {
        number: number.to_owned(),
        severity: deadline.severity,
        duty: deadline.kind.word(),
        owner: owner.map(|member| member.name.clone()),
        due_at: deadline.due_at,
        is_overdue: deadline.due_at < now,
    }
}
