//! Every clock: due, overdue, met, missed, cancelled.

use axum::{extract::State, http::Uri, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    answer::{PageBody, cursor, limit, page, place},
    bodies::DeadlineBody,
    error::{Problem, ProblemBody},
    extract::{Query, Who},
};
use crate::{
    app::App,
    domain::{ids::DeadlineId, time::Instant},
    store::DeadlineFilter,
};

/// Which clocks to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadlineQuery {
    /// `due`, `overdue`, `met`, `missed` or `cancelled`.
    state: Option<String>,
    /// Due before then (RFC 3339).
    before: Option<String>,
    /// Rows on a page, 1 to 200; 50 unless said.
    limit: Option<u64>,
    /// The cursor of the page before.
    after: Option<String>,
}

const STANDINGS: [&str; 5] = ["due", "overdue", "met", "missed", "cancelled"];

/// Clocks, soonest due first, only those of reports the caller may see.
#[utoipa::path(get, path = "/v1/deadlines", tag = "deadlines", params(DeadlineQuery),
    responses((status = 200, body = PageBody<DeadlineBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_deadlines(
    State(app): State<App>,
    Who(caller): Who,
    uri: Uri,
    Query(query): Query<DeadlineQuery>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    if query.state.as_deref().is_some_and(|state| !STANDINGS.contains(&state)) {
        return Err(Problem::invalid("?state", "unknown_state"));
    }
    let before: Option<Instant> =
        query.before.map(|text| text.parse().map_err(|_| Problem::invalid("?before", "not_an_instant"))).transpose()?;
    let filter = DeadlineFilter {
        viewer: caller.member,
        readable: caller.actor().sites_to_read(),
        standing: query.state,
        now,
        before,
        after: place(query.after.as_deref())?.map(|(at, id)| (at, DeadlineId(id))),
        limit: limit(query.limit)?,
    };
    let found = app.store.deadlines(&filter).await?;
    let next = found.items.last().filter(|_| found.more).map(|last| cursor(last.due_at, last.id.0));
    Ok(page(&uri, found.items.iter().map(|deadline| DeadlineBody::of(deadline, &caller.organisation, now)).collect(), next))
}
