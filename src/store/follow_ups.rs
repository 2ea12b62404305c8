//! The ways back of anonymous senders, found by the hashes of their secrets.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::{Read, StoreError, Tx, reports::hash, tables::follow_ups};
use crate::domain::{
    follow_up::{FollowUp, Pair},
    ids::ReportId,
};

impl<C: ConnectionTrait> Read<C> {
    /// The way back to a report.
    pub async fn follow_up_of(&self, report: ReportId) -> Result<Option<FollowUp>, StoreError> {
        follow_ups::Entity::find_by_id(report.0).one(self.on()).await?.map(follow_up).transpose()
    }

    /// The way back that the secret with this hash opens.
    pub async fn follow_up_by_secret(&self, sha256: &[u8; 32]) -> Result<Option<FollowUp>, StoreError> {
        let found = follow_ups::Entity::find().filter(follow_ups::Column::SecretSha256.eq(sha256.to_vec()));
        found.one(self.on()).await?.map(follow_up).transpose()
    }

    /// The way back that the recovery secret with this hash belongs to, or belonged to until its last recovery.
    pub async fn follow_up_by_recovery(&self, sha256: &[u8; 32]) -> Result<Option<FollowUp>, StoreError> {
        let either = Condition::any()
            .add(follow_ups::Column::RecoverySha256.eq(sha256.to_vec()))
            .add(follow_ups::Column::RecoveredWith.eq(sha256.to_vec()));
        follow_ups::Entity::find().filter(either).one(self.on()).await?.map(follow_up).transpose()
    }
}

impl Tx {
    /// Adds the way back to a new report.
    pub async fn add_follow_up(&self, follow_up: &FollowUp) -> Result<(), StoreError> {
        row(follow_up).into_active_model().insert(self.connection()).await?;
        Ok(())
    }

    /// Writes over the version that was read; anything else is `Stale`.
    pub async fn save_follow_up(&self, follow_up: &FollowUp) -> Result<(), StoreError> {
        let next =
            follow_ups::ActiveModel { version: Set(follow_up.version + 1), ..row(follow_up).into_active_model().reset_all() };
        let written = follow_ups::Entity::update_many()
            .set(next)
            .filter(follow_ups::Column::ReportId.eq(follow_up.report.0))
            .filter(follow_ups::Column::Version.eq(follow_up.version))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Says that the secret with this hash was used; false when it opens nothing any more.
    pub async fn use_follow_up(&self, sha256: &[u8; 32]) -> Result<bool, StoreError> {
        let used = follow_ups::ActiveModel { used: Set(true), ..Default::default() };
        let written = follow_ups::Entity::update_many()
            .set(used)
            .filter(follow_ups::Column::SecretSha256.eq(sha256.to_vec()))
            .exec(self.connection())
            .await?;
        Ok(written.rows_affected == 1)
    }
}

fn row(follow_up: &FollowUp) -> follow_ups::Model {
    follow_ups::Model {
        report_id: follow_up.report.0,
        secret_sha256: follow_up.pair.secret_sha256.to_vec(),
        recovery_sha256: follow_up.pair.recovery_sha256.to_vec(),
        recovered_with: follow_up.recovered_with.map(|sha256| sha256.to_vec()),
        used: follow_up.used,
        version: follow_up.version,
    }
}

fn follow_up(row: follow_ups::Model) -> Result<FollowUp, StoreError> {
    Ok(FollowUp {
        report: ReportId(row.report_id),
        pair: Pair { secret_sha256: hash(row.secret_sha256)?, recovery_sha256: hash(row.recovery_sha256)? },
        recovered_with: row.recovered_with.map(hash).transpose()?,
        used: row.used,
        version: row.version,
    })
}
