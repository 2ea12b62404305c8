//! Corrective actions: assigning one, reading them, and the commands that move one on.

mod changes;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub use self::changes::*;
use super::{
    answer::{PageBody, cursor, limit, page, place, resource},
    bodies::{ActionBody, EntryBody, HeldBody, ReasonBody},
    error::{Problem, ProblemBody, Since},
    extract::{Body, Id, Ids, IfMatch, MaybeBody, Query, Who},
    held::receipt,
    once::replayed,
    record::{self, HistoryQuery, entries},
    reports::{NothingBody, below, visible},
};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionCommand, ActionState, Completion, RawAction},
        ids::{ActionId, MemberId, PhotoId, ReportId},
        refusal::{FieldErrors, Refusal},
        time::Instant,
    },
    operations::{self, Arrival, Caller, Made, OperationError},
    store::{ActionFilter, RecordFilter},
};

/// An assignment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// What is to be done, in a line; at most 200 characters.
    title: String,
    /// How; at most 4000 characters.
    #[serde(default)]
    details: Option<String>,
    /// `containment`, `corrective` or `preventive`.
    kind: String,
    /// `elimination`, `substitution`, `engineering`, `administrative` or `ppe`.
    control: String,
    /// Who does it.
    owner_id: Uuid,
    /// Who sees that it is done; never the owner.
    #[serde(default)]
    verifier_id: Option<Uuid>,
    /// By when (RFC 3339); the ladder's own time when absent.
    #[serde(default)]
    due_at: Option<String>,
}

fn answer(app: &App, caller: &Caller, headers: &HeaderMap, status: StatusCode, action: &Action) -> Response {
    resource(headers, status, action.version, &ActionBody::of(action, caller, app.clock.now()))
}

/// The answer to a command; a refusal names only what this caller may do.
async fn done(app: &App, caller: &Caller, id: Uuid, result: Result<Action, OperationError>) -> Result<Response, Problem> {
    match (result, app.store.action(ActionId(id)).await) {
        (Ok(action), _) => Ok(answer(app, caller, &HeaderMap::new(), StatusCode::OK, &action)),
        (Err(OperationError::Repeated), Ok(Some(action))) => {
            visible(app, caller, action.report).await?;
            Ok(replayed(answer(app, caller, &HeaderMap::new(), StatusCode::OK, &action)))
        }
        (Err(OperationError::Refused(Refusal::Stale { since, command })), Ok(Some(action))) => {
            Err(changed(app, caller, &action, since, command))
        }
        (Err(OperationError::Refused(refusal)), Ok(Some(action))) => {
            Err(refusal.naming(&caller.actor().allowed_of_action(&action)).into())
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// Tells the action as it stands, and what was done to it since.
fn changed(app: &App, caller: &Caller, action: &Action, since: i64, command: &str) -> Problem {
    let changed = action.touched.since(since).map(|all| all.into_iter().map(str::to_owned).collect());
    let conflict = ActionCommand::of_word(command).is_none_or(|command| action.conflicts(since, command));
    match serde_json::to_value(ActionBody::of(action, caller, app.clock.now())) {
        Ok(current) => Problem::changed(Since { current, changed, conflict }),
        Err(_) => Problem::fault(),
    }
}

/// Assign a corrective action. The same words again are answered 200; other words under the same id 409.
#[utoipa::path(put, path = "/v1/reports/{id}/actions/{action_id}", tag = "actions",
    params(("id" = Uuid, Path), ("action_id" = Uuid, Path)), request_body = AssignBody,
    responses((status = 201, body = ActionBody), (status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_action(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, id): Ids,
    Body(body): Body<AssignBody>,
) -> Result<Response, Problem> {
    let raw = RawAction {
        title: body.title,
        details: body.details,
        kind: body.kind,
        control: body.control,
        owner_id: body.owner_id,
        verifier_id: body.verifier_id,
        due_at: body.due_at,
    };
    let made = operations::assign_action(&app, &caller, ReportId(report), ActionId(id), raw).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    Ok(answer(&app, &caller, &HeaderMap::new(), status, &made.into_inner()))
}

/// Which actions to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActionQuery {
    /// `open`, `accepted`, `in_progress`, `completed`, `verified` or `cancelled`.
    state: Option<String>,
    /// Owned by that member.
    owner_id: Option<Uuid>,
    /// Not complete, and overdue now.
    overdue: Option<bool>,
    /// Due before then (RFC 3339).
    due_before: Option<String>,
    /// At that site or below it.
    site_id: Option<Uuid>,
    /// Rows on a page, 1 to 200; 50 unless said.
    limit: Option<u64>,
    /// The cursor of the page before.
    after: Option<String>,
}

fn filter(query: ActionQuery, caller: &Caller, now: Instant) -> Result<ActionFilter, Problem> {
    let mut errors = FieldErrors::default();
    let state = query
        .state
        .and_then(|text| errors.take(ActionState::of_word(&text).ok_or_else(|| Refusal::invalid("?state", "unknown_state"))));
    let due_before = query
        .due_before
        .and_then(|text| errors.take(text.parse().map_err(|_| Refusal::invalid("?due_before", "not_an_instant"))));
    errors.none()?;
    Ok(ActionFilter {
        viewer: caller.member,
        readable: caller.actor().sites_to_read(),
        state,
        owner: query.owner_id.map(MemberId),
        overdue_at: (query.overdue == Some(true)).then_some(now),
        due_before,
        sites: below(&caller.organisation, query.site_id),
        after: place(query.after.as_deref())?.map(|(at, id)| (at, ActionId(id))),
        limit: limit(query.limit)?,
    })
}

/// Actions, soonest due first, only those the caller may see.
#[utoipa::path(get, path = "/v1/actions", tag = "actions", params(ActionQuery),
    responses((status = 200, body = PageBody<ActionBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_actions(
    State(app): State<App>,
    Who(caller): Who,
    uri: Uri,
    Query(query): Query<ActionQuery>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let found = app.store.actions(&filter(query, &caller, now)?).await?;
    let next = found.items.last().filter(|_| found.more).map(|last| cursor(last.due_at, last.id.0));
    Ok(page(&uri, found.items.iter().map(|action| ActionBody::of(action, &caller, now)).collect(), next))
}

/// One action.
#[utoipa::path(get, path = "/v1/actions/{id}", tag = "actions", params(("id" = Uuid, Path)),
    responses((status = 200, body = ActionBody), (status = 304), (status = "4XX", body = ProblemBody)))]
pub async fn get_action(State(app): State<App>, Who(caller): Who, Id(id): Id, headers: HeaderMap) -> Result<Response, Problem> {
    let action = app.store.action(ActionId(id)).await?.ok_or(Problem::not_found())?;
    visible(&app, &caller, action.report).await?;
    Ok(answer(&app, &caller, &headers, StatusCode::OK, &action))
}

/// What happened to an action, in order.
#[utoipa::path(get, path = "/v1/actions/{id}/history", tag = "actions", params(("id" = Uuid, Path), HistoryQuery),
    responses((status = 200, body = PageBody<EntryBody>), (status = "4XX", body = ProblemBody)))]
pub async fn get_action_history(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    uri: Uri,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    let action = app.store.action(ActionId(id)).await?.ok_or(Problem::not_found())?;
    visible(&app, &caller, action.report).await?;
    let (after, limit) = (record::place(query.after)?, limit(query.limit)?);
    let filter = RecordFilter { subject: Some(id), kind: Some("action".to_owned()), reports: true, after, limit };
    Ok(entries(&uri, &app.store.record(&filter).await?, |_| true))
}

/// The owner takes an action on.
#[utoipa::path(post, path = "/v1/actions/{id}/accept", tag = "actions", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn accept_action(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let result = operations::accept_action(&app, &caller, ActionId(id), version).await;
    done(&app, &caller, id, result).await
}

