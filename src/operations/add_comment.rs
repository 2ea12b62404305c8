//! Something is said about a report. It moves nothing: the report's version stays, so that no officer's command is refused
//! for it.

use serde_json::json;

use super::{Caller, Made, OperationError, file::not_disposed};
use crate::{
    app::App,
    domain::{
        comment::Comment,
        ids::{CommentId, ReportId, client_made},
        journal::Entry,
        refusal::Refusal,
        report::{Command, Report},
        retention::What,
    },
    store::Tx,
};

/// Keeps a comment under the client's own id. The same words again change nothing; other words under the same id are a
/// conflict.
pub async fn add_comment(
    app: &App,
    caller: &Caller,
    report: ReportId,
    id: CommentId,
    text: &str,
    for_reporter: bool,
) -> Result<Made<Comment>, OperationError> {
    client_made(id.0, "/comment_id")?;
    let tx = caller.begin(app).await?;
    let report = tx.report(report).await?.ok_or(Refusal::Unknown)?;
    caller.actor().must_see(&report, tx.takes_part(caller.member, report.id).await?)?;
    not_disposed(&tx, &report, What::Words).await?;
    caller.actor().must_command(Command::Comment, &report, &tx.actions_of(report.id).await?)?;
    let comment = Comment::said(id, report.id, Some(caller.member), text, for_reporter, app.clock.now())?;
    keep(tx, &report, comment).await
}

/// Puts a comment on record, and commits. A protected sender goes on record nowhere.
pub(super) async fn keep(mut tx: Tx, report: &Report, comment: Comment) -> Result<Made<Comment>, OperationError> {
    if !tx.add_comment(&comment).await? {
        let known = tx.comment(comment.id).await?.filter(|known| comment.repeats(known));
        return known.map(Made::Before).ok_or_else(|| Refusal::Conflict("comment_conflict").into());
    }
    let protected = report.protects_sender() && comment.is_by_the_reporter(report);
    tx.note(Entry {
        at: comment.at,
        actor: comment.author.filter(|_| !protected),
        subject: "comment",
        subject_id: comment.id.0,
        report: Some(report.id),
        verb: "added",
        facts: json!({ "for_reporter": comment.for_reporter }),
    });
    tx.commit().await?;
    Ok(Made::New(comment))
}
