//! What has waited too long for the report or action it is about.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    answer::{PageBody, cursor, limit, page, place},
    bodies::{HeldBody, WaitingBody},
    error::{Problem, ProblemBody},
    extract::{Query, Who},
};
use crate::{
    app::App,
    domain::{
        access::Deed,
        held::{Held, SHOWN_AFTER_MS},
        ids::HeldId,
    },
};

/// How many rows are looked over at once.
const WINDOW: u64 = 200;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HeldQuery {
    /// Rows on a page: 50 unless said, at most 200.
    limit: Option<u64>,
    /// The cursor of the page before.
    after: Option<String>,
}

/// The receipt of something that waits for what has that id.
pub(super) fn receipt(held: &Held, waits_for: Uuid) -> Response {
    (StatusCode::ACCEPTED, Json(HeldBody::of(held, waits_for))).into_response()
}

/// What people of the caller's sites sent and what has waited for its report or action for more than five days, the longest
/// first: somebody's phone still has the rest. After thirty days it is dropped.
#[utoipa::path(get, path = "/v1/held", tag = "reports", params(HeldQuery),
    responses((status = 200, body = PageBody<WaitingBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_held(
    State(app): State<App>,
    Who(caller): Who,
    uri: Uri,
    Query(query): Query<HeldQuery>,
) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::HandleReports)?;
    let most = usize::try_from(limit(query.limit)?).unwrap_or(usize::MAX);
    let by = app.clock.now().plus_ms(-SHOWN_AFTER_MS);
    let (mut after, mut shown) = (place(query.after.as_deref())?.map(|(at, id)| (at, HeldId(id))), Vec::new());
    // One more than a page tells whether there is another.
    while shown.len() <= most {
        let some = app.store.held_since(by, after, WINDOW).await?;
        let Some(last) = some.last() else { break };
        after = Some((last.since, last.id));
        shown.extend(some.into_iter().filter(|held| held.is_shown_to(caller.member, &caller.organisation)));
    }
    let more = shown.len() > most;
    shown.truncate(most);
    let next = shown.last().filter(|_| more).map(|last| cursor(last.since, last.id.0));
    Ok(page(&uri, shown.iter().map(WaitingBody::of).collect(), next))
}
