//! The reports and actions of many deadlines in two questions, however many there are.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{
    Read, StoreError,
    actions::action,
    reports::report,
    tables::{actions, reports},
};
use crate::domain::{
    clocks,
    deadline::Deadline,
    ids::{ActionId, ReportId},
    organisation::Cast,
};

impl<C: ConnectionTrait> Read<C> {
    /// The number of each of these deadlines' reports, and whom their audiences stand for, in their order. At most a few
    /// hundred at once.
    pub async fn casts<'a>(
        &self,
        deadlines: impl Iterator<Item = &'a Deadline> + Clone + Send,
    ) -> Result<Vec<(String, Cast)>, StoreError> {
        let ids = deadlines.clone().map(|deadline| deadline.report.0);
        let mut of_reports = HashMap::new();
        for row in reports::Entity::find().filter(reports::Column::Id.is_in(ids)).all(self.on()).await? {
            of_reports.insert(ReportId(row.id), report(row)?);
        }
        let ids = deadlines.clone().filter_map(|deadline| deadline.action).map(|action| action.0);
        let mut of_actions = HashMap::new();
        for row in actions::Entity::find().filter(actions::Column::Id.is_in(ids)).all(self.on()).await? {
            of_actions.insert(ActionId(row.id), action(row)?);
        }
        let cast = |deadline: &Deadline| {
            let report = of_reports.get(&deadline.report).ok_or(StoreError::Corrupt("deadlines.report_id"))?;
            let action = deadline.action.and_then(|action| of_actions.get(&action));
            Ok((report.number.clone(), clocks::cast(deadline, report, action)))
        };
        deadlines.map(cast).collect()
    }
}
