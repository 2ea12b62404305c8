//! What photos look like and what they claim. Claims are read by nothing but the answer to those who may.

use jiff::tz::Offset;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Select, sea_query::Query,
};

use super::{
    Read, StoreError, Tx,
    tables::{findings, photos},
};
use crate::domain::{
    claims::{Claims, Finding, Position, TakenAt, look_the_same},
    ids::{PhotoId, ReportId},
};

/// The most rows looked at for one photo. Looks that share a quarter with it and no more are rarely many.
const CANDIDATES: u64 = 500;

impl<C: ConnectionTrait> Read<C> {
    /// What was found in a photo.
    pub async fn finding(&self, photo: PhotoId) -> Result<Option<Finding>, StoreError> {
        findings::Entity::find_by_id(photo.0).one(self.on()).await?.map(finding).transpose()
    }

    /// Other photos that look the same, with their reports. One that differs in every quarter of its hash is not found.
    pub async fn photos_that_look_like(&self, photo: PhotoId, look: u64) -> Result<Vec<(PhotoId, ReportId)>, StoreError> {
        let rows = alike(look).all(self.on()).await?;
        let others = rows.into_iter().map(finding).collect::<Result<Vec<_>, _>>()?;
        let same = |other: &Finding| other.photo != photo && other.look.is_some_and(|other| look_the_same(look, other));
        Ok(others.into_iter().filter(same).map(|other| (other.photo, other.report)).collect())
    }
}

/// Those that share a quarter of their look.
pub(super) fn alike(look: u64) -> Select<findings::Entity> {
    let [one, two, three, four] = quarters(look);
    let shared = Condition::any()
        .add(findings::Column::Look1.eq(one))
        .add(findings::Column::Look2.eq(two))
        .add(findings::Column::Look3.eq(three))
        .add(findings::Column::Look4.eq(four));
    findings::Entity::find().filter(shared).limit(CANDIDATES)
}

impl Tx {
    /// Keeps what was found in a photo. What was found first stays, as its photo never changes and its time may be over.
    pub async fn add_finding(&self, finding: &Finding) -> Result<(), StoreError> {
        let insert = findings::Entity::insert(row(finding)).on_conflict_do_nothing();
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Nothing is known any more of what the photos of a report looked like and claimed.
    pub async fn erase_findings(&self, report: ReportId) -> Result<(), StoreError> {
        findings::Entity::delete_many().filter(of_report(report)).exec(self.connection()).await?;
        Ok(())
    }

    /// The photos of a report claim no place any more.
    pub async fn erase_claimed_positions(&self, report: ReportId) -> Result<(), StoreError> {
        let gone = findings::ActiveModel { latitude: Set(None), longitude: Set(None), ..Default::default() };
        findings::Entity::update_many().set(gone).filter(of_report(report)).exec(self.connection()).await?;
        Ok(())
    }

    /// Nothing found in the photos of a report leads to who sent it any more: neither a camera, nor other photos like them.
    pub async fn erase_cameras_and_looks(&self, report: ReportId) -> Result<(), StoreError> {
        let gone = findings::ActiveModel {
            look_1: Set(None),
            look_2: Set(None),
            look_3: Set(None),
            look_4: Set(None),
            maker: Set(None),
            camera: Set(None),
            ..Default::default()
        };
        findings::Entity::update_many().set(gone).filter(of_report(report)).exec(self.connection()).await?;
        Ok(())
    }
}

fn of_report(report: ReportId) -> Condition {
    let theirs = Query::select()
        .column(photos::Column::Id)
        .from(photos::Entity)
        .and_where(photos::Column::ReportId.eq(report.0))
        .to_owned();
    Condition::all().add(findings::Column::PhotoId.in_subquery(theirs))
}

fn quarters(look: u64) -> [i32; 4] {
    let quarter = |place: u32| i32::try_from(look >> (16 * place) & 0xFFFF).unwrap_or_default();
    [quarter(3), quarter(2), quarter(1), quarter(0)]
}

fn whole(quarters: [Option<i32>; 4]) -> Option<u64> {
    quarters.into_iter().try_fold(0, |look, quarter| Some(look << 16 | u64::try_from(quarter?).ok()?))
}

fn row(finding: &Finding) -> findings::ActiveModel {
    let [look_1, look_2, look_3, look_4] = finding.look.map_or([None; 4], |look| quarters(look).map(Some));
    let Claims { taken_at, position, make, model } = finding.claims.clone();
    findings::Model {
        photo_id: finding.photo.0,
        report_id: finding.report.0,
        look_1,
        look_2,
        look_3,
        look_4,
        taken_local: taken_at.map(|taken| taken.local.to_string()),
        taken_offset_s: taken_at.and_then(|taken| taken.offset).map(Offset::seconds),
        latitude: position.map(|position| position.latitude),
        longitude: position.map(|position| position.longitude),
        maker: make,
        camera: model,
    }
    .into_active_model()
    .reset_all()
}

fn finding(row: findings::Model) -> Result<Finding, StoreError> {
    let corrupt = || StoreError::Corrupt("findings");
    let local = row.taken_local.map(|local| local.parse().map_err(|_| corrupt())).transpose()?;
    let offset = row.taken_offset_s.map(|seconds| Offset::from_seconds(seconds).map_err(|_| corrupt())).transpose()?;
    let position = row.latitude.zip(row.longitude).map(|(latitude, longitude)| Position { latitude, longitude });
    let taken_at = local.map(|local| TakenAt { local, offset });
    Ok(Finding {
        photo: PhotoId(row.photo_id),
        report: ReportId(row.report_id),
        look: whole([row.look_1, row.look_2, row.look_3, row.look_4]),
        claims: Claims { taken_at, position, make: row.maker, model: row.camera },
    })
}
