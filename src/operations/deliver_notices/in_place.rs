//! Somebody is told in place of a person whom a mail does not reach: whoever stands in for them, or is next up. And the
//! administrators are told of an address that must be mended.

use serde_json::json;

pub(in crate::operations) use super::attempt::ended;
use super::{super::escalate_due::told, digest};
use crate::{
    app::App,
    domain::{
        audience::{Audience, Role},
        deadline::Deadline,
        ids::{MemberId, NoticeId, SiteId},
        journal::Entry,
        notice::{Notice, NoticeKind, NoticeState, occasion_key, rung_key},
        organisation::{Cast, Organisation},
    },
    operations::OperationError,
    store::Tx,
};

/// Tells whoever stands in for the person of a notice, or is next up. What is said to a person alone ends with them.
pub(in crate::operations) async fn pass_on(
    app: &App,
    tx: &mut Tx,
    first: &Notice,
    deadline: Option<&Deadline>,
) -> Result<(), OperationError> {
    if first.kind.is_personal() {
        return Ok(());
    }
    if first.kind == NoticeKind::Digest {
        tell_of_each(app, tx, first, &Audience::Member(first.member), "passed on").await?;
        return digest::end_with(tx, first, NoticeState::Bounced, app.clock.now()).await;
    }
    tell_in_place(app, tx, first, deadline, Audience::Member(first.member), "passed on").await
}

/// Tells whoever is next up of everything that stands in a digest.
pub(super) async fn raise_items(app: &App, tx: &mut Tx, digest: &Notice) -> Result<(), OperationError> {
    tell_of_each(app, tx, digest, &Audience::Manager(1), "told as well").await
}

/// A digest goes on rung by rung: each has its own next person, and waits to be put together for them anew.
async fn tell_of_each(app: &App, tx: &mut Tx, digest: &Notice, audience: &Audience, why: &str) -> Result<(), OperationError> {
    let items = tx.items_of(digest.id).await?;
    let named: Vec<_> = items.iter().filter_map(|item| item.deadline).collect();
    let deadlines = tx.deadlines_named(&named).await?;
    for item in items {
        let deadline = deadlines.iter().find(|deadline| Some(deadline.id) == item.deadline);
        tell_in_place(app, tx, &Notice { state: NoticeState::Late, ..item }, deadline, audience.clone(), why).await?;
    }
    Ok(())
}

/// Tells whoever is next up as well.
pub(in crate::operations) async fn raise(
    app: &App,
    tx: &mut Tx,
    first: &Notice,
    deadline: Option<&Deadline>,
) -> Result<(), OperationError> {
    tell_in_place(app, tx, first, deadline, Audience::Manager(1), "told as well").await
}

/// Puts on record that an audience is told in place of the person of a notice; the safety desk where that is nobody else.
async fn tell_in_place(
    app: &App,
    tx: &mut Tx,
    first: &Notice,
    deadline: Option<&Deadline>,
    audience: Audience,
    why: &str,
) -> Result<(), OperationError> {
    if first.is_over(deadline) {
        // Under the key of the present generation it would stand in the way of what that one has to tell.
        return Ok(());
    }
    let now = app.clock.now();
    let organisation = app.store.organisation_in(tx).await?;
    let report = tx.report(first.report).await?.ok_or(OperationError::Fault("a notice without its report"))?;
    let cast = Cast { officer: report.officer, ..cast(report.site, first.member) };
    let others = |audience| -> Vec<MemberId> {
        let found = organisation.resolve(&[audience], &cast, now);
        found.into_iter().map(|found| found.member).filter(|member| *member != first.member).collect()
    };
    let nearest = [audience, Audience::Manager(1), Audience::SafetyDesk].into_iter();
    let people = nearest.map(others).find(|people| !people.is_empty()).unwrap_or_default();
    for member in people {
        let key = match (deadline, first.rung) {
            (Some(deadline), Some(rung)) => rung_key(deadline, rung, member),
            _ => occasion_key(first.kind, &first.key, 0, member),
        };
        let state = if first.state == NoticeState::Late { NoticeState::Late } else { NoticeState::Queued };
        let notice = Notice { key, because: format!("{}; {why}", first.because), state, ..in_place(app, first, member) };
        if tx.add_notice(&notice).await? && deadline.is_some() {
            tx.note(told(&notice));
        }
    }
    Ok(())
}

/// A person's address refuses mail: on record, and those who administer people are told, unless that would say who sent a
/// report.
pub(in crate::operations) async fn suspect(app: &App, first: &Notice) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let organisation = app.store.organisation_in(&tx).await?;
    if organisation.members.get(&first.member).is_none_or(|member| member.address_suspect_since.is_some()) {
        return Ok(());
    }
    let open = !first.kind.is_for_the_sender();
    if open {
        tell_administrators(app, &tx, &organisation, first).await?;
    }
    tx.suspect_address(first.member, Some(now)).await?;
    // Beside the entry of the notice, one that names the member would name the sender.
    if open {
        let (facts, subject_id) = (json!({ "notice": first.id }), first.member.0);
        tx.note(Entry { at: now, actor: None, subject: "member", subject_id, report: None, verb: "address_suspect", facts });
    }
    Ok(tx.commit().await?)
}

async fn tell_administrators(app: &App, tx: &Tx, organisation: &Organisation, first: &Notice) -> Result<(), OperationError> {
    let report = tx.report(first.report).await?.ok_or(OperationError::Fault("a notice without its report"))?;
    let now = app.clock.now();
    let administrators = organisation.resolve(&[Audience::Role(Role::Admin)], &cast(report.site, first.member), now);
    for member in administrators.into_iter().map(|found| found.member).filter(|member| *member != first.member) {
        let key = occasion_key(NoticeKind::MailBounced, first.member, now.ms(), member);
        let of_nothing = Notice { action: None, deadline: None, rung: None, generation: 0, ..in_place(app, first, member) };
        let because = "administrator of people".to_owned();
        tx.add_notice(&Notice { key, because, kind: NoticeKind::MailBounced, ..of_nothing }).await?;
    }
    Ok(())
}

fn cast(site: SiteId, answerable: MemberId) -> Cast {
    Cast { site, officer: None, owner: None, verifier: None, answerable: Some(answerable) }
}

fn in_place(app: &App, first: &Notice, member: MemberId) -> Notice {
    Notice {
        id: NoticeId(app.clock.new_id()),
        member,
        decided_at: app.clock.now(),
        state: NoticeState::Queued,
        in_place_of: Some(first.id),
        ..first.clone()
    }
}
