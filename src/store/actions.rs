//! Corrective actions.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TryInsertResult,
};
use uuid::Uuid;

use super::{
    ActionFilter, Page, Read, StoreError, Tx, lists,
    organisation::{count, signed},
    reports::{hash, list, stamp, touched},
    tables::actions,
};
use crate::domain::{
    action::{Action, ActionKind, ActionState, Control},
    ids::{ActionId, MemberId, PhotoId, ReportId, SiteId},
    report::Stamp,
    time::Instant,
};

impl<C: ConnectionTrait> Read<C> {
    /// The action of that id.
    pub async fn action(&self, id: ActionId) -> Result<Option<Action>, StoreError> {
        actions::Entity::find_by_id(id.0).one(self.on()).await?.map(action).transpose()
    }

    /// The actions of a report, in the order they were assigned.
    pub async fn actions_of(&self, report: ReportId) -> Result<Vec<Action>, StoreError> {
        let rows = actions::Entity::find()
            .filter(actions::Column::ReportId.eq(report.0))
            .order_by_asc(actions::Column::Ordinal)
            .all(self.on())
            .await?;
        rows.into_iter().map(action).collect()
    }

    /// A page of actions, soonest due first.
    pub async fn actions(&self, filter: &ActionFilter) -> Result<Page<Action>, StoreError> {
        let rows = lists::actions(self.backend(), filter).all(self.on()).await?;
        Ok(Page::of(rows.into_iter().map(action).collect::<Result<_, _>>()?, filter.limit))
    }
}

impl Tx {
    /// Adds an action; false when its id is there already.
    pub async fn add_action(&self, action: &Action) -> Result<bool, StoreError> {
        let insert = actions::Entity::insert(row(action)?).on_conflict_do_nothing();
        Ok(matches!(insert.exec_without_returning(self.connection()).await?, TryInsertResult::Inserted(1)))
    }

    /// Writes over the version that was read, and gives the action as it stands now; anything else is `Stale`.
    pub async fn save_action(&self, action: Action) -> Result<Action, StoreError> {
        let read = action.version;
        let next = Action { version: read + 1, ..action };
        let written = actions::Entity::update_many()
            .set(row(&next)?)
            .filter(actions::Column::Id.eq(next.id.0))
            .filter(actions::Column::Version.eq(read))
            .exec(self.connection())
            .await?;
        if written.rows_affected == 1 { Ok(next) } else { Err(StoreError::Stale) }
    }
}

fn row(action: &Action) -> Result<actions::ActiveModel, StoreError> {
    let evidence: Vec<Uuid> = action.evidence.iter().map(|photo| photo.0).collect();
    let row = actions::Model {
        id: action.id.0,
        report_id: action.report.0,
        site_id: action.site.0,
        ordinal: signed(action.ordinal),
        state: action.state.word().to_owned(),
        title: action.title.clone(),
        details: action.details.clone(),
        kind: action.kind.word().to_owned(),
        control: action.control.word().to_owned(),
        owner_id: action.owner.0,
        verifier_id: action.verifier.0,
        due_at: action.due_at.ms(),
        first_due_at: Some(action.first_due_at.ms()),
        extensions: Some(serde_json::to_string(&action.extensions).map_err(|_| StoreError::Corrupt("actions.extensions"))?),
        assigned_at: action.assigned.at.ms(),
        assigned_by: action.assigned.by.0,
        completed_at: action.completed.map(|stamp| stamp.at.ms()),
        completed_by: action.completed.map(|stamp| stamp.by.0),
        completion_note: action.completion_note.clone(),
        evidence: serde_json::to_string(&evidence).map_err(|_| StoreError::Corrupt("actions.evidence"))?,
        verified_at: action.verified.map(|stamp| stamp.at.ms()),
        verified_by: action.verified.map(|stamp| stamp.by.0),
        reason: action.reason.clone(),
        content_sha256: action.content_sha256.to_vec(),
        touched: Some(serde_json::to_string(&action.touched).map_err(|_| StoreError::Corrupt("actions.touched"))?),
        version: action.version,
    };
    Ok(row.into_active_model().reset_all())
}

pub(super) fn action(row: actions::Model) -> Result<Action, StoreError> {
    let corrupt = StoreError::Corrupt;
    let evidence: Vec<Uuid> = serde_json::from_str(&row.evidence).map_err(|_| corrupt("actions.evidence"))?;
    Ok(Action {
        id: ActionId(row.id),
        report: ReportId(row.report_id),
        site: SiteId(row.site_id),
        ordinal: count(row.ordinal),
        state: ActionState::of_word(&row.state).ok_or(corrupt("actions.state"))?,
        title: row.title,
        details: row.details,
        kind: ActionKind::of_word(&row.kind).ok_or(corrupt("actions.kind"))?,
        control: Control::of_word(&row.control).ok_or(corrupt("actions.control"))?,
        owner: MemberId(row.owner_id),
        verifier: MemberId(row.verifier_id),
        due_at: Instant::from_ms(row.due_at),
        first_due_at: Instant::from_ms(row.first_due_at.unwrap_or(row.due_at)),
        extensions: list(row.extensions.as_deref(), "actions.extensions")?,
        assigned: Stamp { at: Instant::from_ms(row.assigned_at), by: MemberId(row.assigned_by) },
        completed: stamp(row.completed_at, row.completed_by),
        completion_note: row.completion_note,
        evidence: evidence.into_iter().map(PhotoId).collect(),
        verified: stamp(row.verified_at, row.verified_by),
        reason: row.reason,
        content_sha256: hash(row.content_sha256)?,
        touched: touched(row.version, row.touched.as_deref()),
        version: row.version,
    })
}
