//! The keys under which commands were given.

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, TryInsertResult};

use super::{StoreError, Tx, tables::command_keys};
use crate::domain::{ids::MemberId, once::Once, time::Instant};

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// Nobody used it before: it stands with whatever this transaction does.
    Now,
    /// The same command was given under it before.
    BySame,
    /// Another command was given under it before.
    ByAnother,
}

impl Tx {
    /// Uses a member's key. Where another transaction uses it just now, this waits for its end.
    pub async fn use_key(&self, member: MemberId, once: &Once, now: Instant) -> Result<Used, StoreError> {
        let row = command_keys::Model {
            member_id: member.0,
            key_sha256: once.key.to_vec(),
            content_sha256: once.content.to_vec(),
            used_at: now.ms(),
        };
        let insert = command_keys::Entity::insert(row.into_active_model()).on_conflict_do_nothing();
        if matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)) {
            return Ok(Used::Now);
        }
        let known = command_keys::Entity::find_by_id((member.0, once.key.to_vec())).one(self.connection()).await?;
        let same = known.is_some_and(|known| known.content_sha256 == once.content);
        Ok(if same { Used::BySame } else { Used::ByAnother })
    }

    /// Forgets the keys that were used before then; gives how many there were.
    pub async fn forget_keys(&self, before: Instant) -> Result<u64, StoreError> {
        let old = command_keys::Entity::delete_many().filter(command_keys::Column::UsedAt.lt(before.ms()));
        Ok(old.exec(self.connection()).await?.rows_affected)
    }
}
