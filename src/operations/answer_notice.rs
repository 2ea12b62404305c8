//! Somebody takes charge by the link in a mail: the ladder of that one clock waits for the time it states, and then goes
//! on. Or the owner of an action hands it on. A link completes, verifies and closes nothing.

use serde_json::json;

use super::{Link, OperationError, delegate_action::delegate, file::File, show_notice::letter};
use crate::{
    app::App,
    domain::{access::heirs, action::Action, deadline::Deadline, ids::MemberId, refusal::Refusal},
    mail::{Letter, Standing},
    texts,
};

/// Answers a notice for the reader of its link, once; gives what they see then. `to` is whom they hand their action on to,
/// if that is what they ask.
pub async fn answer_notice(app: &App, link: &Link, to: Option<MemberId>) -> Result<(Letter, Standing), OperationError> {
    let notice = &link.delivery.notice;
    let tx = app.store.begin().await?;
    if !tx.answer_notice(notice.id, app.clock.now()).await? {
        return Err(Refusal::Gone("link_answered").into());
    }
    let report = tx.report_to_change(notice.report).await?.ok_or(OperationError::Fault("a notice without its report"))?;
    let mut file = File::around(app, tx, Some(notice.member), report).await?;
    let deadline = file.deadlines.iter().find(|deadline| Some(deadline.id) == notice.deadline).cloned();
    let asks = notice.answerable(None, deadline.as_ref(), file.now)?;
    let deadline = deadline.filter(|_| asks).ok_or(Refusal::Conflict("link_asks_nothing"))?;
    let standing = match to {
        None => take_charge(&mut file, link, deadline).await?,
        Some(to) => hand_on(&mut file, link, to).await?,
    };
    file.save().await?;
    Ok((letter(app, notice).await?, standing))
}

async fn take_charge(file: &mut File, link: &Link, deadline: Deadline) -> Result<Standing, OperationError> {
    let notice = &link.delivery.notice;
    let until = file.pause(deadline).await?;
    let (subject, id) = notice.action.map_or(("report", notice.report.0), |action| ("action", action.0));
    file.note(subject, id, "escalation_acknowledged", json!({ "by": "mail link", "notice": notice.id }));
    Ok(Standing::Answered { until })
}

async fn hand_on(file: &mut File, link: &Link, to: MemberId) -> Result<Standing, OperationError> {
    let notice = &link.delivery.notice;
    let action: Option<Action> = file.actions.iter().find(|action| Some(action.id) == notice.action).cloned();
    let action = action.filter(|action| action.owner == notice.member).ok_or(Refusal::Conflict("link_hands_nothing_on"))?;
    if !heirs(&file.organisation, &action).contains(&to) {
        return Err(Refusal::Conflict("link_hands_nothing_on").into());
    }
    let facts = json!({ "from": action.owner, "to": to, "by": "mail link", "notice": notice.id });
    delegate(file, action, to, &texts::text(link.locale, "page-hand-on-reason"), facts).await?;
    let to = file.organisation.members.get(&to).map_or_else(String::new, |member| member.name.clone());
    Ok(Standing::HandedOn { to })
}
