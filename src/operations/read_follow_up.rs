//! An anonymous sender sees where their report stands, what they are asked, and how it ended.

use super::{OperationError, follow_up};
use crate::{
    app::App,
    domain::{comment::Comment, photo::Photo, refusal::Refusal, report::Report},
};

/// What the holder of a secret sees.
pub struct FollowedUp {
    /// The report.
    pub report: Report,
    /// What was said to its sender, and by them, oldest first.
    pub comments: Vec<Comment>,
    /// Its photos.
    pub photos: Vec<Photo>,
}

/// Reads the report that a secret opens. The first reading is kept in mind: from then on the secrets are not given again.
pub async fn read_follow_up(app: &App, secret: &str) -> Result<FollowedUp, OperationError> {
    let known = follow_up::known(app, secret).await?;
    let report = if known.used {
        app.store.report(known.report).await?.ok_or(Refusal::Unknown)?
    } else {
        let (tx, report) = follow_up::opened(app, secret).await?;
        tx.commit().await?;
        report
    };
    let mut comments = app.store.comments_of(report.id).await?;
    comments.retain(|comment| comment.for_reporter || comment.is_by_the_reporter(&report));
    Ok(FollowedUp { comments, photos: app.store.photos(report.id).await?, report })
}
