//! What is kept of reports and for whom, and what was disposed of. Erasing within rows is in `erase`, bytes in `leftovers`.

mod erase;
mod leftovers;

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use uuid::Uuid;

pub use self::leftovers::Leftover;
pub(super) use self::leftovers::{alike, of_hashes, redacted_and_disposed, said_with, shown_first, waiting};
use super::{
    Read, StoreError, Tx,
    organisation::{count, signed},
    reports::{report, stamp},
    tables::{disposals, injuries, kept_reports, participants, reports, sessions},
};
use crate::domain::{
    ids::{MemberId, ReportId},
    report::{Report, ReportKind, ReportState, Stamp},
    retention::{Kept, What},
    time::Instant,
};

/// What was disposed of, when, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposal {
    /// What.
    pub what: What,
    /// The class of the document.
    pub class: String,
    /// The document's version.
    pub version: u32,
    /// When.
    pub at: Instant,
}

/// What retention knows of a report.
#[derive(Debug, Clone)]
pub struct Custody {
    /// Which report.
    pub report: ReportId,
    /// What kind of event.
    pub kind: ReportKind,
    /// Somebody was hurt.
    pub injured: bool,
    /// When the server had it.
    pub received_at: Instant,
    /// When it ended the last time, where that is on record.
    pub ended_at: Option<Instant>,
    /// Who holds it, whatever its periods say.
    pub held: Option<Stamp>,
    /// What is gone of it.
    pub gone: Vec<Disposal>,
    /// When it is looked at again.
    pub tidy_at: Instant,
}

impl Custody {
    /// Whether that is gone.
    pub fn is_gone(&self, what: What) -> bool {
        self.gone.iter().any(|gone| gone.what == what)
    }

    /// What the rules look at. An end that nobody wrote down is counted from when it is first seen: rather kept too long.
    pub fn kept(&self, now: Instant) -> Kept {
        let Self { kind, injured, received_at, .. } = *self;
        Kept { kind, injured, received_at, ended_at: self.ended_at.unwrap_or(now) }
    }

    /// What is gone, and since when.
    pub fn gone_since(&self) -> Vec<(What, Instant)> {
        self.gone.iter().map(|gone| (gone.what, gone.at)).collect()
    }
}

/// The states in which a report has ended.
const ENDED: [ReportState; 4] = [ReportState::Closed, ReportState::Dismissed, ReportState::Duplicate, ReportState::Withdrawn];

fn ended() -> impl Iterator<Item = &'static str> {
    ENDED.iter().map(|state| state.word())
}

pub(super) fn to_tidy(now: Instant, after: Option<(Instant, ReportId)>, limit: u64) -> Select<kept_reports::Entity> {
    let mut query = kept_reports::Entity::find()
        .filter(kept_reports::Column::State.is_in(ended()))
        .filter(kept_reports::Column::TidyAt.lte(now.ms()));
    if let Some((at, id)) = after {
        let here = Expr::tuple([Expr::col(kept_reports::Column::TidyAt), Expr::col(kept_reports::Column::Id)]);
        query = query.filter(here.gt(Expr::tuple([Expr::value(at.ms()), Expr::value(id.0)])));
    }
    query.order_by(kept_reports::Column::TidyAt, Order::Asc).order_by(kept_reports::Column::Id, Order::Asc).limit(limit)
}

pub(super) fn unused(before: Instant, limit: u64) -> Select<sessions::Entity> {
    sessions::Entity::find()
        .filter(sessions::Column::RefreshedAt.lte(before.ms()))
        .order_by_asc(sessions::Column::RefreshedAt)
        .limit(limit)
}

fn going_on() -> Select<kept_reports::Entity> {
    let needed =
        Condition::any().add(kept_reports::Column::HeldAt.is_not_null()).add(kept_reports::Column::State.is_not_in(ended()));
    kept_reports::Entity::find().filter(needed)
}

pub(super) fn going_on_with_officer(member: MemberId) -> Select<kept_reports::Entity> {
    going_on().filter(kept_reports::Column::OfficerId.eq(member.0))
}

pub(super) fn going_on_with_part(member: MemberId) -> Select<kept_reports::Entity> {
    let part = Query::select()
        .column(participants::Column::ReportId)
        .from(participants::Entity)
        .and_where(participants::Column::MemberId.eq(member.0))
        .to_owned();
    going_on().filter(kept_reports::Column::Id.in_subquery(part))
}

impl<C: ConnectionTrait> Read<C> {
    /// Reports that have ended and are to be looked at by then, after that one of the page before.
    pub async fn reports_to_tidy(
        &self,
        by: Instant,
        after: Option<(Instant, ReportId)>,
        limit: u64,
    ) -> Result<Vec<Custody>, StoreError> {
        let rows = to_tidy(by, after, limit).all(self.on()).await?;
        self.custodies(rows).await
    }

    /// What retention knows of a report.
    pub async fn custody(&self, report: ReportId) -> Result<Option<Custody>, StoreError> {
        let row = kept_reports::Entity::find_by_id(report.0).one(self.on()).await?;
        Ok(self.custodies(row.into_iter().collect()).await?.pop())
    }

    /// What retention knows of all these reports.
    pub async fn custody_of_all(&self, reports: &[ReportId]) -> Result<Vec<Custody>, StoreError> {
        let named = kept_reports::Column::Id.is_in(reports.iter().map(|report| report.0));
        let rows = kept_reports::Entity::find().filter(named).all(self.on()).await?;
        self.custodies(rows).await
    }

