//! An anonymous sender answers a question, or adds something, by their secret.

use super::{Made, OperationError, add_comment::keep, follow_up};
use crate::{
    app::App,
    domain::{
        comment::Comment,
        ids::{CommentId, client_made},
        report::Command,
    },
};

/// Keeps what an anonymous sender says, under their own id for it. The same words again change nothing.
pub async fn answer_follow_up(app: &App, secret: &str, id: CommentId, text: &str) -> Result<Made<Comment>, OperationError> {
    client_made(id.0, "/comment_id")?;
    let (tx, report) = follow_up::opened(app, secret).await?;
    report.expect(Command::Comment)?;
    let comment = Comment::said(id, report.id, None, text, true, app.clock.now())?;
    keep(tx, &report, comment).await
}
