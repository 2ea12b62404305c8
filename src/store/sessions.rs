//! Signed-in devices.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Read, StoreError, Tx, reports::hash, tables::sessions};
use crate::domain::{
    ids::{MemberId, SessionId},
    session::Session,
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// The session of that id, also when it is over.
    pub async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row = sessions::Entity::find_by_id(id.0).one(self.on()).await?;
        row.map(session).transpose()
    }
}

impl Tx {
    /// Adds a session.
    pub async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        row(session).into_active_model().insert(self.connection()).await?;
        Ok(())
    }

    /// Writes over the version that was read; anything else is `Stale`.
    pub async fn save_session(&self, session: &Session) -> Result<(), StoreError> {
        let next = sessions::ActiveModel { version: Set(session.version + 1), ..row(session).into_active_model().reset_all() };
        let written = sessions::Entity::update_many()
            .set(next)
            .filter(sessions::Column::Id.eq(session.id.0))
            .filter(sessions::Column::Version.eq(session.version))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Ends every session of a member.
    pub async fn revoke_sessions(&self, member: MemberId, now: Instant) -> Result<(), StoreError> {
        let over = sessions::ActiveModel { revoked_at: Set(Some(now.ms())), ..Default::default() };
        sessions::Entity::update_many()
            .set(over)
            .filter(sessions::Column::MemberId.eq(member.0))
            .filter(sessions::Column::RevokedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

fn row(session: &Session) -> sessions::Model {
    sessions::Model {
        id: session.id.0,
        member_id: session.member.0,
        device_id: session.device_id.clone(),
        device_name: session.device_name.clone(),
        created_at: session.created_at.ms(),
        refreshed_at: session.refreshed_at.ms(),
        revoked_at: session.revoked_at.map(Instant::ms),
        refresh_sha256: session.refresh_sha256.to_vec(),
        version: session.version,
    }
}

fn session(row: sessions::Model) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId(row.id),
        member: MemberId(row.member_id),
        device_id: row.device_id,
        device_name: row.device_name,
        created_at: Instant::from_ms(row.created_at),
        refreshed_at: Instant::from_ms(row.refreshed_at),
        revoked_at: row.revoked_at.map(Instant::from_ms),
        refresh_sha256: hash(row.refresh_sha256)?,
        version: row.version,
    })
}
