//! Bytes of photos that nobody keeps any more. A row is written in the transaction that disposes of the photo, and says when
//! the bytes were removed; so a crash leaves work to be taken up again, and an upload at the same moment is noticed.

use std::collections::HashSet;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    domain::{
        ids::ReportId,
        photo::{Photo, PhotoState},
        time::Instant,
    },
    store::{
        Read, StoreError, Tx, dialect,
        photos::photo,
        tables::{leftovers, photos, statements},
    },
};

/// How long it is remembered that bytes were removed, in milliseconds: far longer than any upload takes.
const REMEMBERED_MS: i64 = 2 * 86_400_000;

/// What is known of the bytes with a hash that somebody wants to count on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    /// Nobody was about to remove them.
    No,
    /// They were to be removed, and are not.
    Saved,
    /// They were removed lately: whether they are here again must be looked up.
    Removed,
}

pub(in crate::store) fn waiting(since: Instant, limit: u64) -> Select<leftovers::Entity> {
    leftovers::Entity::find()
        .filter(leftovers::Column::RemovedAt.is_null())
        .filter(leftovers::Column::Since.lte(since.ms()))
        .order_by_asc(leftovers::Column::Since)
        .limit(limit)
}

fn with_bytes() -> impl Iterator<Item = &'static str> {
    PhotoState::ALL.iter().filter(|state| state.has_bytes()).map(|state| state.word())
}

pub(in crate::store) fn alike(sha256: &[u8; 32]) -> Select<photos::Entity> {
    of_bytes(sha256).filter(photos::Column::State.is_in(with_bytes()))
}

pub(in crate::store) fn redacted_and_disposed(sha256: &[u8; 32]) -> Select<photos::Entity> {
    of_bytes(sha256).filter(photos::Column::State.eq(PhotoState::Disposed.word())).filter(photos::Column::Redactions.gt(0))
}

pub(in crate::store) fn shown_first(sha256: &[u8; 32]) -> Select<photos::Entity> {
    photos::Entity::find().filter(photos::Column::PreviewSha256.eq(sha256.to_vec()))
}

pub(in crate::store) fn of_hashes(hashes: &[[u8; 32]]) -> Select<photos::Entity> {
    let these = || hashes.iter().map(|sha256| sha256.to_vec());
    let named = Condition::any()
        .add(photos::Column::Sha256.is_in(these()))
        .add(photos::Column::KeptSha256.is_in(these()))
        .add(photos::Column::PreviewSha256.is_in(these()));
    photos::Entity::find().filter(named)
}

pub(in crate::store) fn said_with(hashes: &[[u8; 32]]) -> Select<statements::Entity> {
    let these = hashes.iter().map(|sha256| sha256.to_vec());
    statements::Entity::find()
        .filter(statements::Column::Sha256.is_in(these))
        .filter(statements::Column::ReceivedAt.is_not_null())
}

fn of_bytes(sha256: &[u8; 32]) -> Select<photos::Entity> {
    let as_it_came = Condition::all().add(photos::Column::KeptSha256.is_null()).add(photos::Column::Sha256.eq(sha256.to_vec()));
    let kept = Condition::any().add(photos::Column::KeptSha256.eq(sha256.to_vec())).add(as_it_came);
    photos::Entity::find().filter(kept)
}

impl<C: ConnectionTrait> Read<C> {
    /// Hashes of bytes that wait to be removed since then or longer, the longest first.
    pub async fn leftovers(&self, since: Instant, limit: u64) -> Result<Vec<[u8; 32]>, StoreError> {
        waiting(since, limit).all(self.on()).await?.into_iter().map(|row| bytes(&row.sha256)).collect()
    }

    /// Photos that had these bytes and are gone, of which others saw something of their own.
    pub async fn redacted_and_disposed(&self, sha256: &[u8; 32]) -> Result<Vec<Photo>, StoreError> {
        redacted_and_disposed(sha256).all(self.on()).await?.into_iter().map(photo).collect()
    }

    /// Whether a photo, a preview or a statement of any report still has these bytes.
    pub async fn is_kept(&self, sha256: &[u8; 32]) -> Result<bool, StoreError> {
        let said = statements::Entity::find()
            .filter(statements::Column::Sha256.eq(sha256.to_vec()))
            .filter(statements::Column::ReceivedAt.is_not_null());
        Ok(alike(sha256).one(self.on()).await?.is_some()
            || shown_first(sha256).one(self.on()).await?.is_some()
            || said.one(self.on()).await?.is_some())
    }
}

impl<C: ConnectionTrait> Read<C> {
    /// Those of these hashes whose bytes a photo, a preview or a statement of any report still has.
    pub async fn kept_of(&self, hashes: &[[u8; 32]]) -> Result<HashSet<[u8; 32]>, StoreError> {
        let mut kept = HashSet::new();
        for row in of_hashes(hashes).all(self.on()).await? {
            let photo = photo(row)?;
            kept.extend(photo.state.has_bytes().then_some(*photo.kept()));
            kept.extend(photo.preview_sha256);
        }
        for row in said_with(hashes).all(self.on()).await? {
            kept.insert(super::super::reports::hash(row.sha256)?);
        }
        Ok(kept)
    }
}

