//! Events that may be like another one, and closed reports that may have happened again: candidates for `domain` to judge,
//! each read through one index and bounded.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{
    Read, StoreError,
    actions::action,
    reports::report,
    tables::{actions, reports},
};
use crate::domain::{
    action::Action,
    ids::{ReportId, SiteId},
    report::{Report, ReportState},
    time::Instant,
};

/// How many events of one site are looked at, newest first.
const EVENTS: u64 = 500;
/// How many closed reports one new report can take up again.
const CLOSED: u64 = 20;

impl<C: ConnectionTrait> Read<C> {
    /// The newest events of a site, open and closed.
    pub async fn events_at(&self, site: SiteId) -> Result<Vec<Report>, StoreError> {
        events(site).all(self.on()).await?.into_iter().map(report).collect()
    }

    /// The ids of reports of that site and category that were closed since then, the last first.
    pub async fn closed_since(&self, site: SiteId, category: &str, since: Instant) -> Result<Vec<ReportId>, StoreError> {
        let rows = closed(site, category, since).all(self.on()).await?;
        Ok(rows.into_iter().map(|row| ReportId(row.id)).collect())
    }

    /// The actions of all these reports, report by report in the order they were assigned.
    pub async fn actions_of_all(&self, reports: &[ReportId]) -> Result<Vec<Action>, StoreError> {
        if reports.is_empty() {
            return Ok(vec![]);
        }
        let rows = actions::Entity::find()
            .filter(actions::Column::ReportId.is_in(reports.iter().map(|report| report.0)))
            .order_by_asc(actions::Column::ReportId)
            .order_by_asc(actions::Column::Ordinal)
            .all(self.on())
            .await?;
        rows.into_iter().map(action).collect()
    }
}

pub(super) fn events(site: SiteId) -> Select<reports::Entity> {
    let gone = [ReportState::Dismissed, ReportState::Duplicate, ReportState::Withdrawn].map(ReportState::word);
    reports::Entity::find()
        .filter(reports::Column::SiteId.eq(site.0))
        .filter(reports::Column::State.is_not_in(gone))
        .order_by(reports::Column::ReceivedAt, Order::Desc)
        .order_by(reports::Column::Id, Order::Desc)
        .limit(EVENTS)
}

pub(super) fn closed(site: SiteId, category: &str, since: Instant) -> Select<reports::Entity> {
    reports::Entity::find()
        .filter(reports::Column::SiteId.eq(site.0))
        .filter(reports::Column::Category.eq(category))
        .filter(reports::Column::ClosedAt.gte(since.ms()))
        .order_by(reports::Column::ClosedAt, Order::Desc)
        .limit(CLOSED)
}
