//! Somebody takes charge by the link in a mail: the ladder of that one clock waits for the time it states, and then goes
//! on. A link completes, verifies and closes nothing.

use serde_json::json;

use super::{Link, OperationError, file::File, show_notice::letter};
use crate::{
    app::App,
    domain::refusal::Refusal,
    mail::{Letter, Standing},
};

/// Answers a notice for the reader of its link, once; gives what they see then.
pub async fn answer_notice(app: &App, link: &Link) -> Result<(Letter, Standing), OperationError> {
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
    let until = file.pause(deadline).await?;
    let (subject, id) = notice.action.map_or(("report", notice.report.0), |action| ("action", action.0));
    file.note(subject, id, "escalation_acknowledged", json!({ "by": "mail link", "notice": notice.id }));
    file.save().await?;
    Ok((letter(app, notice).await?, Standing::Answered { until }))
}
