//! What people say about reports.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TryInsertResult};
use uuid::Uuid;

use super::{Read, StoreError, Tx, tables::comments};
use crate::domain::{
    comment::{Comment, CommentKind},
    ids::{CommentId, MemberId, ReportId},
    time::Instant,
};

/// Stands for an anonymous sender in a column that must not be empty.
const NOBODY: Uuid = Uuid::nil();

impl<C: ConnectionTrait> Read<C> {
    /// The comment of that id.
    pub async fn comment(&self, id: CommentId) -> Result<Option<Comment>, StoreError> {
        comments::Entity::find_by_id(id.0).one(self.on()).await?.map(comment).transpose()
    }

    /// What was said about a report, oldest first.
    pub async fn comments_of(&self, report: ReportId) -> Result<Vec<Comment>, StoreError> {
        let rows = comments::Entity::find()
            .filter(comments::Column::ReportId.eq(report.0))
            .order_by_asc(comments::Column::SaidAt)
            .order_by_asc(comments::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(comment).collect()
    }

    /// What was said about all these reports, oldest first.
    pub async fn comments_of_all(&self, reports: &[ReportId]) -> Result<Vec<Comment>, StoreError> {
        let rows = comments::Entity::find()
            .filter(comments::Column::ReportId.is_in(reports.iter().map(|report| report.0)))
            .order_by_asc(comments::Column::SaidAt)
            .order_by_asc(comments::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(comment).collect()
    }
}

impl Tx {
    /// Adds a comment; false when its id is there already.
    pub async fn add_comment(&self, comment: &Comment) -> Result<bool, StoreError> {
        let row = comments::Model {
            id: comment.id.0,
            report_id: comment.report.0,
            author_id: comment.author.map_or(NOBODY, |author| author.0),
            kind: comment.kind.word().to_owned(),
            text: comment.text.clone(),
            for_reporter: comment.for_reporter,
            said_at: comment.at.ms(),
        };
        let insert = comments::Entity::insert(row.into_active_model()).on_conflict_do_nothing();
        Ok(matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)))
    }
}

fn comment(row: comments::Model) -> Result<Comment, StoreError> {
    Ok(Comment {
        id: CommentId(row.id),
        report: ReportId(row.report_id),
        author: Some(row.author_id).filter(|author| *author != NOBODY).map(MemberId),
        kind: CommentKind::of_word(&row.kind).ok_or(StoreError::Corrupt("comments.kind"))?,
        text: row.text,
        for_reporter: row.for_reporter,
        at: Instant::from_ms(row.said_at),
    })
}
