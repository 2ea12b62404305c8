//! What is said to people about their accounts: an outbox of its own, because nobody stands in for a reader here.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait},
};

use uuid::Uuid;

use super::{Read, StoreError, Tx, dialect, organisation::count, tables::account_words};
use crate::domain::{
    account::{AccountEvent, AccountWord},
    ids::{AccountWordId, MemberId},
    notice::NoticeState,
    time::Instant,
};

pub(super) fn tried_between(after: Instant, until: Instant) -> Select<account_words::Entity> {
    account_words::Entity::find()
        .filter(account_words::Column::TriedAt.gt(after.ms()))
        .filter(account_words::Column::TriedAt.lte(until.ms()))
}

/// The oldest that is to be said now and that nobody is sending.
fn oldest(backend: DbBackend, now: Instant) -> Select<account_words::Entity> {
    account_words::Entity::find()
        .filter(account_words::Column::NextAt.lte(now.ms()))
        .filter(dialect::is_free(backend, account_words::Column::LeaseUntil))
        .order_by_asc(account_words::Column::NextAt)
        .limit(1)
}

impl<C: ConnectionTrait> Read<C> {
    /// Whether something is to be said now and nobody is sending it.
    pub async fn word_waits(&self, now: Instant) -> Result<bool, StoreError> {
        let id = oldest(self.backend(), now).select_only().column(account_words::Column::Id);
        Ok(id.into_tuple::<Uuid>().one(self.on()).await?.is_some())
    }
}

impl Tx {
    /// Puts something to be said into the outbox.
    pub async fn say(&self, word: &AccountWord) -> Result<(), StoreError> {
        let row = account_words::Model {
            id: word.id.0,
            member_id: word.member.0,
            event: word.event.word().to_owned(),
            device: word.device.clone(),
            at: word.at.ms(),
            state: NoticeState::Queued.word().to_owned(),
            attempts: 0,
            next_at: Some(word.at.ms()),
            lease_until: None,
            tried_at: None,
        };
        account_words::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// The oldest that waits and that nobody else is sending, for this process alone for so long; with how often it was tried,
    /// this time included.
    pub async fn claim_word(&self, now: Instant, lease_ms: i64) -> Result<Option<(AccountWord, u32)>, StoreError> {
        let backend = self.backend();
        let mut oldest = oldest(backend, now);
        dialect::skip_locked(backend, QueryTrait::query(&mut oldest));
        let Some(row) = oldest.one(self.connection()).await? else { return Ok(None) };
        account_words::Entity::update_many()
            .col_expr(account_words::Column::LeaseUntil, dialect::now_plus_ms(backend, lease_ms))
            .col_expr(account_words::Column::Attempts, Expr::col(account_words::Column::Attempts).add(1))
            .col_expr(account_words::Column::TriedAt, Expr::value(now.ms()))
            .filter(account_words::Column::Id.eq(row.id))
            .exec(self.connection())
            .await?;
        let attempts = count(row.attempts) + 1;
        let word = AccountWord {
            id: AccountWordId(row.id),
            member: MemberId(row.member_id),
            event: AccountEvent::of_word(&row.event).ok_or(StoreError::Corrupt("account_words.event"))?,
            device: row.device,
            at: Instant::from_ms(row.at),
        };
        Ok(Some((word, attempts)))
    }

    /// Says what became of it: its end, or when it is tried again.
    pub async fn settle_word(&self, id: AccountWordId, state: NoticeState, next: Option<Instant>) -> Result<(), StoreError> {
        let row = account_words::ActiveModel {
            id: Set(id.0),
            state: Set(state.word().to_owned()),
            next_at: Set(next.map(Instant::ms)),
            lease_until: Set(None),
            ..Default::default()
        };
        row.update(self.connection()).await?;
        Ok(())
    }
}