    /// These reports, by their ids.
    pub async fn reports_of(&self, ids: &[ReportId]) -> Result<HashMap<ReportId, Report>, StoreError> {
        let ids = ids.iter().map(|id| id.0);
        let rows = reports::Entity::find().filter(reports::Column::Id.is_in(ids)).all(self.on()).await?;
        rows.into_iter().map(|row| report(row).map(|report| (report.id, report))).collect()
    }

    /// Whether that was disposed of.
    pub async fn is_disposed(&self, report: ReportId, what: What) -> Result<bool, StoreError> {
        let key = (report.0, what.word().to_owned());
        Ok(disposals::Entity::find_by_id(key).one(self.on()).await?.is_some())
    }

    async fn custodies(&self, rows: Vec<kept_reports::Model>) -> Result<Vec<Custody>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let hurt: Vec<Uuid> = injuries::Entity::find()
            .select_only()
            .column(injuries::Column::ReportId)
            .filter(injuries::Column::ReportId.is_in(ids.clone()))
            .into_tuple()
            .all(self.on())
            .await?;
        let hurt: BTreeSet<Uuid> = hurt.into_iter().collect();
        let mut gone: HashMap<Uuid, Vec<Disposal>> = HashMap::new();
        for row in disposals::Entity::find().filter(disposals::Column::ReportId.is_in(ids)).all(self.on()).await? {
            let what = What::of_word(&row.what).ok_or(StoreError::Corrupt("disposals.what"))?;
            let (version, at) = (count(row.version), Instant::from_ms(row.at));
            gone.entry(row.report_id).or_default().push(Disposal { what, class: row.class, version, at });
        }
        rows.into_iter()
            .map(|row| {
                Ok(Custody {
                    report: ReportId(row.id),
                    kind: ReportKind::of_word(&row.kind).ok_or(StoreError::Corrupt("reports.kind"))?,
                    injured: hurt.contains(&row.id),
                    received_at: Instant::from_ms(row.received_at),
                    ended_at: row.closed_at.or(row.ended_at).map(Instant::from_ms),
                    held: stamp(row.held_at, row.held_by),
                    gone: gone.remove(&row.id).unwrap_or_default(),
                    tidy_at: Instant::from_ms(row.tidy_at),
                })
            })
            .collect()
    }

    /// Whether the member has a part in a report that goes on or is held, so that their name is still needed.
    pub async fn is_needed(&self, member: MemberId) -> Result<bool, StoreError> {
        let answers = going_on_with_officer(member).one(self.on()).await?;
        Ok(answers.is_some() || going_on_with_part(member).one(self.on()).await?.is_some())
    }

    /// How many sessions were last used by then; at most so many are counted.
    pub async fn count_unused_sessions(&self, before: Instant, most: u64) -> Result<usize, StoreError> {
        Ok(unused(before, most).all(self.on()).await?.len())
    }
}

impl Tx {
    /// A report ends, and its periods begin.
    pub async fn end_report(&self, report: ReportId, at: Instant) -> Result<(), StoreError> {
        let ended = kept_reports::ActiveModel { ended_at: Set(Some(at.ms())), tidy_at: Set(0), ..Default::default() };
        self.change_custody(report, ended).await
    }

    /// A report is looked at again then.
    pub async fn look_at_report_again(&self, report: ReportId, at: Instant, ended_at: Instant) -> Result<(), StoreError> {
        let later = kept_reports::ActiveModel { tidy_at: Set(at.ms()), ended_at: Set(Some(ended_at.ms())), ..Default::default() };
        self.change_custody(report, later).await
    }

    /// A report is held, or not any more; then it is looked at again.
    pub async fn hold_report(&self, report: ReportId, held: Option<Stamp>) -> Result<(), StoreError> {
        let (held_at, held_by) = (held.map(|held| held.at.ms()), held.map(|held| held.by.0));
        let change =
            kept_reports::ActiveModel { held_at: Set(held_at), held_by: Set(held_by), tidy_at: Set(0), ..Default::default() };
        self.change_custody(report, change).await
    }

    async fn change_custody(&self, report: ReportId, change: kept_reports::ActiveModel) -> Result<(), StoreError> {
        kept_reports::Entity::update_many()
            .set(change)
            .filter(kept_reports::Column::Id.eq(report.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Every report that has ended is looked at by then: a new document begins to act.
    pub async fn look_at_all_reports_by(&self, at: Instant) -> Result<(), StoreError> {
        let change = kept_reports::ActiveModel { tidy_at: Set(at.ms()), ..Default::default() };
        kept_reports::Entity::update_many()
            .set(change)
            .filter(kept_reports::Column::State.is_in(ended()))
            .filter(kept_reports::Column::TidyAt.gt(at.ms()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Puts on record that something is gone of a report; where it was before, that it is gone anew.
    pub async fn add_disposal(&self, report: ReportId, disposal: &Disposal) -> Result<(), StoreError> {
        let row = disposals::Model {
            report_id: report.0,
            what: disposal.what.word().to_owned(),
            class: disposal.class.clone(),
            version: signed(disposal.version),
            at: disposal.at.ms(),
        };
        let anew = OnConflict::columns([disposals::Column::ReportId, disposals::Column::What])
            .update_columns([disposals::Column::Class, disposals::Column::Version, disposals::Column::At])
            .to_owned();
        disposals::Entity::insert(row.into_active_model()).on_conflict(anew).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
