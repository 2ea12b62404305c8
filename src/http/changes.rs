//! What changed, for the copies that phones keep.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    answer::limit,
    bodies::ReportBody,
    error::{Problem, ProblemBody},
    extract::{Query, Who},
    reports::wholes,
};
use crate::{
    app::App,
    domain::changes::Cursor,
    operations::{self, Caller, Changes},
};

/// The longest wait for news, and how long one waits before looking whether another replica has some.
const LONGEST_WAIT: u64 = 55;
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// For those who have a copy by other means.
const LATEST: &str = "latest";

/// From where on, and how patiently.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// The cursor of the answer before. Without one everything is told, newest first; `latest` tells nothing but the cursor.
    after: Option<String>,
    /// Changes in one answer, 1 to 200; 50 unless said.
    limit: Option<u64>,
    /// How many seconds to wait for a change when there is none yet: none unless said, at most 55.
    wait: Option<u64>,
}

/// What changed since, in order.
#[derive(Serialize, ToSchema)]
pub struct ChangesBody {
    /// What changed, as it stands.
    changes: Vec<ChangeBody>,
    /// What is to be deleted from the copy.
    removed: Vec<RemovedBody>,
    /// The cursor to ask with the next time, to be kept once all this is.
    next: String,
    /// Whether there is more already.
    has_more: bool,
}

/// One record that changed.
#[derive(Serialize, ToSchema)]
pub struct ChangeBody {
    /// `report`, `site`, `category` or `member`; all but a report are to be fetched anew.
    r#type: String,
    /// Which one.
    id: Uuid,
    /// The report with everything that belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Box<ReportBody>>,
}

/// One record that the caller may not see any more.
#[derive(Serialize, ToSchema)]
pub struct RemovedBody {
    /// `report`.
    r#type: &'static str,
    /// Which one.
    id: Uuid,
    /// `not_visible`: it went to another site, or the caller lost their part in it. A report itself is never deleted.
    reason: &'static str,
}

/// Everything the caller may see that changed since the cursor, and what they may see no more. A cursor is good for 90 days,
/// and for its owner alone. When it is answered 410, the copy is to be thrown away and begun anew.
#[utoipa::path(get, path = "/v1/changes", tag = "reports", params(ChangesQuery),
    responses((status = 200, body = ChangesBody), (status = "4XX", body = ProblemBody)))]
pub async fn list_changes(
    State(app): State<App>,
    Who(caller): Who,
    Query(query): Query<ChangesQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let wait = match query.wait.unwrap_or(0) {
        seconds @ 0..=LONGEST_WAIT => Duration::from_secs(seconds),
        _ => return Err(Problem::invalid("?wait", "out_of_range")),
    };
    let from = match query.after.as_deref() {
        Some(LATEST) => Some(operations::latest_changes(&app, &caller).await?),
        Some(text) => Some(cursor(&app, &caller, text)?),
        None => None,
    };
    let until = Instant::now() + wait;
    let mut written = app.store.written();
    let mut changes = operations::read_changes(&app, &caller, from, limit).await?;
    while changes.is_empty() && Instant::now() < until {
        let _ = timeout_at(until.min(Instant::now() + LOOK_AGAIN), written.changed()).await;
        // Whoever waits may have been disabled meanwhile, or may read other sites now.
        let caller = operations::identify_by_session(&app, caller.session).await?;
        changes = operations::read_changes(&app, &caller, Some(changes.next), limit).await?;
    }
    let mut response = Json(told(&app, &caller, changes).await?).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn cursor(app: &App, caller: &Caller, text: &str) -> Result<Cursor, Problem> {
    let read = || app.links.opened(text).ok()?.parse().ok();
    read().filter(|cursor: &Cursor| cursor.member == caller.member).ok_or(Problem::no_cursor())
}

async fn told(app: &App, caller: &Caller, changes: Changes) -> Result<ChangesBody, Problem> {
    let Changes { changed, gone, others, next, more } = changes;
    let ids: Vec<Uuid> = changed.iter().map(|report| report.id.0).collect();
    let reports = ids.into_iter().zip(wholes(app, caller, changed).await?);
    let reports = reports.map(|(id, report)| ChangeBody { r#type: "report".to_owned(), id, report: Some(Box::new(report)) });
    let others = others.into_iter().map(|(kind, id)| ChangeBody { r#type: kind, id, report: None });
    let removed = gone.into_iter().map(|id| RemovedBody { r#type: "report", id: id.0, reason: "not_visible" });
    Ok(ChangesBody {
        changes: reports.chain(others).collect(),
        removed: removed.collect(),
        next: app.links.closed(&next.to_string()),
        has_more: more,
    })
}
