//! Something is said about a report. It moves nothing: the report's version stays, so that no officer's command is refused
//! for it.

use serde_json::{Value, json};

use super::{
    Caller, Made, OperationError,
    file::not_disposed,
    hold_until_arrival::{Arrival, hold},
};
use crate::{
    app::App,
    domain::{
        comment::Comment,
        held::{HeldKind, Said},
        ids::{CommentId, ReportId, client_made},
        journal::Entry,
        refusal::Refusal,
        report::{Command, Report},
        retention::What,
    },
    store::Tx,
};

/// Keeps a comment under the client's own id, or lets it wait for its report. The same words again change nothing; other words
/// under the same id are a conflict.
pub async fn add_comment(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: CommentId,
    text: &str,
    for_reporter: bool,
) -> Result<Arrival<Made<Comment>>, OperationError> {
    client_made(id.0, "/comment_id")?;
    let tx = caller.begin(app).await?;
    let mut known = tx.report(report).await?;
    if !sees(&tx, caller, known.as_ref()).await? {
        // It may be coming just now.
        tx.hold_alone(report.0, Some(caller.member)).await?;
        known = tx.report(report).await?;
    }
    let is_there = known.is_some();
    let seen = if sees(&tx, caller, known.as_ref()).await? { known } else { None };
    let Some(report) = seen else {
        let said = Said::Comment { id, report, text: text.to_owned(), for_reporter };
        return Ok(Arrival::Held(Box::new(hold(app, tx, caller, said, is_there).await?)));
    };
    not_disposed(&tx, &report, What::Words).await?;
    caller.actor().must_command(Command::Comment, &report, &tx.actions_of(report.id).await?)?;
    let comment = Comment::said(id, report.id, Some(caller.member), text, for_reporter, app.clock.now())?;
    if let Some(held) = tx.held_of(caller.member, HeldKind::Comment, id.0).await? {
        tx.drop_held(held.id).await?;
    }
    keep(tx, &report, comment).await.map(Arrival::Here)
}

/// Whether the caller sees that report.
pub(super) async fn sees(tx: &Tx, caller: &Caller, report: Option<&Report>) -> Result<bool, OperationError> {
    let Some(report) = report else { return Ok(false) };
    Ok(caller.actor().must_see(report, tx.takes_part(caller.member, report.id).await?).is_ok())
}

/// Puts a comment on record, and commits.
pub(super) async fn keep(mut tx: Tx, report: &Report, comment: Comment) -> Result<Made<Comment>, OperationError> {
    if !tx.add_comment(&comment).await? {
        let known = tx.comment(comment.id).await?.filter(|known| comment.repeats(known));
        return known.map(Made::Before).ok_or_else(|| Refusal::Conflict("comment_conflict").into());
    }
    tx.note(entry(report, &comment, json!({ "for_reporter": comment.for_reporter })));
    tx.commit().await?;
    Ok(Made::New(comment))
}

/// What goes on record about a comment. A protected sender goes on record nowhere.
pub(super) fn entry(report: &Report, comment: &Comment, facts: Value) -> Entry {
    let protected = report.protects_sender() && comment.is_by_the_reporter(report);
    Entry {
        at: comment.at,
        actor: comment.author.filter(|_| !protected),
        subject: "comment",
        subject_id: comment.id.0,
        report: Some(report.id),
        verb: "added",
        facts,
    }
}
