//! Who was hurt and how. Read by nothing but the answer to those who may.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TryInsertResult,
};

use super::{Read, StoreError, Tx, tables::injuries};
use crate::domain::{
    ids::{InjuryId, MemberId, ReportId},
    injury::{Injury, InjuryFacts, PersonStatus, Treatment},
    report::Stamp,
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// The injury of that id.
    pub async fn injury(&self, id: InjuryId) -> Result<Option<Injury>, StoreError> {
        injuries::Entity::find_by_id(id.0).one(self.on()).await?.map(injury).transpose()
    }

    /// The injuries of a report, in the order they were recorded.
    pub async fn injuries(&self, report: ReportId) -> Result<Vec<Injury>, StoreError> {
        let rows = injuries::Entity::find()
            .filter(injuries::Column::ReportId.eq(report.0))
            .order_by_asc(injuries::Column::RecordedAt)
            .order_by_asc(injuries::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(injury).collect()
    }
}

impl Tx {
    /// Adds an injury; false when its id is there already.
    pub async fn add_injury(&self, injury: &Injury) -> Result<bool, StoreError> {
        let insert = injuries::Entity::insert(row(injury)?).on_conflict_do_nothing();
        Ok(matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)))
    }

    /// Writes over the version that was read, and gives the injury as it stands now; anything else is `Stale`.
    pub async fn save_injury(&self, injury: Injury) -> Result<Injury, StoreError> {
        let read = injury.version;
        let next = Injury { version: read + 1, ..injury };
        let written = injuries::Entity::update_many()
            .set(row(&next)?)
            .filter(injuries::Column::Id.eq(next.id.0))
            .filter(injuries::Column::Version.eq(read))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(next) } else { Err(StoreError::Stale) }
    }
}

fn row(injury: &Injury) -> Result<injuries::ActiveModel, StoreError> {
    let json = |text: Result<String, serde_json::Error>| text.map_err(|_| StoreError::Corrupt("injuries"));
    let facts = &injury.facts;
    let row = injuries::Model {
        id: injury.id.0,
        report_id: injury.report.0,
        person: facts.person.clone(),
        status: facts.status.word().to_owned(),
        treatment: facts.treatment.word().to_owned(),
        absences: json(serde_json::to_string(&facts.absences))?,
        esaw: json(serde_json::to_string(&facts.esaw))?,
        notes: facts.notes.clone(),
        recorded_at: injury.recorded.at.ms(),
        recorded_by: injury.recorded.by.0,
        version: injury.version,
    };
    Ok(row.into_active_model().reset_all())
}

fn injury(row: injuries::Model) -> Result<Injury, StoreError> {
    let corrupt = || StoreError::Corrupt("injuries");
    let facts = InjuryFacts {
        person: row.person,
        status: PersonStatus::of_word(&row.status).ok_or_else(corrupt)?,
        treatment: Treatment::of_word(&row.treatment).ok_or_else(corrupt)?,
        absences: serde_json::from_str(&row.absences).map_err(|_| corrupt())?,
        esaw: serde_json::from_str(&row.esaw).map_err(|_| corrupt())?,
        notes: row.notes,
    };
    Ok(Injury {
        id: InjuryId(row.id),
        report: ReportId(row.report_id),
        facts,
        recorded: Stamp { at: Instant::from_ms(row.recorded_at), by: MemberId(row.recorded_by) },
        version: row.version,
    })
}
