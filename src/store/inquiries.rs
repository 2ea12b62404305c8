//! Inquiries, and what witnesses said. Read by nothing but the answers to those who may.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TryInsertResult,
};

use super::{
    Read, StoreError, Tx,
    organisation::{count, signed},
    reports::{hash, ms, stamp},
    tables::{inquiries, statements},
};
use crate::domain::{
    ids::{MemberId, ReportId, StatementId},
    inquiry::Inquiry,
    report::Stamp,
    statement::{Statement, StatementType},
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// The inquiries of a report, the first one first.
    pub async fn inquiries(&self, report: ReportId) -> Result<Vec<Inquiry>, StoreError> {
        let rows = inquiries::Entity::find()
            .filter(inquiries::Column::ReportId.eq(report.0))
            .order_by_asc(inquiries::Column::Round)
            .all(self.on())
            .await?;
        rows.iter().map(inquiry).collect()
    }

    /// The statement of that id.
    pub async fn statement(&self, id: StatementId) -> Result<Option<Statement>, StoreError> {
        statements::Entity::find_by_id(id.0).one(self.on()).await?.map(statement).transpose()
    }

    /// The statements of a report, in the order they were added.
    pub async fn statements(&self, report: ReportId) -> Result<Vec<Statement>, StoreError> {
        let rows = statements::Entity::find()
            .filter(statements::Column::ReportId.eq(report.0))
            .order_by_asc(statements::Column::AddedAt)
            .order_by_asc(statements::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(statement).collect()
    }
}

impl Tx {
    /// Adds an inquiry; false when the report has one of that number already.
    pub async fn add_inquiry(&self, inquiry: &Inquiry) -> Result<bool, StoreError> {
        let insert = inquiries::Entity::insert(inquiry_row(inquiry)?).on_conflict_do_nothing();
        Ok(matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)))
    }

    /// Writes over the version that was read, and gives the inquiry as it stands now; anything else is `Stale`.
    pub async fn save_inquiry(&self, inquiry: Inquiry) -> Result<Inquiry, StoreError> {
        let read = inquiry.version;
        let next = Inquiry { version: read + 1, ..inquiry };
        let written = inquiries::Entity::update_many()
            .set(inquiry_row(&next)?)
            .filter(inquiries::Column::ReportId.eq(next.report.0))
            .filter(inquiries::Column::Round.eq(signed(next.round)))
            .filter(inquiries::Column::Version.eq(read))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(next) } else { Err(StoreError::Stale) }
    }

    /// Adds a statement; false when its id is there already.
    pub async fn add_statement(&self, statement: &Statement) -> Result<bool, StoreError> {
        let row = statements::Model {
            id: statement.id.0,
            report_id: statement.report.0,
            given_by: statement.given_by.clone(),
            sha256: statement.sha256.to_vec(),
            bytes: i64::try_from(statement.bytes).unwrap_or(i64::MAX),
            media_type: statement.media_type.word().to_owned(),
            added_at: statement.added.at.ms(),
            added_by: statement.added.by.0,
            received_at: ms(statement.received_at),
        };
        let insert = statements::Entity::insert(row.into_active_model()).on_conflict_do_nothing();
        Ok(matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)))
    }

    /// Says that the bytes of a statement are here; false when that was said before.
    pub async fn statement_received(&self, id: StatementId, at: Instant) -> Result<bool, StoreError> {
        let written = statements::Entity::update_many()
            .set(statements::ActiveModel { received_at: Set(Some(at.ms())), id: NotSet, ..Default::default() })
            .filter(statements::Column::Id.eq(id.0))
            .filter(statements::Column::ReceivedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(written.rows_affected == 1)
    }
}

fn inquiry_row(inquiry: &Inquiry) -> Result<inquiries::ActiveModel, StoreError> {
    let corrupt = |_| StoreError::Corrupt("inquiries");
    let row = inquiries::Model {
        report_id: inquiry.report.0,
        round: signed(inquiry.round),
        opened_at: inquiry.opened.at.ms(),
        opened_by: inquiry.opened.by.0,
        findings: serde_json::to_string(&inquiry.findings).map_err(corrupt)?,
        signatures: serde_json::to_string(&inquiry.signatures).map_err(corrupt)?,
        completed_at: inquiry.completed.map(|stamp| stamp.at.ms()),
        completed_by: inquiry.completed.map(|stamp| stamp.by.0),
        version: inquiry.version,
    };
    Ok(row.into_active_model().reset_all())
}

fn inquiry(row: &inquiries::Model) -> Result<Inquiry, StoreError> {
    let corrupt = |_| StoreError::Corrupt("inquiries");
    Ok(Inquiry {
        report: ReportId(row.report_id),
        round: count(row.round),
        opened: Stamp { at: Instant::from_ms(row.opened_at), by: MemberId(row.opened_by) },
        findings: serde_json::from_str(&row.findings).map_err(corrupt)?,
        signatures: serde_json::from_str(&row.signatures).map_err(corrupt)?,
        completed: stamp(row.completed_at, row.completed_by),
        version: row.version,
    })
}

fn statement(row: statements::Model) -> Result<Statement, StoreError> {
    Ok(Statement {
        id: StatementId(row.id),
        report: ReportId(row.report_id),
        given_by: row.given_by,
        sha256: hash(row.sha256)?,
        bytes: u64::try_from(row.bytes).unwrap_or(0),
        media_type: StatementType::of_word(&row.media_type).ok_or(StoreError::Corrupt("statements.media_type"))?,
        added: Stamp { at: Instant::from_ms(row.added_at), by: MemberId(row.added_by) },
        received_at: row.received_at.map(Instant::from_ms),
    })
}
