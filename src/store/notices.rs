//! Notices: what was decided, under its unique key, and the outbox that queued ones are.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    TryInsertResult,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use uuid::Uuid;

use super::{
    Read, StoreError, Tx, dialect,
    organisation::{count, signed},
    portions::portions,
    reports::ms,
    tables::{deadlines, notices},
};
use crate::domain::{
    deadline::Deadline,
    ids::{ActionId, DeadlineId, MemberId, NoticeId, ReportId},
    ladder::Rung,
    notice::{Notice, NoticeKind, NoticeState},
    time::Instant,
};

/// A notice with what became of its mail.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What was decided.
    pub notice: Notice,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again.
    pub next_at: Option<Instant>,
    /// When it came to its end.
    pub ended_at: Option<Instant>,
    /// What the relay said last.
    pub last_answer: Option<String>,
    /// When the person took charge by the link in the mail.
    pub answered_at: Option<Instant>,
    /// The digest it is told by.
    pub digest: Option<NoticeId>,
}

/// A notice that this process alone may send until its lease runs out.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// What to send.
    pub notice: Notice,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// Proof of the claim: only its holder may say what became of it.
    pub lease: i64,
}

impl<C: ConnectionTrait> Read<C> {
    /// Whether a notice's time has come and nobody is sending it.
    pub async fn notice_waits(&self, now: Instant) -> Result<bool, StoreError> {
        Ok(self.on().query_one(&to_send(self.backend(), now, 1)).await?.is_some())
    }

    /// The rungs that are on record for a deadline as it stands.
    pub async fn told(&self, deadline: &Deadline) -> Result<BTreeSet<Rung>, StoreError> {
        let rows: Vec<(Option<i32>, Option<i32>)> = notices::Entity::find()
            .select_only()
            .column(notices::Column::Step)
            .column(notices::Column::Occurrence)
            .filter(notices::Column::DeadlineId.eq(deadline.id.0))
            .filter(notices::Column::Generation.eq(signed(deadline.generation)))
            .distinct()
            .into_tuple()
            .all(self.on())
            .await?;
        Ok(rows.into_iter().filter_map(|(step, occurrence)| rung(step, occurrence)).collect())
    }

    /// The rungs that are on record for each of these deadlines as they stand.
    pub async fn told_of(&self, these: &[Deadline]) -> Result<HashMap<DeadlineId, BTreeSet<Rung>>, StoreError> {
        /// Of which deadline, in which generation, which rung.
        type Row = (Option<Uuid>, i32, Option<i32>, Option<i32>);
        let rows: Vec<Row> = notices::Entity::find()
            .select_only()
            .column(notices::Column::DeadlineId)
            .column(notices::Column::Generation)
            .column(notices::Column::Step)
            .column(notices::Column::Occurrence)
            .filter(notices::Column::DeadlineId.is_in(these.iter().map(|deadline| deadline.id.0)))
            .distinct()
            .into_tuple()
            .all(self.on())
            .await?;
        let generations: HashMap<Uuid, i32> = these.iter().map(|deadline| (deadline.id.0, signed(deadline.generation))).collect();
        let mut told: HashMap<DeadlineId, BTreeSet<Rung>> = HashMap::new();
        for (deadline, generation, step, occurrence) in rows {
            let stands = deadline.filter(|deadline| generations.get(deadline) == Some(&generation));
            if let (Some(deadline), Some(rung)) = (stands, rung(step, occurrence)) {
                told.entry(DeadlineId(deadline)).or_default().insert(rung);
            }
        }
        Ok(told)
    }

    /// The notice of that id.
    pub async fn delivery(&self, id: NoticeId) -> Result<Option<Delivery>, StoreError> {
        notices::Entity::find_by_id(id.0).one(self.on()).await?.map(delivery).transpose()
    }

