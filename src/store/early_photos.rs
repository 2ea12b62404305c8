//! Photos that came before their reports, which are here now.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    Read, StoreError, Tx,
    reports::{hash, ms},
    tables::early_photos,
};
use crate::domain::{
    held::{EarlyPhoto, HeldKey, SentEarly},
    ids::{MemberId, PhotoId},
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// Photos that are to be brought in now, at most so many.
    pub async fn early_photos(&self, limit: u64) -> Result<Vec<EarlyPhoto>, StoreError> {
        let rows = early_photos::Entity::find().order_by_asc(early_photos::Column::FileId).limit(limit).all(self.on()).await?;
        rows.into_iter().map(early).collect()
    }
}

impl Tx {
    /// It is to be brought in.
    pub async fn add_early_photo(&self, early: &EarlyPhoto) -> Result<(), StoreError> {
        let row = early_photos::Model {
            file_id: early.file,
            photo_id: early.photo.0,
            key: early.key.0.to_vec(),
            member_id: early.sent.map(|sent| sent.member.0),
            said_at: ms(early.sent.and_then(|sent| sent.said_at)),
            held_at: early.sent.map(|sent| sent.since.ms()),
        };
        row.into_active_model().insert(self.connection()).await?;
        Ok(())
    }

    /// It was brought in, or never can be.
    pub async fn drop_early_photo(&self, file: Uuid) -> Result<(), StoreError> {
        early_photos::Entity::delete_by_id(file).exec(self.connection()).await?;
        Ok(())
    }
}

fn early(row: early_photos::Model) -> Result<EarlyPhoto, StoreError> {
    let sent = row.member_id.zip(row.held_at).map(|(member, since)| SentEarly {
        member: MemberId(member),
        said_at: row.said_at.map(Instant::from_ms),
        since: Instant::from_ms(since),
    });
    Ok(EarlyPhoto { file: row.file_id, photo: PhotoId(row.photo_id), key: HeldKey(hash(row.key)?), sent })
}