/// The owner begins to work on an action.
#[utoipa::path(post, path = "/v1/actions/{id}/start", tag = "actions", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn start_action(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let result = operations::start_action(&app, &caller, ActionId(id), version).await;
    done(&app, &caller, id, result).await
}

/// What completing says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteBody {
    /// What was done; at most 4000 characters.
    note: String,
    /// Photos of the report that show it. Needed from potential 3 up.
    #[serde(default)]
    evidence: Vec<Uuid>,
}

/// The owner has done it. Of an action that has not come this waits for it (202).
#[utoipa::path(post, path = "/v1/actions/{id}/complete", tag = "actions", params(("id" = Uuid, Path)), request_body = CompleteBody,
    responses((status = 200, body = ActionBody), (status = 202, body = HeldBody), (status = "4XX", body = ProblemBody)))]
pub async fn complete_action(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<CompleteBody>,
) -> Result<Response, Problem> {
    let completion = Completion { note: body.note, evidence: body.evidence.into_iter().map(PhotoId).collect() };
    match operations::complete_action(&app, &caller, ActionId(id), completion, version).await {
        Ok(Arrival::Held(held)) => Ok(receipt(&held, id)),
        Ok(Arrival::Here(action)) => done(&app, &caller, id, Ok(action)).await,
        Err(error) => done(&app, &caller, id, Err(error)).await,
    }
}

/// Somebody who neither owns nor completed it has seen that it is done.
#[utoipa::path(post, path = "/v1/actions/{id}/verify", tag = "actions", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn verify_action(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let result = operations::verify_action(&app, &caller, ActionId(id), version).await;
    done(&app, &caller, id, result).await
}

/// It is not done: back to its owner.
#[utoipa::path(post, path = "/v1/actions/{id}/return", tag = "actions", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn return_action(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<ReasonBody>,
) -> Result<Response, Problem> {
    let result = operations::return_action(&app, &caller, ActionId(id), &body.reason, version).await;
    done(&app, &caller, id, result).await
}

/// It is not needed any more.
#[utoipa::path(post, path = "/v1/actions/{id}/cancel", tag = "actions", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn cancel_action(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<ReasonBody>,
) -> Result<Response, Problem> {
    let result = operations::cancel_action(&app, &caller, ActionId(id), &body.reason, version).await;
    done(&app, &caller, id, result).await
}

/// Answer an escalation: the ladders of the action wait for the time they state, and then go on.
#[utoipa::path(post, path = "/v1/actions/{id}/acknowledge-escalation", tag = "actions", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = ActionBody), (status = "4XX", body = ProblemBody)))]
pub async fn acknowledge_escalation(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let result = operations::acknowledge_escalation(&app, &caller, ActionId(id), version).await;
    done(&app, &caller, id, result).await
}