    /// Everything that was decided about a report, oldest first.
    pub async fn deliveries_of(&self, report: ReportId) -> Result<Vec<Delivery>, StoreError> {
        let rows = notices::Entity::find()
            .filter(notices::Column::ReportId.eq(report.0))
            .order_by_asc(notices::Column::DecidedAt)
            .order_by_asc(notices::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(delivery).collect()
    }

    /// How many notices wait, and since when the oldest of them could have been sent.
    pub async fn mail_queue(&self, now: Instant) -> Result<(u64, Option<Instant>), StoreError> {
        let waiting: Option<(i64, Option<i64>)> = notices::Entity::find()
            .select_only()
            .column_as(notices::Column::Id.count(), "n")
            .column_as(notices::Column::DecidedAt.min(), "oldest")
            .filter(notices::Column::State.eq(NoticeState::Queued.word()))
            .filter(notices::Column::NextAt.lte(now.ms()))
            .into_tuple()
            .one(self.on())
            .await?;
        let (n, oldest) = waiting.unwrap_or_default();
        Ok((u64::try_from(n).unwrap_or(0), oldest.map(Instant::from_ms)))
    }

    /// How many notices were put aside because no mail could be made of them or none was taken.
    pub async fn mails_put_aside(&self) -> Result<u64, StoreError> {
        Ok(notices::Entity::find().filter(notices::Column::State.eq(NoticeState::Dead.word())).count(self.on()).await?)
    }
}

impl Tx {
    /// Puts a notice on record, and into the outbox when it is to be sent; false when its key was decided before.
    pub async fn add_notice(&self, notice: &Notice) -> Result<bool, StoreError> {
        Ok(!self.add_notices(&[(notice.clone(), notice.decided_at)]).await?.is_empty())
    }

    /// The same for many, each with the instant until which it waits, where it waits at all. Gives those whose keys were not
    /// decided before.
    pub async fn add_notices(&self, decided: &[(Notice, Instant)]) -> Result<HashSet<NoticeId>, StoreError> {
        let mut added = HashSet::new();
        for some in portions(decided) {
            let ids = || some.iter().map(|(notice, _)| notice.id);
            let rows = some.iter().map(|(notice, next_at)| row(notice, *next_at).into_active_model());
            let insert = notices::Entity::insert_many(rows).on_conflict_do_nothing_on([notices::Column::Key]);
            let written = match insert.exec_without_returning(self.connection()).await? {
                TryInsertResult::Inserted(written) => written,
                TryInsertResult::Empty | TryInsertResult::Conflicted => 0,
            };
            if usize::try_from(written) == Ok(some.len()) {
                added.extend(ids());
            } else if written > 0 {
                // Some keys were decided before; which ids are there tells whose.
                let named = notices::Entity::find().filter(notices::Column::Id.is_in(ids().map(|id| id.0)));
                added.extend(named.all(self.connection()).await?.into_iter().map(|row| NoticeId(row.id)));
            }
        }
        Ok(added)
    }

    /// Claims up to so many notices whose time has come, for `lease_ms` by the database's clock. The attempt is counted
    /// now, so that a mail which kills its sender is seen.
    pub async fn claim_notices(&self, now: Instant, limit: u64, lease_ms: i64) -> Result<Vec<Claimed>, StoreError> {
        let backend = self.backend();
        let mut oldest = to_send(backend, now, limit);
        dialect::skip_locked(backend, &mut oldest);
        let rows = notices::Entity::update_many()
            .col_expr(notices::Column::LeaseUntil, dialect::now_plus_ms(backend, lease_ms))
            .col_expr(notices::Column::Lease, Expr::col(notices::Column::Lease).add(1))
            .col_expr(notices::Column::Attempts, Expr::col(notices::Column::Attempts).add(1))
            .filter(notices::Column::Id.in_subquery(oldest))
            .exec_with_returning(self.connection())
            .await?;
        let mut claimed = rows
            .into_iter()
            .map(|row| Ok(Claimed { attempts: count(row.attempts), lease: row.lease, notice: delivery(row)?.notice }))
            .collect::<Result<Vec<_>, StoreError>>()?;
        claimed.sort_by_key(|claimed| (claimed.notice.meant_at, claimed.notice.rung));
        Ok(claimed)
    }

