//! Photos of reports: what was announced, what has come, and which wait for their renditions.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TryInsertResult,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use super::{
    Read, StoreError, Tx, dialect,
    organisation::{count, signed},
    reports::{hash, ms},
    tables::photos,
};
use crate::domain::{
    ids::{PhotoId, ReportId},
    photo::{Hint, Photo, PhotoState},
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// The photo of that id.
    pub async fn photo(&self, id: PhotoId) -> Result<Option<Photo>, StoreError> {
        photos::Entity::find_by_id(id.0).one(self.on()).await?.map(photo).transpose()
    }

    /// The photos of a report, in the order of its manifest.
    pub async fn photos(&self, report: ReportId) -> Result<Vec<Photo>, StoreError> {
        let rows = photos::Entity::find()
            .filter(photos::Column::ReportId.eq(report.0))
            .order_by_asc(photos::Column::Position)
            .all(self.on())
            .await?;
        rows.into_iter().map(photo).collect()
    }

    /// The photos of all these reports, each report's in the order of its manifest.
    pub async fn photos_of_all(&self, reports: &[ReportId]) -> Result<Vec<Photo>, StoreError> {
        let rows = photos::Entity::find()
            .filter(photos::Column::ReportId.is_in(reports.iter().map(|report| report.0)))
            .order_by_asc(photos::Column::ReportId)
            .order_by_asc(photos::Column::Position)
            .all(self.on())
            .await?;
        rows.into_iter().map(photo).collect()
    }

    /// Whether a photo waits for its renditions and nobody is at it.
    pub async fn photo_waits(&self) -> Result<bool, StoreError> {
        Ok(self.on().query_one(&longest_waiting(self.backend())).await?.is_some())
    }
}

impl Tx {
    /// Adds a photo; false when its id is there already.
    pub async fn add_photo(&self, photo: &Photo) -> Result<bool, StoreError> {
        let insert = photos::Entity::insert(row(photo)?).on_conflict_do_nothing();
        Ok(matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)))
    }

    /// Writes over the version that was read, and ends a claim; anything else is `Stale`.
    pub async fn save_photo(&self, photo: &Photo) -> Result<(), StoreError> {
        let next = photos::ActiveModel { version: Set(photo.version + 1), ..row(photo)? };
        let written = photos::Entity::update_many()
            .set(next)
            .filter(photos::Column::Id.eq(photo.id.0))
            .filter(photos::Column::Version.eq(photo.version))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Claims the photo that has waited longest for its renditions, one that was tried before after the others, for so long
    /// by the database's clock. With it comes the number of times it was claimed, this one included.
    pub async fn claim_photo(&self, lease_ms: i64) -> Result<Option<(Photo, u32)>, StoreError> {
        let backend = self.backend();
        let mut oldest = longest_waiting(backend);
        dialect::skip_locked(backend, &mut oldest);
        let claimed = photos::Entity::update_many()
            .col_expr(photos::Column::LeaseUntil, dialect::now_plus_ms(backend, lease_ms))
            .col_expr(photos::Column::Attempts, Expr::col(photos::Column::Attempts).add(1))
            .filter(photos::Column::Id.in_subquery(oldest))
            .exec_with_returning(self.connection())
            .await?;
        let Some(row) = claimed.into_iter().next() else { return Ok(None) };
        let attempts = count(row.attempts);
        Ok(Some((photo(row)?, attempts)))
    }

    /// Gives a claim back as if it had never been tried, to be claimed again after so many milliseconds.
    pub async fn give_back_photo(&self, id: PhotoId, pause_ms: i64) -> Result<(), StoreError> {
        photos::Entity::update_many()
            .col_expr(photos::Column::LeaseUntil, dialect::now_plus_ms(self.backend(), pause_ms))
            .col_expr(photos::Column::Attempts, Expr::col(photos::Column::Attempts).sub(1))
            .filter(photos::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Frees what a process that is gone had claimed. Only where no other process can be at work.
    pub async fn free_photo_leases(&self) -> Result<(), StoreError> {
        let free = photos::ActiveModel { lease_until: Set(None), ..Default::default() };
        photos::Entity::update_many()
            .set(free)
            .filter(photos::Column::State.eq(PhotoState::Received.word()))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

/// The photo that waits and that nobody is at, those that were tried before after the others.
fn longest_waiting(backend: DbBackend) -> SelectStatement {
    Query::select()
        .column(photos::Column::Id)
        .from(photos::Entity)
        .and_where(photos::Column::State.eq(PhotoState::Received.word()))
        .cond_where(dialect::is_free(backend, photos::Column::LeaseUntil))
        .order_by(photos::Column::Attempts, sea_orm::Order::Asc)
        .order_by(photos::Column::ReceivedAt, sea_orm::Order::Asc)
        .limit(1)
        .to_owned()
}

fn row(photo: &Photo) -> Result<photos::ActiveModel, StoreError> {
    let hints: Vec<&str> = photo.hints.iter().map(|hint| hint.word()).collect();
    let row = photos::Model {
        id: photo.id.0,
        report_id: photo.report.0,
        position: signed(photo.position),
        state: photo.state.word().to_owned(),
        sha256: photo.sha256.to_vec(),
        kept_sha256: photo.kept_sha256.map(|sha256| sha256.to_vec()),
        bytes: i64::try_from(photo.bytes).unwrap_or(i64::MAX),
        media_type: photo.media_type.clone(),
        received_at: ms(photo.received_at),
        width: photo.width.map(signed),
        height: photo.height.map(signed),
        unreadable_because: photo.unreadable_because.clone(),
        hints: hints.join(" "),
        hidden: serde_json::to_string(&photo.hidden).map_err(|_| StoreError::Corrupt("photos.hidden"))?,
        redactions: signed(photo.redactions),
        preview_sha256: photo.preview_sha256.map(|sha256| sha256.to_vec()),
        lease_until: None,
        attempts: 0,
        version: photo.version,
    };
    Ok(row.into_active_model().reset_all())
}

pub(super) fn photo(row: photos::Model) -> Result<Photo, StoreError> {
    Ok(Photo {
        id: PhotoId(row.id),
        report: ReportId(row.report_id),
        position: count(row.position),
        state: PhotoState::of_word(&row.state).ok_or(StoreError::Corrupt("photos.state"))?,
        sha256: hash(row.sha256)?,
        kept_sha256: row.kept_sha256.map(hash).transpose()?,
        bytes: u64::try_from(row.bytes).unwrap_or(0),
        media_type: row.media_type,
        received_at: row.received_at.map(Instant::from_ms),
        width: row.width.map(count),
        height: row.height.map(count),
        unreadable_because: row.unreadable_because,
        hints: row.hints.split_whitespace().filter_map(Hint::of_word).collect(),
        hidden: serde_json::from_str(&row.hidden).map_err(|_| StoreError::Corrupt("photos.hidden"))?,
        redactions: count(row.redactions),
        preview_sha256: row.preview_sha256.map(hash).transpose()?,
        version: row.version,
    })
}
