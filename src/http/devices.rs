//! The devices on which somebody is signed in.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    answer::{PageBody, page},
    error::{Problem, ProblemBody},
    extract::{Id, Query, Who},
};
use crate::{
    app::App,
    domain::{
        ids::{MemberId, SessionId},
        session::Session,
        time::Instant,
    },
    operations::{self, Caller},
};

/// Whose devices.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DevicesQuery {
    /// Somebody whom the caller administers; the caller's own unless said.
    member_id: Option<Uuid>,
}

/// A device on which somebody is signed in.
#[derive(Serialize, ToSchema)]
pub struct DeviceSeenBody {
    /// The id of its session.
    id: Uuid,
    /// What the device calls itself.
    device_id: String,
    /// Its name, for people.
    name: String,
    /// When it signed in.
    #[schema(value_type = String, format = DateTime)]
    signed_in_at: Instant,
    /// When it last asked for fresh tokens.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Instant,
    /// Whether it is the one that asks.
    current: bool,
}

impl DeviceSeenBody {
    fn of(session: &Session, caller: &Caller) -> Self {
        Self {
            id: session.id.0,
            device_id: session.device_id.clone(),
            name: session.device_name.clone(),
            signed_in_at: session.created_at,
            seen_at: session.refreshed_at,
            current: session.id == caller.session,
        }
    }
}

/// One's own devices; those of somebody else for who administers them. The newest first.
#[utoipa::path(get, path = "/v1/devices", tag = "sign-in", params(DevicesQuery),
    responses((status = 200, body = PageBody<DeviceSeenBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_devices(
    State(app): State<App>,
    Who(caller): Who,
    uri: Uri,
    Query(query): Query<DevicesQuery>,
) -> Result<Response, Problem> {
    let member = query.member_id.map_or(caller.member, MemberId);
    if member != caller.member {
        let person = caller.organisation.members.get(&member).ok_or(Problem::not_found())?;
        caller.actor().must_administer(person)?;
    }
    let now = app.clock.now();
    let sessions = app.store.sessions_of(member).await?;
    let live = sessions.iter().filter(|session| session.is_live(now));
    Ok(page(&uri, live.map(|session| DeviceSeenBody::of(session, &caller)).collect(), None))
}

/// End a device at once: one's own, or that of somebody whom the caller administers.
#[utoipa::path(delete, path = "/v1/devices/{id}", tag = "sign-in", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn delete_device(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<StatusCode, Problem> {
    operations::end_device(&app, &caller, SessionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out everywhere but here.
#[utoipa::path(delete, path = "/v1/devices", tag = "sign-in",
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub async fn delete_other_devices(State(app): State<App>, Who(caller): Who) -> Result<StatusCode, Problem> {
    operations::end_other_devices(&app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
