//! Deadlines: every clock, and which of them the planner must look at now.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, TryInsertResult,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    Page, Read, StoreError, Tx, dialect,
    organisation::{count, signed},
    reports::{ms, severity},
    tables::{deadline_repairs, deadlines, notices, participants},
};
use crate::domain::{
    deadline::{Deadline, DeadlineKind},
    ids::{ActionId, DeadlineId, MemberId, ReportId, SiteId},
    time::Instant,
};

/// Which deadlines a list shows.
#[derive(Debug, Clone)]
pub struct DeadlineFilter {
    /// Whose list it is.
    pub viewer: MemberId,
    /// The sites all of whose deadlines they may read; none means every site.
    pub readable: Option<BTreeSet<SiteId>>,
    /// `due`, `overdue`, `met`, `missed` or `cancelled`, as of `now`.
    pub standing: Option<String>,
    /// Now.
    pub now: Instant,
    /// Due before then.
    pub before: Option<Instant>,
    /// After that one of the page before.
    pub after: Option<(Instant, DeadlineId)>,
    /// At most so many.
    pub limit: u64,
}

impl<C: ConnectionTrait> Read<C> {
    /// The deadline of that id.
    pub async fn deadline(&self, id: DeadlineId) -> Result<Option<Deadline>, StoreError> {
        deadlines::Entity::find_by_id(id.0).one(self.on()).await?.as_ref().map(deadline).transpose()
    }

    /// Every deadline of a report and of its actions, soonest due first.
    pub async fn deadlines_of(&self, report: ReportId) -> Result<Vec<Deadline>, StoreError> {
        of_report(report).all(self.on()).await?.iter().map(deadline).collect()
    }

    /// Deadlines whose time to look again has come, the longest waiting first.
    pub async fn deadlines_to_look_at(&self, now: Instant, limit: u64) -> Result<Vec<DeadlineId>, StoreError> {
        let rows = deadlines::Entity::find()
            .filter(deadlines::Column::LookAgainAt.lte(now.ms()))
            .order_by_asc(deadlines::Column::LookAgainAt)
            .limit(limit)
            .all(self.on())
            .await?;
        Ok(rows.into_iter().map(|row| DeadlineId(row.id)).collect())
    }

    /// Since when the longest waiting deadline should have been looked at; none when the planner is up to date.
    pub async fn planner_behind_since(&self, now: Instant) -> Result<Option<Instant>, StoreError> {
        let oldest = deadlines::Entity::find()
            .filter(deadlines::Column::LookAgainAt.lte(now.ms()))
            .order_by_asc(deadlines::Column::LookAgainAt)
            .one(self.on())
            .await?;
        Ok(oldest.and_then(|row| row.look_again_at).map(Instant::from_ms))
    }

    /// The watchdog's question: which open deadlines are overdue since before `now`, as they were set before it, and have
    /// told nobody?
    pub async fn silent_deadlines(&self, now: Instant, limit: u64) -> Result<Vec<Deadline>, StoreError> {
        let told = Query::select()
            .column(notices::Column::DeadlineId)
            .from(notices::Entity)
            .and_where(
                Expr::col((notices::Entity, notices::Column::DeadlineId)).equals((deadlines::Entity, deadlines::Column::Id)),
            )
            .and_where(
                Expr::col((notices::Entity, notices::Column::Generation))
                    .equals((deadlines::Entity, deadlines::Column::Generation)),
            )
            .to_owned();
        let rows = deadlines::Entity::find()
            .filter(deadlines::Column::EndedAt.is_null())
            .filter(deadlines::Column::DueAt.lt(now.ms()))
            .filter(deadlines::Column::SetAt.lt(now.ms()))
            .filter(Expr::exists(told).not())
            .order_by_asc(deadlines::Column::DueAt)
            .limit(limit)
            .all(self.on())
            .await?;
        rows.iter().map(deadline).collect()
    }

    /// A page of deadlines, soonest due first.
    pub async fn deadlines(&self, filter: &DeadlineFilter) -> Result<Page<Deadline>, StoreError> {
        let rows = page(filter).all(self.on()).await?;
        Ok(Page::of(rows.iter().map(deadline).collect::<Result<_, _>>()?, filter.limit))
    }
}

pub(super) fn page(filter: &DeadlineFilter) -> Select<deadlines::Entity> {
    let mut query = deadlines::Entity::find().filter(visible(filter)).filter(wanted(filter));
    if let Some((due_at, id)) = filter.after {
        let here = Expr::tuple([Expr::col(deadlines::Column::DueAt), Expr::col(deadlines::Column::Id)]);
        query = query.filter(here.gt(Expr::tuple([Expr::value(due_at.ms()), Expr::value(id.0)])));
    }
    query.order_by(deadlines::Column::DueAt, Order::Asc).order_by(deadlines::Column::Id, Order::Asc).limit(filter.limit + 1)
}

fn of_report(report: ReportId) -> Select<deadlines::Entity> {
    deadlines::Entity::find().filter(deadlines::Column::ReportId.eq(report.0)).order_by_asc(deadlines::Column::DueAt)
}

