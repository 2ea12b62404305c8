//! Corrections of reports: added, and never changed.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::{Read, StoreError, Tx, tables::corrections};
use crate::domain::{
    ids::{MemberId, ReportId},
    report::{CorrectedField, Correction, Report, Stamp},
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// What was corrected of a report, oldest first.
    pub async fn corrections_of(&self, report: ReportId) -> Result<Vec<Correction>, StoreError> {
        let rows = corrections::Entity::find()
            .filter(corrections::Column::ReportId.eq(report.0))
            .order_by_asc(corrections::Column::ReportVersion)
            .order_by_asc(corrections::Column::Field)
            .all(self.on())
            .await?;
        rows.into_iter().map(correction).collect()
    }
}

impl<C: ConnectionTrait> Read<C> {
    /// What was corrected of all these reports, each report's oldest first.
    pub async fn corrections_of_all(&self, reports: &[ReportId]) -> Result<Vec<(ReportId, Correction)>, StoreError> {
        let rows = corrections::Entity::find()
            .filter(corrections::Column::ReportId.is_in(reports.iter().map(|report| report.0)))
            .order_by_asc(corrections::Column::ReportVersion)
            .order_by_asc(corrections::Column::Field)
            .all(self.on())
            .await?;
        rows.into_iter().map(|row| Ok((ReportId(row.report_id), correction(row)?))).collect()
    }
}

impl Tx {
    /// Adds what was corrected in this version of a report.
    pub async fn add_corrections(&self, report: &Report, corrections: &[Correction]) -> Result<(), StoreError> {
        let row = |correction: &Correction| corrections::Model {
            report_id: report.id.0,
            report_version: report.version,
            field: correction.field.word().to_owned(),
            before: correction.before.clone(),
            after: correction.after.clone(),
            reason: correction.reason.clone(),
            corrected_at: correction.stamp.at.ms(),
            corrected_by: correction.stamp.by.0,
        };
        let rows = corrections.iter().map(|correction| row(correction).into_active_model());
        corrections::Entity::insert_many(rows).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}

fn correction(row: corrections::Model) -> Result<Correction, StoreError> {
    Ok(Correction {
        field: CorrectedField::of_word(&row.field).ok_or(StoreError::Corrupt("corrections.field"))?,
        before: row.before,
        after: row.after,
        reason: row.reason,
        stamp: Stamp { at: Instant::from_ms(row.corrected_at), by: MemberId(row.corrected_by) },
    })
}
