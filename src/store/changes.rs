//! What changed, for copies on phones: read along the journal, whose numbers follow the order of commits.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::Query,
};
use uuid::Uuid;

use super::{
    Read, StoreError, Tx,
    journal::link,
    reports::report,
    tables::{journal, participants, past_views, reports, views},
};
use crate::domain::{
    changes::{View, ViewHash},
    ids::{MemberId, ReportId},
    journal::Link,
    report::Report,
    time::Instant,
};

/// That something changed.
#[derive(Debug, Clone, FromQueryResult)]
pub struct News {
    /// The number of the entry.
    pub seq: i64,
    /// The report it belongs to.
    pub report_id: Option<Uuid>,
    /// What kind of record changed.
    pub subject: String,
    /// Which one.
    pub subject_id: Uuid,
}

impl<C: ConnectionTrait> Read<C> {
    /// What the entries after that number, up to and with that one, are about; who was told of what is no news.
    pub async fn news(&self, after: i64, upto: i64) -> Result<Vec<News>, StoreError> {
        Ok(news(after, upto).into_model().all(self.on()).await?)
    }

    /// When the entry after that number was written.
    pub async fn entry_after(&self, seq: i64) -> Result<Option<Instant>, StoreError> {
        let next = journal::Entity::find_by_id(seq + 1).one(self.on()).await?;
        Ok(next.map(|row| Instant::from_ms(row.at)))
    }

    /// The entries of these reports after that number, up to and with that one, in order.
    pub async fn entries_of_all(&self, reports: &[ReportId], after: i64, upto: i64) -> Result<Vec<Link>, StoreError> {
        let rows = journal::Entity::find()
            .filter(journal::Column::ReportId.is_in(reports.iter().map(|report| report.0)))
            .filter(journal::Column::Seq.gt(after))
            .filter(journal::Column::Seq.lte(upto))
            .order_by_asc(journal::Column::Seq)
            .all(self.on())
            .await?;
        rows.into_iter().map(link).collect()
    }

    /// Those of these reports that a member may come across: at the sites they read, or with them.
    pub async fn reports_in_view(
        &self,
        ids: &[ReportId],
        member: MemberId,
        view: &View,
    ) -> Result<HashMap<ReportId, Report>, StoreError> {
        let rows = in_view(ids, member, view).all(self.on()).await?;
        rows.into_iter().map(|row| report(row).map(|report| (report.id, report))).collect()
    }

    /// Those of these reports that the member takes part in.
    pub async fn taking_part(&self, member: MemberId, ids: &[ReportId]) -> Result<BTreeSet<ReportId>, StoreError> {
        let rows = participants::Entity::find()
            .filter(participants::Column::MemberId.eq(member.0))
            .filter(participants::Column::ReportId.is_in(ids.iter().map(|id| id.0)))
            .all(self.on())
            .await?;
        Ok(rows.into_iter().map(|row| ReportId(row.report_id)).collect())
    }

    /// Those of these reports that a member with that view could once see, and may not see now.
    pub async fn once_in_view(&self, ids: &[ReportId], member: MemberId, view: &View) -> Result<BTreeSet<ReportId>, StoreError> {
        let sites = view.sites().unwrap_or_default().into_iter().map(|site| site.0);
        let rows = past_views::Entity::find()
            .filter(past_views::Column::ReportId.is_in(ids.iter().map(|id| id.0)))
            .filter(past_views::Column::ViewerId.is_in(sites.chain([member.0])))
            .all(self.on())
            .await?;
        Ok(rows.into_iter().map(|row| ReportId(row.report_id)).collect())
    }

    /// The view of that hash, if it was ever kept.
    pub async fn view(&self, hash: ViewHash) -> Result<Option<View>, StoreError> {
        let row = views::Entity::find_by_id(hash.to_vec()).one(self.on()).await?;
        row.map(|row| row.sites.parse().map_err(|_| StoreError::Corrupt("views.sites"))).transpose()
    }
}

pub(super) fn news(after: i64, upto: i64) -> Select<journal::Entity> {
    journal::Entity::find()
        .select_only()
        .columns([journal::Column::Seq, journal::Column::ReportId, journal::Column::Subject, journal::Column::SubjectId])
        .filter(journal::Column::Seq.gt(after))
        .filter(journal::Column::Seq.lte(upto))
        .filter(journal::Column::Subject.ne("notice"))
        .order_by_asc(journal::Column::Seq)
}

pub(super) fn in_view(ids: &[ReportId], member: MemberId, view: &View) -> Select<reports::Entity> {
    let own = Query::select()
        .column(participants::Column::ReportId)
        .from(participants::Entity)
        .cond_where(participants::Column::MemberId.eq(member.0))
        .and_where(participants::Column::ReportId.is_in(ids.iter().map(|id| id.0)))
        .to_owned();
    let seen = view.sites().map(|sites| {
        let here = Condition::any().add(reports::Column::Id.in_subquery(own));
        if sites.is_empty() { here } else { here.add(reports::Column::SiteId.is_in(sites.iter().map(|site| site.0))) }
    });
    let named = Condition::all().add(reports::Column::Id.is_in(ids.iter().map(|id| id.0)));
    reports::Entity::find().filter(named.add_option(seen))
}

impl Tx {
    /// Keeps a view, for the phones that will have known it.
    pub async fn keep_view(&self, view: &View) -> Result<(), StoreError> {
        let row = views::ActiveModel { hash: Set(view.hash().to_vec()), sites: Set(view.to_string()) };
        views::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Keeps that somebody, or those who read a site, could see a report once.
    pub async fn add_past_view(&self, report: ReportId, viewer: Uuid) -> Result<(), StoreError> {
        let row = past_views::ActiveModel { report_id: Set(report.0), viewer_id: Set(viewer) };
        past_views::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Forgets that a member could see a report once.
    pub async fn forget_past_view(&self, report: ReportId, viewer: Uuid) -> Result<(), StoreError> {
        past_views::Entity::delete_by_id((report.0, viewer)).exec(self.connection()).await?;
        Ok(())
    }
}