fn visible(filter: &DeadlineFilter) -> Condition {
    let Some(sites) = &filter.readable else { return Condition::all() };
    let own = Query::select()
        .column(participants::Column::ReportId)
        .from(participants::Entity)
        .and_where(participants::Column::MemberId.eq(filter.viewer.0))
        .to_owned();
    Condition::any()
        .add(deadlines::Column::SiteId.is_in(sites.iter().map(|site| site.0)))
        .add(deadlines::Column::ReportId.in_subquery(own))
}

fn wanted(filter: &DeadlineFilter) -> Condition {
    use deadlines::Column::{CancelledAt, DueAt, EndedAt, MetAt};
    let late = Expr::col(MetAt).gt(Expr::col(DueAt));
    let standing = filter.standing.as_deref().map(|standing| match standing {
        "due" => Condition::all().add(EndedAt.is_null()).add(DueAt.gte(filter.now.ms())),
        "overdue" => Condition::all().add(EndedAt.is_null()).add(DueAt.lt(filter.now.ms())),
        "met" => Condition::all().add(MetAt.is_not_null()).add(late.not()),
        "missed" => Condition::all().add(MetAt.is_not_null()).add(late),
        _ => Condition::all().add(CancelledAt.is_not_null()),
    });
    Condition::all().add_option(standing).add_option(filter.before.map(|before| DueAt.lt(before.ms())))
}

impl Tx {
    /// The deadline of that id, for this transaction to change.
    pub async fn deadline_to_change(&self, id: DeadlineId) -> Result<Option<Deadline>, StoreError> {
        let mut query = deadlines::Entity::find_by_id(id.0);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        query.one(self.connection()).await?.as_ref().map(deadline).transpose()
    }

    /// Every deadline of a report and of its actions, for this transaction to change, soonest due first.
    pub async fn deadlines_to_change(&self, report: ReportId) -> Result<Vec<Deadline>, StoreError> {
        let mut query = of_report(report);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        query.all(self.connection()).await?.iter().map(deadline).collect()
    }

    /// Adds a deadline.
    pub async fn add_deadline(&self, deadline: &Deadline) -> Result<(), StoreError> {
        row(deadline).insert(self.connection()).await?;
        Ok(())
    }

    /// Puts on record that a silent deadline is planned anew; false when it was before, as it stands.
    pub async fn repair_once(&self, deadline: &Deadline, now: Instant) -> Result<bool, StoreError> {
        let row = deadline_repairs::ActiveModel {
            deadline_id: Set(deadline.id.0),
            generation: Set(signed(deadline.generation)),
            at: Set(now.ms()),
        };
        let key = [deadline_repairs::Column::DeadlineId, deadline_repairs::Column::Generation];
        let insert = deadline_repairs::Entity::insert(row).on_conflict_do_nothing_on(key);
        Ok(matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)))
    }

    /// Writes over the version that was read; anything else is `Stale`.
    pub async fn save_deadline(&self, deadline: &Deadline) -> Result<(), StoreError> {
        let next = Deadline { version: deadline.version + 1, ..deadline.clone() };
        let written = deadlines::Entity::update_many()
            .set(row(&next))
            .filter(deadlines::Column::Id.eq(deadline.id.0))
            .filter(deadlines::Column::Version.eq(deadline.version))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

fn row(deadline: &Deadline) -> deadlines::ActiveModel {
    deadlines::Model {
        id: deadline.id.0,
        report_id: deadline.report.0,
        action_id: deadline.action.map(|action| action.0),
        kind: deadline.kind.word().to_owned(),
        severity: i32::from(deadline.severity),
        site_id: deadline.site.0,
        starts_at: deadline.starts_at.ms(),
        due_at: deadline.due_at.ms(),
        first_due_at: deadline.first_due_at.ms(),
        set_at: deadline.set_at.ms(),
        met_at: ms(deadline.met_at),
        cancelled_at: ms(deadline.cancelled_at),
        ended_at: ms(deadline.met_at.or(deadline.cancelled_at)),
        generation: signed(deadline.generation),
        paused_until: ms(deadline.paused_until),
        ladder_version: signed(deadline.ladder_version),
        look_again_at: ms(deadline.look_again_at),
        version: deadline.version,
    }
    .into_active_model()
    .reset_all()
}

pub(super) fn deadline(row: &deadlines::Model) -> Result<Deadline, StoreError> {
    Ok(Deadline {
        id: DeadlineId(row.id),
        report: ReportId(row.report_id),
        action: row.action_id.map(ActionId),
        kind: DeadlineKind::of_word(&row.kind).ok_or(StoreError::Corrupt("deadlines.kind"))?,
        severity: severity(row.severity)?,
        site: SiteId(row.site_id),
        starts_at: Instant::from_ms(row.starts_at),
        due_at: Instant::from_ms(row.due_at),
        first_due_at: Instant::from_ms(row.first_due_at),
        set_at: Instant::from_ms(row.set_at),
        met_at: row.met_at.map(Instant::from_ms),
        cancelled_at: row.cancelled_at.map(Instant::from_ms),
        generation: count(row.generation),
        paused_until: row.paused_until.map(Instant::from_ms),
        ladder_version: count(row.ladder_version),
        look_again_at: row.look_again_at.map(Instant::from_ms),
        version: row.version,
    })
}
