//! Photos on their way in pieces. Their bytes lie elsewhere; here stands how many of them are safe, and who may add to them.

use super::{
    Read, StoreError, Tx, dialect,
    organisation::{count, signed},
    reports::hash,
    tables::uploads,
};
use crate::domain::{
    ids::{MemberId, PhotoId, ReportId, UploadId},
    time::Instant,
    upload::{OPEN_OF_MEMBER, OPEN_OF_REPORT, Upload},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

/// How many rows are read where somebody's uploads are counted: those that are open and as many that are remembered.
const COUNTED: usize = 4;

pub(super) fn of_member(member: MemberId) -> Select<uploads::Entity> {
    let most = u64::try_from(OPEN_OF_MEMBER * COUNTED).unwrap_or(u64::MAX);
    let open = uploads::Entity::find().filter(uploads::Column::CompletedAt.is_null());
    open.filter(uploads::Column::MemberId.eq(member.0)).limit(most)
}

pub(super) fn to_report(report: ReportId) -> Select<uploads::Entity> {
    let most = u64::try_from(OPEN_OF_REPORT * COUNTED).unwrap_or(u64::MAX);
    let open = uploads::Entity::find().filter(uploads::Column::CompletedAt.is_null());
    open.filter(uploads::Column::ReportId.eq(report.0)).limit(most)
}

pub(super) fn expired(now: Instant, limit: u64) -> Select<uploads::Entity> {
    let over = uploads::Entity::find().filter(uploads::Column::ExpiresAt.lte(now.ms()));
    over.order_by_asc(uploads::Column::ExpiresAt).limit(limit)
}

impl<C: ConnectionTrait> Read<C> {
    /// The upload of that id.
    pub async fn upload(&self, id: UploadId) -> Result<Option<Upload>, StoreError> {
        uploads::Entity::find_by_id(id.0).one(self.on()).await?.map(upload).transpose()
    }

    /// The upload by which that member sends that photo.
    pub async fn upload_of(&self, member: MemberId, photo: PhotoId) -> Result<Option<Upload>, StoreError> {
        let theirs = uploads::Entity::find().filter(uploads::Column::MemberId.eq(member.0));
        theirs.filter(uploads::Column::PhotoId.eq(photo.0)).one(self.on()).await?.map(upload).transpose()
    }

    /// What a member has under way; who has far too many is shown some of them.
    pub async fn uploads_of_member(&self, member: MemberId) -> Result<Vec<Upload>, StoreError> {
        of_member(member).all(self.on()).await?.into_iter().map(upload).collect()
    }

    /// What is under way to a report.
    pub async fn uploads_to_report(&self, report: ReportId) -> Result<Vec<Upload>, StoreError> {
        to_report(report).all(self.on()).await?.into_iter().map(upload).collect()
    }

    /// Uploads that are over, the longest first.
    pub async fn expired_uploads(&self, now: Instant, limit: u64) -> Result<Vec<Upload>, StoreError> {
        expired(now, limit).all(self.on()).await?.into_iter().map(upload).collect()
    }
}

impl Tx {
    /// From here on no other transaction counts the uploads of that member, or those to that report, until this one ends:
    /// two that begin at the same moment would each find room for one. SQLite has one writer and needs nothing.
    pub async fn count_uploads_alone(&self, member: MemberId, report: ReportId) -> Result<(), StoreError> {
        let mut names = [member.0, report.0];
        // Always in the same order, so that no two wait for each other.
        names.sort_unstable();
        for name in names {
            dialect::one_at_a_time(self.backend(), self.connection(), name).await?;
        }
        Ok(())
    }

    /// Adds an upload; `Taken` when its member sends that photo already.
    pub async fn add_upload(&self, upload: &Upload) -> Result<(), StoreError> {
        row(upload).into_active_model().insert(self.connection()).await?;
        Ok(())
    }

    /// The upload of that id, which stays as it is read until this transaction ends.
    pub async fn upload_to_change(&self, id: UploadId) -> Result<Option<Upload>, StoreError> {
        let mut query = uploads::Entity::find_by_id(id.0);
        dialect::hold(self.backend(), QueryTrait::query(&mut query));
        query.one(self.connection()).await?.map(upload).transpose()
    }

    /// Writes over an upload that was read to be changed.
    pub async fn save_upload(&self, upload: &Upload) -> Result<(), StoreError> {
        let next = row(upload).into_active_model().reset_all();
        uploads::Entity::update_many().set(next).filter(uploads::Column::Id.eq(upload.id.0)).exec(self.connection()).await?;
        Ok(())
    }

    /// Forgets an upload. Its bytes are to be removed afterwards.
    pub async fn drop_upload(&self, id: UploadId) -> Result<(), StoreError> {
        uploads::Entity::delete_by_id(id.0).exec(self.connection()).await?;
        Ok(())
    }
}

fn row(upload: &Upload) -> uploads::Model {
    uploads::Model {
        id: upload.id.0,
        report_id: upload.report.0,
        photo_id: upload.photo.0,
        member_id: upload.member.map(|member| member.0),
        key_sha256: upload.key_sha256.map(|sha256| sha256.to_vec()),
        sha256: upload.sha256.to_vec(),
        bytes: i64::try_from(upload.bytes).unwrap_or(i64::MAX),
        media_type: upload.media_type.clone(),
        metadata: upload.metadata.clone(),
        kept_bytes: i64::try_from(upload.offset).unwrap_or(i64::MAX),
        round: signed(upload.round),
        claim: upload.claim,
        begun_at: upload.begun_at.ms(),
        expires_at: upload.expires_at.ms(),
        completed_at: upload.completed_at.map(Instant::ms),
    }
}

fn upload(row: uploads::Model) -> Result<Upload, StoreError> {
    let size = |bytes: i64| u64::try_from(bytes).map_err(|_| StoreError::Corrupt("uploads.bytes"));
    Ok(Upload {
        id: UploadId(row.id),
        report: ReportId(row.report_id),
        photo: PhotoId(row.photo_id),
        member: row.member_id.map(MemberId),
        key_sha256: row.key_sha256.map(hash).transpose()?,
        sha256: hash(row.sha256)?,
        bytes: size(row.bytes)?,
        media_type: row.media_type,
        metadata: row.metadata,
        offset: size(row.kept_bytes)?,
        round: count(row.round),
        claim: row.claim,
        begun_at: Instant::from_ms(row.begun_at),
        expires_at: Instant::from_ms(row.expires_at),
        completed_at: row.completed_at.map(Instant::from_ms),
    })
}
