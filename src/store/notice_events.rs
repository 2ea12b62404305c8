//! What happened to the mail of each notice, in order: every attempt and what became of it, what was heard of it later, and
//! whom it passed on. Only added to.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Query,
};
use uuid::Uuid;

use super::{
    Read, StoreError, Tx, account_words,
    tables::{notice_events, notices},
};
use crate::domain::{
    delivery::Event,
    ids::{NoticeId, ReportId},
    time::Instant,
};

/// One thing that happened to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// Its id; the same id happens once.
    pub id: Uuid,
    /// To the mail of which notice.
    pub notice: NoticeId,
    /// When.
    pub at: Instant,
    /// What.
    pub what: Event,
    /// What was said to it, without an address or a name.
    pub answer: Option<String>,
}

impl<C: ConnectionTrait> Read<C> {
    /// What happened to the mails about a report, by their notices, oldest first.
    pub async fn happenings_of(&self, report: ReportId) -> Result<BTreeMap<NoticeId, Vec<Happening>>, StoreError> {
        let of_report = Query::select()
            .column(notices::Column::Id)
            .from(notices::Entity)
            .and_where(notices::Column::ReportId.eq(report.0))
            .to_owned();
        let rows = notice_events::Entity::find()
            .filter(notice_events::Column::NoticeId.in_subquery(of_report))
            .order_by_asc(notice_events::Column::At)
            .order_by_asc(notice_events::Column::Id)
            .all(self.on())
            .await?;
        let mut by_notice: BTreeMap<NoticeId, Vec<Happening>> = BTreeMap::new();
        for row in rows {
            let what = Event::of_word(&row.what).ok_or(StoreError::Corrupt("notice_events.what"))?;
            let notice = NoticeId(row.notice_id);
            let happening = Happening { id: row.id, notice, at: Instant::from_ms(row.at), what, answer: row.answer };
            by_notice.entry(notice).or_default().push(happening);
        }
        Ok(by_notice)
    }

    /// Whether that happened to the mail of a notice.
    pub async fn has_happened(&self, notice: NoticeId, what: Event) -> Result<bool, StoreError> {
        let found = notice_events::Entity::find()
            .filter(notice_events::Column::NoticeId.eq(notice.0))
            .filter(notice_events::Column::What.eq(what.word()))
            .one(self.on())
            .await?;
        Ok(found.is_some())
    }

    /// How many mails were attempted after the one instant and until the other: not those of a clock that ran ahead. Those about
    /// accounts count as well.
    pub async fn attempts_between(&self, after: Instant, until: Instant) -> Result<u64, StoreError> {
        let attempts = notice_events::Entity::find()
            .filter(notice_events::Column::What.eq(Event::Attempted.word()))
            .filter(notice_events::Column::At.gt(after.ms()))
            .filter(notice_events::Column::At.lte(until.ms()));
        Ok(attempts.count(self.on()).await? + account_words::tried_between(after, until).count(self.on()).await?)
    }
}

impl Tx {
    /// Puts on record what happened. What has happened under the same id is left as it is.
    pub async fn happened(&self, happenings: &[Happening]) -> Result<(), StoreError> {
        if happenings.is_empty() {
            return Ok(());
        }
        let row = |happening: &Happening| {
            let answer = happening.answer.as_ref().map(|answer| answer.chars().take(500).collect());
            notice_events::ActiveModel {
                id: Set(happening.id),
                notice_id: Set(happening.notice.0),
                at: Set(happening.at.ms()),
                what: Set(happening.what.word().to_owned()),
                answer: Set(answer),
            }
        };
        let insert = notice_events::Entity::insert_many(happenings.iter().map(|happening| row(happening).into_active_model()));
        insert.on_conflict_do_nothing_on([notice_events::Column::Id]).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
