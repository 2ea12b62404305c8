//! What was filed because the law wants it, with its proof. Nothing is ever changed here: a mistake is mended by another filing.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, TryInsertResult,
};

use super::{
    Read, StoreError, Tx,
    tables::{filings, injuries},
};
use crate::domain::{
    ids::{FilingId, MemberId, ReportId},
    injury::PersonStatus,
    obligation::{Filing, FilingFacts, ProofKind},
    report::Stamp,
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// The filing of that id.
    pub async fn filing(&self, id: FilingId) -> Result<Option<Filing>, StoreError> {
        filings::Entity::find_by_id(id.0).one(self.on()).await?.map(filing).transpose()
    }

    /// What was filed about a report, in the order it was recorded.
    pub async fn filings(&self, report: ReportId) -> Result<Vec<Filing>, StoreError> {
        let rows = filings::Entity::find()
            .filter(filings::Column::ReportId.eq(report.0))
            .order_by_asc(filings::Column::RecordedAt)
            .order_by_asc(filings::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(filing).collect()
    }

    /// When it was first recorded that an employee was hurt: that instant alone, and nothing of whom or how.
    pub async fn employee_hurt_at(&self, report: ReportId) -> Result<Option<Instant>, StoreError> {
        let first: Option<i64> = injuries::Entity::find()
            .select_only()
            .column(injuries::Column::RecordedAt)
            .filter(injuries::Column::ReportId.eq(report.0))
            .filter(injuries::Column::Status.eq(PersonStatus::Employee.word()))
            .order_by_asc(injuries::Column::RecordedAt)
            .into_tuple()
            .one(self.on())
            .await?;
        Ok(first.map(Instant::from_ms))
    }
}

impl Tx {
    /// Adds a filing; false when its id is there already.
    pub async fn add_filing(&self, filing: &Filing) -> Result<bool, StoreError> {
        let facts = &filing.facts;
        let row = filings::Model {
            id: filing.id.0,
            report_id: filing.report.0,
            obligation: facts.obligation.clone(),
            filed_at: facts.filed_at.ms(),
            recipient: facts.recipient.clone(),
            proof: facts.proof.word().to_owned(),
            reference: facts.reference.clone(),
            force_majeure: facts.force_majeure.clone(),
            recorded_at: filing.recorded.at.ms(),
            recorded_by: filing.recorded.by.0,
        };
        let insert = filings::Entity::insert(row.into_active_model()).on_conflict_do_nothing();
        Ok(matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)))
    }
}

fn filing(row: filings::Model) -> Result<Filing, StoreError> {
    let facts = FilingFacts {
        obligation: row.obligation,
        filed_at: Instant::from_ms(row.filed_at),
        recipient: row.recipient,
        proof: ProofKind::of_word(&row.proof).ok_or(StoreError::Corrupt("filings.proof"))?,
        reference: row.reference,
        force_majeure: row.force_majeure,
    };
    let recorded = Stamp { at: Instant::from_ms(row.recorded_at), by: MemberId(row.recorded_by) };
    Ok(Filing { id: FilingId(row.id), report: ReportId(row.report_id), facts, recorded })
}
