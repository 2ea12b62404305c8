//! What is still open in somebody's hands, or at some sites: read whole, because it is handed over whole.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Query, SelectStatement, SimpleExpr},
};

use super::{
    Read, StoreError,
    actions::action,
    deadlines::deadline,
    reports::report,
    tables::{actions, deadlines, reports},
};
use crate::domain::{
    action::{Action, ActionState},
    administration::OpenWork,
    deadline::{Deadline, DeadlineKind},
    ids::{MemberId, SiteId},
    report::{Report, ReportState},
};

const OPEN_ACTIONS: [ActionState; 4] =
    [ActionState::Open, ActionState::Accepted, ActionState::InProgress, ActionState::Completed];

/// The states in which a report has ended.
const ENDED: [ReportState; 4] = [ReportState::Closed, ReportState::Dismissed, ReportState::Duplicate, ReportState::Withdrawn];

impl<C: ConnectionTrait> Read<C> {
    /// What a member has still to do: the actions they own or verify, the reports routed to them that are not closed or on
    /// which a clock still runs, and the clocks that run on them.
    pub async fn open_work_of(&self, member: MemberId) -> Result<OpenWork, StoreError> {
        let owned = actions::Column::OwnerId.eq(member.0);
        let verified = actions::Column::VerifierId.eq(member.0);
        let routed = reports::Column::OfficerId.eq(member.0);
        let running = Condition::any()
            .add(
                Condition::all()
                    .add(deadlines::Column::ActionId.is_null())
                    .add(deadlines::Column::ReportId.in_subquery(reports_where(routed.clone()))),
            )
            .add(of_actions(DeadlineKind::CompleteAction, owned.clone()))
            .add(of_actions(DeadlineKind::VerifyAction, verified.clone()));
        Ok(OpenWork {
            actions: self.open_actions(owned).await?,
            verifications: self.open_actions(verified).await?,
            reports: self.open_reports(routed).await?,
            deadlines: self.open_deadlines(running).await?,
        })
    }

    /// What is still open at the sites, whoever does it.
    pub async fn open_work_at(&self, sites: &[SiteId]) -> Result<OpenWork, StoreError> {
        let ids = || sites.iter().map(|site| site.0);
        Ok(OpenWork {
            actions: self.open_actions(actions::Column::SiteId.is_in(ids())).await?,
            verifications: vec![],
            reports: self.open_reports(reports::Column::SiteId.is_in(ids())).await?,
            deadlines: self.open_deadlines(Condition::all().add(deadlines::Column::SiteId.is_in(ids()))).await?,
        })
    }

    async fn open_actions(&self, whose: SimpleExpr) -> Result<Vec<Action>, StoreError> {
        let rows = actions::Entity::find()
            .filter(whose)
            .filter(actions::Column::State.is_in(OPEN_ACTIONS.map(ActionState::word)))
            .order_by_asc(actions::Column::DueAt)
            .order_by_asc(actions::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(action).collect()
    }

    async fn open_reports(&self, whose: SimpleExpr) -> Result<Vec<Report>, StoreError> {
        let clocked = Query::select()
            .column(deadlines::Column::ReportId)
            .from(deadlines::Entity)
            .and_where(deadlines::Column::EndedAt.is_null())
            .and_where(deadlines::Column::ActionId.is_null())
            .to_owned();
        let open = Condition::any()
            .add(reports::Column::State.is_not_in(ENDED.map(ReportState::word)))
            .add(reports::Column::Id.in_subquery(clocked));
        let rows = reports::Entity::find()
            .filter(whose)
            .filter(open)
            .order_by_asc(reports::Column::ReceivedAt)
            .order_by_asc(reports::Column::Id)
            .all(self.on())
            .await?;
        rows.into_iter().map(report).collect()
    }

    async fn open_deadlines(&self, which: Condition) -> Result<Vec<Deadline>, StoreError> {
        let rows = deadlines::Entity::find()
            .filter(deadlines::Column::EndedAt.is_null())
            .filter(which)
            .order_by_asc(deadlines::Column::DueAt)
            .order_by_asc(deadlines::Column::Id)
            .all(self.on())
            .await?;
        rows.iter().map(deadline).collect()
    }
}

fn reports_where(whose: SimpleExpr) -> SelectStatement {
    Query::select().column(reports::Column::Id).from(reports::Entity).and_where(whose).to_owned()
}

fn of_actions(kind: DeadlineKind, whose: SimpleExpr) -> Condition {
    let theirs = Query::select().column(actions::Column::Id).from(actions::Entity).and_where(whose).to_owned();
    Condition::all().add(deadlines::Column::Kind.eq(kind.word())).add(deadlines::Column::ActionId.in_subquery(theirs))
}
