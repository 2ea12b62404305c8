//! Deadlines: every clock, and which of them the planner must look at now.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, TryInsertResult,
    sea_query::{CaseStatement, Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use super::{
    DeadlineFilter, Page, Read, StoreError, Tx, dialect, lists,
    organisation::{count, signed},
    reports::{ms, severity},
    tables::{deadline_repairs, deadlines, notices},
};
use crate::domain::{
    deadline::{Basis, Deadline, DeadlineKind},
    ids::{ActionId, DeadlineId, ReportId, SiteId},
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// The deadline of that id.
    pub async fn deadline(&self, id: DeadlineId) -> Result<Option<Deadline>, StoreError> {
        deadlines::Entity::find_by_id(id.0).one(self.on()).await?.as_ref().map(deadline).transpose()
    }

    /// The deadlines of these ids.
    pub async fn deadlines_named(&self, ids: &[DeadlineId]) -> Result<Vec<Deadline>, StoreError> {
        let mut all = Vec::with_capacity(ids.len());
        // A statement takes only so many parameters.
        for some in ids.chunks(500) {
            let named = deadlines::Entity::find().filter(deadlines::Column::Id.is_in(some.iter().map(|id| id.0)));
            for row in &named.all(self.on()).await? {
                all.push(deadline(row)?);
            }
        }
        Ok(all)
    }

    /// Every deadline of a report and of its actions, soonest due first.
    pub async fn deadlines_of(&self, report: ReportId) -> Result<Vec<Deadline>, StoreError> {
        of_report(report).all(self.on()).await?.iter().map(deadline).collect()
    }

    /// Every deadline of all these reports and of their actions, soonest due first.
    pub async fn deadlines_of_all(&self, reports: &[ReportId]) -> Result<Vec<Deadline>, StoreError> {
        let named = deadlines::Entity::find().filter(deadlines::Column::ReportId.is_in(reports.iter().map(|report| report.0)));
        in_order(named).all(self.on()).await?.iter().map(deadline).collect()
    }

    /// Deadlines whose time to look again has come, the longest waiting first, without the first so many.
    pub async fn deadlines_to_look_at(&self, now: Instant, pass_over: u64, limit: u64) -> Result<Vec<DeadlineId>, StoreError> {
        let ids: Vec<Uuid> = deadlines::Entity::find()
            .select_only()
            .column(deadlines::Column::Id)
            .filter(deadlines::Column::LookAgainAt.lte(now.ms()))
            .order_by_asc(deadlines::Column::LookAgainAt)
            .offset(pass_over)
            .limit(limit)
            .into_tuple()
            .all(self.on())
            .await?;
        Ok(ids.into_iter().map(DeadlineId).collect())
    }

    /// Running deadlines counted by older tables than these.
    pub async fn deadlines_counted_before(&self, basis: &Basis, limit: u64) -> Result<Vec<DeadlineId>, StoreError> {
        let rows = behind(basis).limit(limit).all(self.on()).await?;
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

    /// Running deadlines in pages, soonest due first; after that one of the page before.
    pub async fn running_deadlines(&self, after: Option<(Instant, DeadlineId)>, limit: u64) -> Result<Vec<Deadline>, StoreError> {
        let mut query = deadlines::Entity::find().filter(deadlines::Column::EndedAt.is_null());
        if let Some(place) = after {
            query = query.filter(beyond(place));
        }
        in_order(query).limit(limit).all(self.on()).await?.iter().map(deadline).collect()
    }

    /// Deadlines that ran at some time since `from`, in pages by id; after that one of the page before.
    pub async fn deadlines_since(
        &self,
        from: Instant,
        after: Option<DeadlineId>,
        limit: u64,
    ) -> Result<Vec<Deadline>, StoreError> {
        since(from, after).limit(limit).all(self.on()).await?.iter().map(deadline).collect()
    }

    /// A page of deadlines, soonest due first.
    pub async fn deadlines(&self, filter: &DeadlineFilter) -> Result<Page<Deadline>, StoreError> {
        let rows = lists::deadlines(filter).all(self.on()).await?;
        Ok(Page::of(rows.iter().map(deadline).collect::<Result<_, _>>()?, filter.limit))
    }
}

fn beyond((due_at, id): (Instant, DeadlineId)) -> SimpleExpr {
    let here = Expr::tuple([Expr::col(deadlines::Column::DueAt), Expr::col(deadlines::Column::Id)]);
    here.gt(Expr::tuple([Expr::value(due_at.ms()), Expr::value(id.0)]))
}

fn in_order(query: Select<deadlines::Entity>) -> Select<deadlines::Entity> {
    query.order_by(deadlines::Column::DueAt, Order::Asc).order_by(deadlines::Column::Id, Order::Asc)
}

/// Those that end after `from`, or have not ended. By id: a replay of all needs no other order.
pub(super) fn since(from: Instant, after: Option<DeadlineId>) -> Select<deadlines::Entity> {
    let ran = Condition::any().add(deadlines::Column::EndedAt.is_null()).add(deadlines::Column::EndedAt.gte(from.ms()));
    let query = deadlines::Entity::find().filter(ran);
    let query = match after {
        Some(after) => query.filter(deadlines::Column::Id.gt(after.0)),
        None => query,
    };
    query.order_by(deadlines::Column::Id, Order::Asc)
}

pub(super) fn behind(basis: &Basis) -> Select<deadlines::Entity> {
    deadlines::Entity::find()
        .filter(deadlines::Column::EndedAt.is_null())
        .filter(deadlines::Column::CountedBy.lt(counted_by(basis)))
        .order_by_asc(deadlines::Column::CountedBy)
}

fn of_report(report: ReportId) -> Select<deadlines::Entity> {
    deadlines::Entity::find().filter(deadlines::Column::ReportId.eq(report.0)).order_by_asc(deadlines::Column::DueAt)
}

impl Tx {
    /// The deadline of that id, for this transaction to change.
    pub async fn deadline_to_change(&self, id: DeadlineId) -> Result<Option<Deadline>, StoreError> {
        let mut query = deadlines::Entity::find_by_id(id.0);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        query.one(self.connection()).await?.as_ref().map(deadline).transpose()
    }

    /// Those of these deadlines whose time to look again has come, for this transaction to plan, the longest waiting first;
    /// without those that somebody else holds just now.
    pub async fn deadlines_to_plan(&self, ids: &[DeadlineId], now: Instant) -> Result<Vec<Deadline>, StoreError> {
        let named = deadlines::Entity::find().filter(deadlines::Column::Id.is_in(ids.iter().map(|id| id.0)));
        let due = named.filter(deadlines::Column::LookAgainAt.lte(now.ms()));
        let mut query = due.order_by_asc(deadlines::Column::LookAgainAt);
        dialect::hold_free(self.backend(), QueryTrait::query(&mut query));
        query.all(self.connection()).await?.iter().map(deadline).collect()
    }

    /// Says when the planner looks at each of these again. They are held by this transaction: nobody wrote them since they
    /// were read, else it is `Stale`.
    pub async fn look_again(&self, these: &[(Deadline, Option<Instant>)]) -> Result<(), StoreError> {
        if these.is_empty() {
            return Ok(());
        }
        let mut at = CaseStatement::new();
        let mut as_read = Condition::any();
        for (deadline, look_again_at) in these {
            let id = deadlines::Column::Id.eq(deadline.id.0);
            at = at.case(id.clone(), Expr::value(ms(*look_again_at)));
            as_read = as_read.add(id.and(deadlines::Column::Version.eq(deadline.version)));
        }
        let written = deadlines::Entity::update_many()
            .col_expr(deadlines::Column::LookAgainAt, at.into())
            .col_expr(deadlines::Column::Version, Expr::col(deadlines::Column::Version).add(1))
            .filter(as_read)
            .exec(self.connection())
            .await?;
        if usize::try_from(written.rows_affected) == Ok(these.len()) { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Those of these deadlines that still run, for this transaction to change.
    pub async fn running_to_change(&self, ids: &[DeadlineId]) -> Result<Vec<Deadline>, StoreError> {
        let named = deadlines::Entity::find().filter(deadlines::Column::Id.is_in(ids.iter().map(|id| id.0)));
        let mut query = named.filter(deadlines::Column::EndedAt.is_null()).order_by_asc(deadlines::Column::Id);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        query.all(self.connection()).await?.iter().map(deadline).collect()
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
        obligation: deadline.obligation.clone(),
        severity: i32::from(deadline.severity),
        site_id: deadline.site.0,
        calendar: deadline.calendar.clone(),
        within: deadline.within.map(|within| within.to_string()),
        counted_by: deadline.counted_by.as_ref().map_or_else(String::new, counted_by),
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

/// Words whose order is that of the tables, so that what is behind is found in an index; empty for what an older version set.
fn counted_by(basis: &Basis) -> String {
    format!("{}/{:010}", basis.zone_data, basis.calendars)
}

fn basis(words: &str) -> Result<Option<Basis>, StoreError> {
    if words.is_empty() {
        return Ok(None);
    }
    let read = |(zone_data, calendars): (&str, &str)| {
        Some(Basis { zone_data: zone_data.to_owned(), calendars: calendars.parse().ok()? })
    };
    words.split_once('/').and_then(read).map(Some).ok_or(StoreError::Corrupt("deadlines.counted_by"))
}

pub(super) fn deadline(row: &deadlines::Model) -> Result<Deadline, StoreError> {
    let within = row.within.as_deref().map(str::parse);
    Ok(Deadline {
        id: DeadlineId(row.id),
        report: ReportId(row.report_id),
        action: row.action_id.map(ActionId),
        kind: DeadlineKind::of_word(&row.kind).ok_or(StoreError::Corrupt("deadlines.kind"))?,
        obligation: row.obligation.clone(),
        severity: severity(row.severity)?,
        site: SiteId(row.site_id),
        calendar: row.calendar.clone(),
        within: within.transpose().map_err(|_| StoreError::Corrupt("deadlines.within"))?,
        counted_by: basis(&row.counted_by)?,
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
