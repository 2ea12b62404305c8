//! Signed-in devices.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QueryTrait,
};

use super::{
    Read, StoreError, Tx, dialect,
    reports::hash,
    tables::{sessions, spent_tokens},
};
use crate::domain::{
    ids::{MemberId, SessionId},
    session::{Presented, Proof, Session, Spent},
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// The session of that id, also when it is over.
    pub async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row = sessions::Entity::find_by_id(id.0).one(self.on()).await?;
        row.map(session).transpose()
    }

    /// The sessions of a member that were never ended, the newest first.
    pub async fn sessions_of(&self, member: MemberId) -> Result<Vec<Session>, StoreError> {
        let rows = sessions::Entity::find()
            .filter(sessions::Column::MemberId.eq(member.0))
            .filter(sessions::Column::RevokedAt.is_null())
            .order_by_desc(sessions::Column::CreatedAt)
            .all(self.on())
            .await?;
        rows.into_iter().map(session).collect()
    }

    /// What is known of a refresh token that somebody presents for a session.
    pub async fn presented(&self, session: &Session, sha256: [u8; 32]) -> Result<Presented, StoreError> {
        if session.refresh_sha256 == sha256 {
            return Ok(Presented::Good);
        }
        let row = spent_tokens::Entity::find_by_id(sha256.to_vec()).one(self.on()).await?;
        let Some(row) = row.filter(|row| row.session_id == session.id.0) else { return Ok(Presented::Unknown) };
        Ok(Presented::Spent(row.pair, Spent::of_word(&row.how).ok_or(StoreError::Corrupt("spent_tokens.how"))?))
    }
}

impl Tx {
    /// The session of that id, for this transaction to change.
    pub async fn session_to_change(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let mut query = sessions::Entity::find_by_id(id.0);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        query.one(self.connection()).await?.map(session).transpose()
    }

    /// The refresh token that was good is spent.
    pub async fn spend(&self, session: &Session, how: Spent) -> Result<(), StoreError> {
        let row = spent_tokens::Model {
            sha256: session.refresh_sha256.to_vec(),
            session_id: session.id.0,
            pair: session.pair,
            how: how.word().to_owned(),
        };
        spent_tokens::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// The pair of that number is used for the first time, if it is still the one that is good.
    pub async fn use_pair(&self, session: SessionId, pair: i64, now: Instant) -> Result<(), StoreError> {
        let used = sessions::ActiveModel { pair_used_at: Set(Some(now.ms())), ..Default::default() };
        sessions::Entity::update_many()
            .set(used)
            .filter(sessions::Column::Id.eq(session.0))
            .filter(sessions::Column::Pair.eq(pair))
            .filter(sessions::Column::PairUsedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

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
        proof: session.proof.word().to_owned(),
        second_factor: session.second_factor,
        created_at: session.created_at.ms(),
        refreshed_at: session.refreshed_at.ms(),
        revoked_at: session.revoked_at.map(Instant::ms),
        refresh_sha256: session.refresh_sha256.to_vec(),
        pair: session.pair,
        made_from: session.made_from,
        pair_used_at: session.pair_used_at.map(Instant::ms),
        version: session.version,
    }
}

fn session(row: sessions::Model) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId(row.id),
        member: MemberId(row.member_id),
        device_id: row.device_id,
        device_name: row.device_name,
        proof: Proof::of_word(&row.proof).ok_or(StoreError::Corrupt("sessions.proof"))?,
        second_factor: row.second_factor,
        created_at: Instant::from_ms(row.created_at),
        refreshed_at: Instant::from_ms(row.refreshed_at),
        revoked_at: row.revoked_at.map(Instant::from_ms),
        refresh_sha256: hash(row.refresh_sha256)?,
        pair: row.pair,
        made_from: row.made_from,
        pair_used_at: row.pair_used_at.map(Instant::from_ms),
        version: row.version,
    })
}
