//! Erasing within rows that no operation but disposal changes. Which fields is said in `domain/retention`.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::unused;
use crate::{
    domain::{
        ids::{MemberId, ReportId},
        notice::NoticeKind,
        retention::GONE,
        time::Instant,
    },
    store::{
        StoreError, Tx,
        tables::{comments, members, notices, sessions},
    },
};

impl Tx {
    /// The words of a report's comments; gives how many there were.
    pub async fn erase_comments(&self, report: ReportId) -> Result<u64, StoreError> {
        let done = comments::Entity::update_many()
            .col_expr(comments::Column::Text, Expr::value(GONE))
            .filter(comments::Column::ReportId.eq(report.0))
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected)
    }

    /// Every link from a report to its sender besides the one in its own row: that they take part, that they said something,
    /// and what was told to them alone.
    pub async fn erase_sender(&self, report: ReportId, sender: MemberId, takes_part: bool) -> Result<(), StoreError> {
        if !takes_part {
            self.drop_participant(sender, report).await?;
        }
        comments::Entity::update_many()
            .col_expr(comments::Column::AuthorId, Expr::value(Uuid::nil()))
            .filter(comments::Column::ReportId.eq(report.0))
            .filter(comments::Column::AuthorId.eq(sender.0))
            .exec(self.connection())
            .await?;
        let theirs = NoticeKind::ALL.iter().filter(|kind| kind.is_for_the_sender()).map(|kind| kind.word());
        notices::Entity::delete_many()
            .filter(notices::Column::ReportId.eq(report.0))
            .filter(notices::Column::Kind.is_in(theirs))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// What relays answered to the mails about a report; gives how many answers there were.
    pub async fn erase_mail_answers(&self, report: ReportId) -> Result<u64, StoreError> {
        let none = notices::ActiveModel { last_answer: Set(None), ..Default::default() };
        let done = notices::Entity::update_many()
            .set(none)
            .filter(notices::Column::ReportId.eq(report.0))
            .filter(notices::Column::LastAnswer.is_not_null())
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected)
    }

    /// Who a member was.
    pub async fn erase_member(&self, member: MemberId) -> Result<(), StoreError> {
        let nobody = members::ActiveModel {
            name: Set(GONE.to_owned()),
            email: Set(None),
            employee_number: Set(None),
            phone: Set(None),
            password_hash: Set(None),
            address_suspect_since: Set(None),
            ..Default::default()
        };
        members::Entity::update_many()
            .set(nobody)
            .col_expr(members::Column::Version, Expr::col(members::Column::Version).add(1))
            .filter(members::Column::Id.eq(member.0))
            .exec(self.connection())
            .await?;
        self.member_changed().await
    }

    /// Sessions last used by then; gives how many there were, at most so many.
    pub async fn delete_unused_sessions(&self, before: Instant, most: u64) -> Result<u64, StoreError> {
        let ids: Vec<Uuid> = unused(before, most).all(self.connection()).await?.into_iter().map(|row| row.id).collect();
        let done = sessions::Entity::delete_many().filter(sessions::Column::Id.is_in(ids)).exec(self.connection()).await?;
        Ok(done.rows_affected)
    }
}