    /// Keeps a claim while a slow send goes on; false when somebody else holds it by now.
    pub async fn renew_lease(&self, claimed: &Claimed, lease_ms: i64) -> Result<bool, StoreError> {
        let written = notices::Entity::update_many()
            .col_expr(notices::Column::LeaseUntil, dialect::now_plus_ms(self.backend(), lease_ms))
            .filter(notices::Column::Id.eq(claimed.notice.id.0))
            .filter(notices::Column::Lease.eq(claimed.lease))
            .exec(self.connection())
            .await?;
        Ok(written.rows_affected == 1)
    }

    /// Says what became of a claimed notice: its end, or when it is tried again. `Stale` when the claim was lost.
    pub async fn settle_notice(
        &self,
        claimed: &Claimed,
        state: NoticeState,
        next_at: Option<Instant>,
        now: Instant,
        answer: &str,
    ) -> Result<(), StoreError> {
        let row = notices::ActiveModel {
            state: Set(state.word().to_owned()),
            next_at: Set(ms(next_at)),
            lease_until: Set(None),
            ended_at: Set((state != NoticeState::Queued).then(|| now.ms())),
            last_answer: Set(Some(answer.chars().take(500).collect())),
            ..Default::default()
        };
        let written = notices::Entity::update_many()
            .set(row)
            .filter(notices::Column::Id.eq(claimed.notice.id.0))
            .filter(notices::Column::Lease.eq(claimed.lease))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Gives a claim back as if it had never been tried: the queue rests, and nothing was wrong with this mail.
    pub async fn give_back(&self, claimed: &Claimed, next_at: Instant) -> Result<(), StoreError> {
        notices::Entity::update_many()
            .col_expr(notices::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(notices::Column::NextAt, Expr::value(next_at.ms()))
            .col_expr(notices::Column::Attempts, Expr::col(notices::Column::Attempts).sub(1))
            .filter(notices::Column::Id.eq(claimed.notice.id.0))
            .filter(notices::Column::Lease.eq(claimed.lease))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Puts on record that a mail which the relay had taken, or may have taken, did not reach its reader: false when that is
    /// known already, or the notice ended in another way. Whoever is sending it just now loses their claim.
    pub async fn bounce_notice(&self, id: NoticeId, now: Instant, answer: &str) -> Result<bool, StoreError> {
        let row = notices::ActiveModel {
            state: Set(NoticeState::Bounced.word().to_owned()),
            next_at: Set(None),
            lease_until: Set(None),
            ended_at: Set(Some(now.ms())),
            last_answer: Set(Some(answer.to_owned())),
            ..Default::default()
        };
        let written = notices::Entity::update_many()
            .set(row)
            .col_expr(notices::Column::Lease, Expr::col(notices::Column::Lease).add(1))
            .filter(notices::Column::Id.eq(id.0))
            .filter(notices::Column::State.is_in([NoticeState::Accepted.word(), NoticeState::Queued.word()]))
            .exec(self.connection())
            .await?;
        Ok(written.rows_affected == 1)
    }

    /// The rungs that were told to a member, wait for nobody's answer, and are about deadlines that run on.
    pub async fn unanswered_rungs_of(&self, member: MemberId) -> Result<Vec<Notice>, StoreError> {
        let running = Query::select()
            .column(deadlines::Column::Id)
            .from(deadlines::Entity)
            .and_where(
                Expr::col((deadlines::Entity, deadlines::Column::Id)).equals((notices::Entity, notices::Column::DeadlineId)),
            )
            .and_where(
                Expr::col((deadlines::Entity, deadlines::Column::Generation))
                    .equals((notices::Entity, notices::Column::Generation)),
            )
            .and_where(Expr::col((deadlines::Entity, deadlines::Column::EndedAt)).is_null())
            .to_owned();
        let rows = notices::Entity::find()
            .filter(notices::Column::MemberId.eq(member.0))
            .filter(notices::Column::State.eq(NoticeState::Accepted.word()))
            .filter(notices::Column::AnsweredAt.is_null())
            .filter(notices::Column::Step.is_not_null())
            .filter(Expr::exists(running))
            .order_by_asc(notices::Column::DeadlineId)
            .order_by_desc(notices::Column::Step)
            .order_by_desc(notices::Column::Occurrence)
            .all(self.connection())
            .await?;
        rows.into_iter().map(|row| Ok(delivery(row)?.notice)).collect()
    }

    /// Puts on record that a notice was answered by its link; false when it was answered before.
    pub async fn answer_notice(&self, id: NoticeId, now: Instant) -> Result<bool, StoreError> {
        let written = notices::Entity::update_many()
            .col_expr(notices::Column::AnsweredAt, Expr::value(now.ms()))
            .filter(notices::Column::Id.eq(id.0))
            .filter(notices::Column::AnsweredAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(written.rows_affected == 1)
    }

    /// Frees what a process that is gone had claimed. Only where no other process can be at work.
    pub async fn free_notice_leases(&self) -> Result<(), StoreError> {
        let free = notices::ActiveModel { lease_until: Set(None), ..Default::default() };
        notices::Entity::update_many()
            .set(free)
            .filter(notices::Column::State.eq(NoticeState::Queued.word()))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

/// So many of the notices whose time has come and that nobody is sending, the oldest first.
fn to_send(backend: DbBackend, now: Instant, limit: u64) -> SelectStatement {
    Query::select()
        .column(notices::Column::Id)
        .from(notices::Entity)
        .and_where(notices::Column::State.eq(NoticeState::Queued.word()))
        .and_where(notices::Column::NextAt.lte(now.ms()))
        .cond_where(dialect::is_free(backend, notices::Column::LeaseUntil))
        .order_by(notices::Column::NextAt, sea_orm::Order::Asc)
        .order_by(notices::Column::Step, sea_orm::Order::Asc)
        .limit(limit)
        .to_owned()
}

fn row(notice: &Notice, next_at: Instant) -> notices::Model {
    let waits = matches!(notice.state, NoticeState::Queued | NoticeState::Held | NoticeState::Late);
    notices::Model {
        id: notice.id.0,
        key: notice.key.clone(),
        kind: notice.kind.word().to_owned(),
        member_id: notice.member.0,
        report_id: notice.report.0,
        action_id: notice.action.map(|action| action.0),
        deadline_id: notice.deadline.map(|deadline| deadline.0),
        generation: signed(notice.generation),
        step: notice.rung.map(|rung| signed(rung.step)),
        occurrence: notice.rung.map(|rung| signed(rung.occurrence)),
        meant_at: notice.meant_at.ms(),
        decided_at: notice.decided_at.ms(),
        because: notice.because.clone(),
        state: notice.state.word().to_owned(),
        attempts: 0,
        next_at: waits.then(|| next_at.ms()),
        lease_until: None,
        lease: 0,
        ended_at: (!waits).then(|| notice.decided_at.ms()),
        last_answer: None,
        answered_at: None,
        digest_id: None,
        in_place_of: notice.in_place_of.map(|first| first.0),
    }
}

fn rung(step: Option<i32>, occurrence: Option<i32>) -> Option<Rung> {
    step.zip(occurrence).map(|(step, occurrence)| Rung { step: count(step), occurrence: count(occurrence) })
}

pub(super) fn delivery(row: notices::Model) -> Result<Delivery, StoreError> {
    let notice = Notice {
        id: NoticeId(row.id),
        key: row.key,
        kind: NoticeKind::of_word(&row.kind).ok_or(StoreError::Corrupt("notices.kind"))?,
        member: MemberId(row.member_id),
        report: ReportId(row.report_id),
        action: row.action_id.map(ActionId),
        deadline: row.deadline_id.map(DeadlineId),
        generation: count(row.generation),
        rung: rung(row.step, row.occurrence),
        meant_at: Instant::from_ms(row.meant_at),
        decided_at: Instant::from_ms(row.decided_at),
        because: row.because,
        state: NoticeState::of_word(&row.state).ok_or(StoreError::Corrupt("notices.state"))?,
        in_place_of: row.in_place_of.map(NoticeId),
    };
    Ok(Delivery {
        notice,
        attempts: count(row.attempts),
        next_at: row.next_at.map(Instant::from_ms),
        ended_at: row.ended_at.map(Instant::from_ms),
        last_answer: row.last_answer,
        answered_at: row.answered_at.map(Instant::from_ms),
        digest: row.digest_id.map(NoticeId),
    })
}
