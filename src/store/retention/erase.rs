//! Erasing within rows that no operation but disposal changes. Which fields is said in `domain/retention`.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, IntoCondition, Query, SelectStatement},
};
use uuid::Uuid;

use super::unused;
use crate::{
    domain::{
        ids::{MemberId, ReportId},
        notice::NoticeKind,
        report::CorrectedField,
        retention::GONE,
        time::Instant,
    },
    store::{
        StoreError, Tx,
        tables::{comments, corrections, filings, follow_ups, members, notice_events, notices, sessions, statements},
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

    /// The words of a report's corrections: why, and both values where they are somebody's words or whereabouts.
    pub async fn erase_corrections(&self, report: ReportId) -> Result<(), StoreError> {
        let private = CorrectedField::ALL.iter().filter(|field| field.is_private()).map(|field| field.word());
        let of_the_report = corrections::Column::ReportId.eq(report.0);
        corrections::Entity::update_many()
            .col_expr(corrections::Column::Reason, Expr::value(GONE))
            .filter(of_the_report.clone())
            .exec(self.connection())
            .await?;
        corrections::Entity::update_many()
            .col_expr(corrections::Column::Before, Expr::value(GONE))
            .col_expr(corrections::Column::After, Expr::value(GONE))
            .filter(of_the_report)
            .filter(corrections::Column::Field.is_in(private))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Who gave the statements of a report, and their files: the bytes wait to be removed.
    pub async fn erase_statements(&self, report: ReportId, now: Instant) -> Result<(), StoreError> {
        for statement in self.statements(report).await? {
            self.leave_bytes(&statement.sha256, now).await?;
        }
        statements::Entity::update_many()
            .col_expr(statements::Column::GivenBy, Expr::value(GONE))
            .col_expr(statements::Column::ReceivedAt, Expr::value(None::<i64>))
            .filter(statements::Column::ReportId.eq(report.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// With whom something was filed, and why late. What, when, and the number on the proof stay.
    pub async fn erase_filings(&self, report: ReportId) -> Result<(), StoreError> {
        let of_the_report = filings::Column::ReportId.eq(report.0);
        filings::Entity::update_many()
            .col_expr(filings::Column::Recipient, Expr::value(GONE))
            .filter(of_the_report.clone())
            .exec(self.connection())
            .await?;
        filings::Entity::update_many()
            .col_expr(filings::Column::ForceMajeure, Expr::value(GONE))
            .filter(of_the_report)
            .filter(filings::Column::ForceMajeure.is_not_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// What an anonymous sender comes back with.
    pub async fn drop_follow_up(&self, report: ReportId) -> Result<(), StoreError> {
        follow_ups::Entity::delete_by_id(report.0).exec(self.connection()).await?;
        Ok(())
    }

    /// Every link from a report to its sender besides the one in its own row: that they take part, that they said something,
    /// and what was told to them alone.
    pub async fn erase_sender(&self, report: ReportId, sender: MemberId, takes_part: bool) -> Result<(), StoreError> {
        if !takes_part {
            self.drop_participant(sender, report).await?;
            self.forget_past_view(report, sender.0).await?;
        }
        comments::Entity::update_many()
            .col_expr(comments::Column::AuthorId, Expr::value(Uuid::nil()))
            .filter(comments::Column::ReportId.eq(report.0))
            .filter(comments::Column::AuthorId.eq(sender.0))
            .exec(self.connection())
            .await?;
        let kinds = NoticeKind::ALL.iter().filter(|kind| kind.is_for_the_sender()).map(|kind| kind.word());
        let theirs = Condition::all().add(notices::Column::ReportId.eq(report.0)).add(notices::Column::Kind.is_in(kinds));
        notice_events::Entity::delete_many()
            .filter(notice_events::Column::NoticeId.in_subquery(ids_of(theirs.clone())))
            .exec(self.connection())
            .await?;
        notices::Entity::delete_many().filter(theirs).exec(self.connection()).await?;
        Ok(())
    }

    /// What relays answered to the mails about a report; gives how many answers there were.
    pub async fn erase_mail_answers(&self, report: ReportId) -> Result<u64, StoreError> {
        notice_events::Entity::update_many()
            .col_expr(notice_events::Column::Answer, Expr::value(None::<String>))
            .filter(notice_events::Column::NoticeId.in_subquery(ids_of(notices::Column::ReportId.eq(report.0).into_condition())))
            .exec(self.connection())
            .await?;
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

fn ids_of(these: Condition) -> SelectStatement {
    Query::select().column(notices::Column::Id).from(notices::Entity).cond_where(these).take()
}
