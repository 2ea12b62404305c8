//! A person leaves: every session of theirs ends at once, and what would be told to them goes to the next one up.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    OperationError,
    deliver_notices::in_place::{ended, raise},
};
use crate::{
    app::App,
    domain::{delivery::Event, ids::MemberId, journal::Entry, notice::NoticeState, refusal::Refusal},
    store::{Happening, Tx},
};

/// Disables whoever has that login.
pub async fn disable_member(app: &App, login: &str) -> Result<(), OperationError> {
    let member = app.store.login(login.trim()).await?.ok_or_else(|| Refusal::invalid("/login", "unknown_member"))?.member;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    pass_on_unanswered(app, &mut tx, member).await?;
    tx.disable_member(member, now).await?;
    tx.revoke_sessions(member, now).await?;
    tx.note(Entry {
        at: now,
        actor: None,
        subject: "member",
        subject_id: member.0,
        report: None,
        verb: "disabled",
        facts: json!({}),
    });
    tx.commit().await?;
    app.nudge();
    Ok(())
}

/// Whoever is next up is told now of each clock whose last word went to somebody who is gone.
pub(super) async fn pass_on_unanswered(app: &App, tx: &mut Tx, member: MemberId) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut clocks = BTreeSet::new();
    // The highest rung of each clock comes first.
    for notice in tx.unanswered_rungs_of(member).await? {
        let Some(id) = notice.deadline.filter(|id| clocks.insert(*id)) else { continue };
        let deadline = tx.deadline(id).await?;
        raise(app, tx, &notice, deadline.as_ref()).await?;
        tx.bounce_notice(notice.id, now, "the person is gone").await?;
        let (id, what, answer) = (app.clock.new_id(), Event::PassedOn, Some("the person is gone".to_owned()));
        tx.happened(&[Happening { id, notice: notice.id, at: now, what, answer }]).await?;
        tx.note(ended(&notice, NoticeState::Bounced, now));
    }
    Ok(())
}