impl Tx {
    /// A report's photos are gone, also those that never came; gives how many there were. Their bytes wait to be removed.
    pub async fn dispose_photos(&self, report: ReportId, now: Instant) -> Result<usize, StoreError> {
        let there = photos::Entity::find()
            .filter(photos::Column::ReportId.eq(report.0))
            .filter(photos::Column::State.ne(PhotoState::Disposed.word()))
            .all(self.connection())
            .await?;
        photos::Entity::update_many()
            .col_expr(photos::Column::State, Expr::value(PhotoState::Disposed.word()))
            .col_expr(photos::Column::Hidden, Expr::value("[]"))
            .col_expr(photos::Column::PreviewSha256, Expr::value(None::<Vec<u8>>))
            .col_expr(photos::Column::Version, Expr::col(photos::Column::Version).add(1))
            .filter(photos::Column::ReportId.eq(report.0))
            .filter(photos::Column::State.ne(PhotoState::Disposed.word()))
            .exec(self.connection())
            .await?;
        self.erase_findings(report).await?;
        let left = there
            .iter()
            .flat_map(|photo| [Some(photo.kept_sha256.as_ref().unwrap_or(&photo.sha256)), photo.preview_sha256.as_ref()])
            .flatten()
            .map(|sha256| leftover(&hex::encode(sha256), now))
            .collect::<Vec<_>>();
        if !left.is_empty() {
            self.add_leftovers(left).await?;
        }
        Ok(there.len())
    }

    /// These bytes wait to be removed.
    pub async fn leave_bytes(&self, sha256: &[u8; 32], now: Instant) -> Result<(), StoreError> {
        self.add_leftovers(vec![leftover(&hex::encode(sha256), now)]).await
    }

    async fn add_leftovers(&self, rows: Vec<leftovers::ActiveModel>) -> Result<(), StoreError> {
        let anew = OnConflict::column(leftovers::Column::Sha256)
            .update_columns([leftovers::Column::Since, leftovers::Column::RemovedAt])
            .to_owned();
        let mut rows = rows;
        rows.sort_by(|one, other| one.sha256.as_ref().cmp(other.sha256.as_ref()));
        rows.dedup_by(|one, other| one.sha256 == other.sha256);
        leftovers::Entity::insert_many(rows).on_conflict(anew).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Keeps bytes from being removed until this transaction ends, or finds that they were: whoever removes them waits for the
    /// same row. From now on they are counted on.
    pub async fn count_on_bytes(&self, sha256: &[u8; 32]) -> Result<Leftover, StoreError> {
        let Some(row) = self.hold_leftover(sha256).await? else { return Ok(Leftover::No) };
        leftovers::Entity::delete_by_id(row.sha256).exec(self.connection()).await?;
        Ok(if row.removed_at.is_some() { Leftover::Removed } else { Leftover::Saved })
    }

    /// Whether these bytes are still to be removed, by this transaction alone.
    pub async fn may_remove_bytes(&self, sha256: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.hold_leftover(sha256).await?.is_some_and(|row| row.removed_at.is_none()))
    }

    async fn hold_leftover(&self, sha256: &[u8; 32]) -> Result<Option<leftovers::Model>, StoreError> {
        let mut query = leftovers::Entity::find_by_id(hex::encode(sha256));
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        Ok(query.one(self.connection()).await?)
    }

    /// These bytes are removed, or kept after all because another photo has them.
    pub async fn bytes_are_removed(&self, sha256: &[u8; 32], now: Instant, removed: bool) -> Result<(), StoreError> {
        if !removed {
            leftovers::Entity::delete_by_id(hex::encode(sha256)).exec(self.connection()).await?;
            return Ok(());
        }
        let done = leftovers::ActiveModel { removed_at: Set(Some(now.ms())), ..Default::default() };
        leftovers::Entity::update_many()
            .set(done)
            .filter(leftovers::Column::Sha256.eq(hex::encode(sha256)))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// What was removed so long ago that no upload can still count on it is forgotten.
    pub async fn forget_leftovers(&self, now: Instant) -> Result<(), StoreError> {
        leftovers::Entity::delete_many()
            .filter(leftovers::Column::RemovedAt.lt(now.plus_ms(-REMEMBERED_MS).ms()))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

fn leftover(sha256: &str, now: Instant) -> leftovers::ActiveModel {
    leftovers::Model { sha256: sha256.to_owned(), since: now.ms(), removed_at: None }.into_active_model()
}

fn bytes(sha256: &str) -> Result<[u8; 32], StoreError> {
    let bytes = hex::decode(sha256).map_err(|_| StoreError::Corrupt("leftovers.sha256"))?;
    super::super::reports::hash(bytes)
}
