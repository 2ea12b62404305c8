//! Notices that wait for a digest, the digests they are told by, and how many mails a person gets.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    Read, StoreError, Tx,
    notices::{Delivery, delivery},
    tables::notices,
};
use crate::domain::{
    ids::{MemberId, NoticeId},
    notice::{Notice, NoticeState},
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// People with notices in one of these states whose time has come.
    pub async fn members_to_gather(&self, states: &[NoticeState], now: Instant, limit: u64) -> Result<Vec<MemberId>, StoreError> {
        let rows: Vec<Uuid> = waiting(states, now)
            .select_only()
            .column(notices::Column::MemberId)
            .distinct()
            .limit(limit)
            .into_tuple()
            .all(self.on())
            .await?;
        Ok(rows.into_iter().map(MemberId).collect())
    }

    /// Since when the longest waiting missed notice was decided.
    pub async fn late_since(&self, now: Instant) -> Result<Option<Instant>, StoreError> {
        let oldest = notices::Entity::find()
            .filter(notices::Column::State.eq(NoticeState::Late.word()))
            .filter(notices::Column::NextAt.lte(now.ms()))
            .order_by_asc(notices::Column::NextAt)
            .one(self.on())
            .await?;
        Ok(oldest.map(|row| Instant::from_ms(row.decided_at)))
    }

    /// What a digest tells, in order, unless it was no longer true or was passed on.
    pub async fn items_of(&self, digest: NoticeId) -> Result<Vec<Notice>, StoreError> {
        let rows = notices::Entity::find()
            .filter(notices::Column::DigestId.eq(digest.0))
            .filter(notices::Column::State.is_in(TOLD.map(NoticeState::word)))
            .order_by_asc(notices::Column::MeantAt)
            .order_by_asc(notices::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(|row| Ok(delivery(row)?.notice)).collect()
    }

    /// How many mails each person was sent since then. What a digest told is part of the digest.
    pub async fn mails_since(&self, since: Instant) -> Result<HashMap<MemberId, u32>, StoreError> {
        let rows: Vec<(Uuid, i64)> = mails(since)
            .select_only()
            .column(notices::Column::MemberId)
            .column_as(notices::Column::Id.count(), "n")
            .group_by(notices::Column::MemberId)
            .into_tuple()
            .all(self.on())
            .await?;
        Ok(rows.into_iter().map(|(member, n)| (MemberId(member), u32::try_from(n).unwrap_or(u32::MAX))).collect())
    }

    /// How many mails one person was sent since then.
    pub async fn mails_of(&self, member: MemberId, since: Instant) -> Result<u32, StoreError> {
        let n: Option<i64> = mails(since)
            .filter(notices::Column::MemberId.eq(member.0))
            .select_only()
            .column_as(notices::Column::Id.count(), "n")
            .into_tuple()
            .one(self.on())
            .await?;
        Ok(n.and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
    }

    /// Notices decided since then, in pages, oldest first; after that one of the page before.
    pub async fn decided_since(
        &self,
        since: Instant,
        after: Option<(Instant, NoticeId)>,
        limit: u64,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = decided(since, after).limit(limit).all(self.on()).await?;
        rows.into_iter().map(delivery).collect()
    }
}

pub(super) fn waiting(states: &[NoticeState], now: Instant) -> Select<notices::Entity> {
    notices::Entity::find().filter(have_waited(states, now))
}

pub(super) fn waiting_for(member: MemberId, states: &[NoticeState], now: Instant) -> Select<notices::Entity> {
    waiting(states, now).filter(notices::Column::MemberId.eq(member.0))
}

fn have_waited(states: &[NoticeState], now: Instant) -> Condition {
    Condition::all()
        .add(notices::Column::State.is_in(states.iter().map(|state| state.word())))
        .add(notices::Column::NextAt.lte(now.ms()))
}

pub(super) fn mails(since: Instant) -> Select<notices::Entity> {
    notices::Entity::find()
        .filter(notices::Column::DecidedAt.gte(since.ms()))
        .filter(notices::Column::State.eq(NoticeState::Accepted.word()))
        .filter(notices::Column::DigestId.is_null())
}

pub(super) fn decided(since: Instant, after: Option<(Instant, NoticeId)>) -> Select<notices::Entity> {
    let query = notices::Entity::find().filter(notices::Column::DecidedAt.gte(since.ms()));
    let query = match after {
        Some((at, id)) => {
            let here = Expr::tuple([Expr::col(notices::Column::DecidedAt), Expr::col(notices::Column::Id)]);
            query.filter(here.gt(Expr::tuple([Expr::value(at.ms()), Expr::value(id.0)])))
        }
        None => query,
    };
    query.order_by_asc(notices::Column::DecidedAt).order_by_asc(notices::Column::Id)
}

impl Tx {
    /// How many of a person's notices wait in that state, their time having come.
    pub async fn count_waiting_for(&self, member: MemberId, state: NoticeState, now: Instant) -> Result<u64, StoreError> {
        Ok(waiting_for(member, &[state], now).count(self.connection()).await?)
    }

    /// The first of a person's notices that wait in one of these states, their time having come.
    pub async fn first_waiting_for(
        &self,
        member: MemberId,
        states: &[NoticeState],
        now: Instant,
    ) -> Result<Option<Notice>, StoreError> {
        let query = waiting_for(member, states, now).order_by_asc(notices::Column::MeantAt).order_by_asc(notices::Column::Id);
        query.one(self.connection()).await?.map(|row| Ok(delivery(row)?.notice)).transpose()
    }

    /// Lets what a person missed go as mails of their own.
    pub async fn release(&self, member: MemberId, now: Instant) -> Result<(), StoreError> {
        self.set_waiting(member, &[NoticeState::Late], now, (NoticeState::Queued, Some(now), None)).await.map(|_| ())
    }

    /// Lets what waits for a person's digest wait until then.
    pub async fn postpone(&self, member: MemberId, now: Instant, until: Instant) -> Result<(), StoreError> {
        self.set_waiting(member, &[NoticeState::Held], now, (NoticeState::Held, Some(until), None)).await.map(|_| ())
    }

    /// Puts what waits for a person in one of these states into a digest: it ends with it. Gives how many notices that were.
    pub async fn put_into_digest(&self, digest: &Notice, states: &[NoticeState], now: Instant) -> Result<u64, StoreError> {
        self.set_waiting(digest.member, states, now, (NoticeState::Held, None, Some(digest.id))).await
    }

    /// By one statement, so that no notice need be read, however many were missed.
    async fn set_waiting(
        &self,
        member: MemberId,
        states: &[NoticeState],
        now: Instant,
        (state, next_at, digest): (NoticeState, Option<Instant>, Option<NoticeId>),
    ) -> Result<u64, StoreError> {
        let written = notices::Entity::update_many()
            .col_expr(notices::Column::State, Expr::value(state.word()))
            .col_expr(notices::Column::NextAt, Expr::value(next_at.map(Instant::ms)))
            .col_expr(notices::Column::DigestId, Expr::value(digest.map(|digest| digest.0)))
            .filter(have_waited(states, now))
            .filter(notices::Column::MemberId.eq(member.0))
            .exec(self.connection())
            .await?;
        Ok(written.rows_affected)
    }

    /// Ends notices that stand in a digest, or waited for one.
    pub async fn end_items(&self, these: &[NoticeId], state: NoticeState, now: Instant) -> Result<(), StoreError> {
        for some in these.chunks(MOST_IDS) {
            notices::Entity::update_many()
                .col_expr(notices::Column::State, Expr::value(state.word()))
                .col_expr(notices::Column::NextAt, Expr::value(Option::<i64>::None))
                .col_expr(notices::Column::EndedAt, Expr::value(now.ms()))
                .filter(among(some))
                .filter(notices::Column::State.is_in(TOLD.map(NoticeState::word)))
                .exec(self.connection())
                .await?;
        }
        Ok(())
    }
}

/// What stands in a digest is held until it was sent, and accepted from then on, until it bounces.
const TOLD: [NoticeState; 2] = [NoticeState::Held, NoticeState::Accepted];
/// A statement names no more ids than this: databases take only so many parameters.
const MOST_IDS: usize = 500;

fn among(ids: &[NoticeId]) -> Condition {
    Condition::all().add(notices::Column::Id.is_in(ids.iter().map(|id| id.0)))
}
