//! A report goes to whom the routes name, and the decision goes on record. Not asked for by itself: sending a report and
//! rating it do this in their own transaction.

use super::{OperationError, file::File};
use crate::domain::{notice::NoticeKind, routing::Decision};

impl File {
    /// Sends the report to whom the routes name, and tells each of them. Rating and categories are those of the report as it
    /// stands; where the same rule of the same version decides again, nothing is told again.
    pub async fn route(&mut self) -> Result<(), OperationError> {
        let decision = Decision::of(&self.report, &self.organisation, self.now);
        if decision.by == self.report.routed_by {
            return Ok(());
        }
        self.report.officer = decision.officer;
        self.report.routed_by.clone_from(&decision.by);
        for one in &decision.chosen {
            let trade = one.trade.as_ref().map_or_else(String::new, |trade| format!(", trade {trade}"));
            let because = format!("{}{trade} ({})", decision.by, one.audience);
            self.tell(NoticeKind::ReportAssigned, one.member, None, &because).await?;
        }
        let facts =
            serde_json::to_value(decision).map_err(|_| OperationError::Fault("a decision could not be written as JSON"))?;
        self.note("report", self.report.id.0, "routed", facts);
        Ok(())
    }
}
