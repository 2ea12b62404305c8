//! Leaving and coming back: what is still open in somebody's hands, handing it over, disabling and enabling.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{WholeMemberBody, members::whole};
use crate::{
    app::App,
    domain::{
        action::Action,
        administration::{HandOver, OpenWork},
        deadline::Deadline,
        ids::MemberId,
        report::Report,
        time::Instant,
    },
    http::{
        answer::resource,
        bodies::OpenWorkCounts,
        error::{Problem, ProblemBody},
        extract::{Body, Id, MaybeBody, Who},
        reports::NothingBody,
    },
    operations,
};

/// What is still open in somebody's hands, or at a site. It says no more of a report than who hands it over must know.
#[derive(Serialize, ToSchema)]
pub struct OpenWorkBody {
    /// How much it is.
    counts: OpenWorkCounts,
    /// Actions they own; at a site, all of them.
    actions: Vec<OpenActionBody>,
    /// Actions they are to verify, done or not.
    verifications: Vec<OpenActionBody>,
    /// Reports routed to them; at a site, all of them.
    reports: Vec<OpenReportBody>,
    /// The clocks that run on these, soonest due first.
    deadlines: Vec<OpenDeadlineBody>,
}

/// An open action.
#[derive(Serialize, ToSchema)]
pub struct OpenActionBody {
    /// Its id.
    id: Uuid,
    /// Its report.
    report_id: Uuid,
    /// Its site.
    site_id: Uuid,
    /// Its place among the report's actions.
    ordinal: u32,
    /// Where it stands.
    state: String,
    /// Who does it.
    owner_id: Uuid,
    /// Who sees that it is done.
    verifier_id: Uuid,
    /// By when.
    #[schema(value_type = String, format = DateTime)]
    due_at: Instant,
}

/// An open report, or a closed one on which a clock still runs.
#[derive(Serialize, ToSchema)]
pub struct OpenReportBody {
    /// Its id.
    id: Uuid,
    /// Its number.
    number: String,
    /// Its site.
    site_id: Uuid,
    /// Where it stands.
    state: String,
    /// Whom it was routed to.
    officer_id: Option<Uuid>,
}

/// A running clock.
#[derive(Serialize, ToSchema)]
pub struct OpenDeadlineBody {
    /// Its id.
    id: Uuid,
    /// Its report.
    report_id: Uuid,
    /// Its action, if it is an action's.
    action_id: Option<Uuid>,
    /// What must happen.
    kind: String,
    /// By when.
    #[schema(value_type = String, format = DateTime)]
    due_at: Instant,
}

impl From<OpenWork> for OpenWorkBody {
    fn from(work: OpenWork) -> Self {
        Self {
            counts: work.counts().into(),
            actions: work.actions.iter().map(OpenActionBody::from).collect(),
            verifications: work.verifications.iter().map(OpenActionBody::from).collect(),
            reports: work.reports.iter().map(OpenReportBody::from).collect(),
            deadlines: work.deadlines.iter().map(OpenDeadlineBody::from).collect(),
        }
    }
}

impl From<&Action> for OpenActionBody {
    fn from(action: &Action) -> Self {
        Self {
            id: action.id.0,
            report_id: action.report.0,
            site_id: action.site.0,
            ordinal: action.ordinal,
            state: action.state.word().to_owned(),
            owner_id: action.owner.0,
            verifier_id: action.verifier.0,
            due_at: action.due_at,
        }
    }
}

impl From<&Report> for OpenReportBody {
    fn from(report: &Report) -> Self {
        Self {
            id: report.id.0,
            number: report.number.clone(),
            site_id: report.site.0,
            state: report.state.word().to_owned(),
            officer_id: report.officer.map(|officer| officer.0),
        }
    }
}

impl From<&Deadline> for OpenDeadlineBody {
    fn from(deadline: &Deadline) -> Self {
        Self {
            id: deadline.id.0,
            report_id: deadline.report.0,
            action_id: deadline.action.map(|action| action.0),
            kind: deadline.kind.word().to_owned(),
            due_at: deadline.due_at,
        }
    }
}

/// Who takes what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverBody {
    /// Who takes everything that is not named under `items`.
    #[serde(default)]
    to_id: Option<Uuid>,
    /// Who takes an action or a report: its id, and theirs.
    #[serde(default)]
    items: BTreeMap<Uuid, Uuid>,
    /// The person leaves, with all of it handed over: their sessions end.
    #[serde(default)]
    disable: bool,
}

/// What was handed over.
#[derive(Serialize, ToSchema)]
pub struct HandedOverBody {
    /// How many parts passed to others.
    handed_over: usize,
    /// What is still open in their hands.
    left: OpenWorkCounts,
    /// Whether they are with us.
    active: bool,
}

/// What must be handed over before a person can leave: for the person, their manager and those who administer them.
#[utoipa::path(get, path = "/v1/members/{id}/open-work", tag = "organisation", params(("id" = Uuid, Path)),
    responses((status = 200, body = OpenWorkBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_member_open_work(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let person = caller.organisation.members.get(&MemberId(id)).ok_or(Problem::not_found())?;
    caller.actor().must_arrange_for(person)?;
    let work = app.store.open_work_of(person.id).await?;
    Ok(resource(&headers, StatusCode::OK, caller.organisation.revision, &OpenWorkBody::from(work)))
}

/// Hand a person's open work over to others, all of it or none, and disable them if asked. Clocks go on; the new people are
/// told. Nobody becomes owner and verifier of one action: the item is named.
#[utoipa::path(post, path = "/v1/members/{id}/hand-over", tag = "organisation", params(("id" = Uuid, Path)), request_body = HandOverBody,
    responses((status = 200, body = HandedOverBody), (status = "4XX", body = ProblemBody)))]
pub async fn hand_over(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Body(body): Body<HandOverBody>,
) -> Result<Response, Problem> {
    let items = body.items.into_iter().map(|(item, to)| (item, MemberId(to))).collect();
    let ask = HandOver { to: body.to_id.map(MemberId), items, disable: body.disable };
    let done = operations::hand_over(&app, &caller, MemberId(id), ask).await?;
    let body = HandedOverBody { handed_over: done.parts, left: done.left.into(), active: !done.disabled };
    Ok(Json(body).into_response())
}

/// Disable a person in whose hands nothing is open: their sessions end at once.
#[utoipa::path(post, path = "/v1/members/{id}/disable", tag = "organisation", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = WholeMemberBody), (status = "4XX", body = ProblemBody)))]
pub async fn disable_member(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let ask = HandOver { disable: true, ..HandOver::default() };
    operations::hand_over(&app, &caller, MemberId(id), ask).await?;
    whole(&app, &caller, &HeaderMap::new(), StatusCode::OK, MemberId(id)).await
}

/// Enable somebody who had left: their roles are those they had, and they sign in anew.
#[utoipa::path(post, path = "/v1/members/{id}/enable", tag = "organisation", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = WholeMemberBody), (status = "4XX", body = ProblemBody)))]
pub async fn enable_member(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    operations::enable_member(&app, &caller, MemberId(id)).await?;
    whole(&app, &caller, &HeaderMap::new(), StatusCode::OK, MemberId(id)).await
}
