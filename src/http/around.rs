//! What surrounds every request: its id, one log line without anything personal, safe headers, and the words of a problem.

use std::{any::Any, sync::Arc};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
    middleware::Next,
    response::IntoResponse as _,
};
use metrics::{counter, histogram};
use tracing::{Instrument as _, error, info, info_span};

use super::{
    address::{self, Peer},
    budget::{Budgets, Spender, Spent},
    error::Problem,
    extract::{bearer, language},
    linger,
};
use crate::{app::App, operations::SECURITY};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Around every request.
pub async fn every_request(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let id = app.clock.new_id().simple().to_string();
    let locale = language(request.headers());
    let method = request.method().clone();
    // The pattern of the route, never the path itself: ids and searches stay out of logs and counters.
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = info_span!("request", request.id = %id, http.method = %method, http.route = %route);
    let begun = app.clock.now();
    let (mut request, rest) = linger::prepare(request);
    let spent = Spent::default();
    request.extensions_mut().insert(spent.clone());
    let mut response = match unsigned(&app, &request, &spent) {
        Ok(()) => next.run(request).instrument(span.clone()).await,
        Err(problem) => problem.into_response(),
    };
    rest.drain(app.settings.photo_max_bytes).await;
    let (status, problem) = (response.status(), response.extensions_mut().remove::<Problem>());
    if (status.is_client_error() || status.is_server_error()) && !speaks_for_itself(&response) {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = problem.clone().unwrap_or_else(|| Problem::of_status(status)).in_words(locale, &id);
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    put_headers(&mut response, &id);
    spent.say(response.headers_mut());
    if let Some(problem) = problem.as_ref().filter(|problem| problem.concerns_security()) {
        span.in_scope(|| info!(target: SECURITY, event = "refused", problem = problem.code(), "refused"));
    }
    let ms = app.clock.now().since_ms(begun);
    let code = problem.as_ref().map_or("", Problem::code);
    span.in_scope(|| info!(http.status = status.as_u16(), http.ms = ms, problem = code, "{method} {route} {}", status.as_u16()));
    count(&route, status, ms);
    response
}

/// What needs no session counts for the address it comes from. Whether the server is well may always be asked.
fn unsigned(app: &App, request: &Request, spent: &Spent) -> Result<(), Problem> {
    let is_watched = matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics");
    let budgets = request.extensions().get::<Arc<Budgets>>().filter(|_| !is_watched && bearer(request.headers()).is_none());
    let Some(budgets) = budgets else { return Ok(()) };
    let peer = request.extensions().get::<Peer>().copied();
    let address = address::of(peer, request.headers(), &app.settings.trusted_proxies());
    budgets.spend(Spender::Address(address), request.method(), app.clock.now(), spent)
}

/// A failure that one of our handlers has written as a page or as JSON stays as it is. What the framework wrote by itself is
/// empty or plain text, and a `Problem` has no body yet.
fn speaks_for_itself(response: &Response<Body>) -> bool {
    let form = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ["text/html", "application/json"].iter().any(|ours| form.starts_with(ours))
}

fn put_headers(response: &mut Response<Body>, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}

#[expect(clippy::cast_precision_loss, reason = "a request takes few milliseconds")]
fn count(route: &str, status: StatusCode, ms: i64) {
    let (route, status) = (route.to_owned(), status.as_u16().to_string());
    counter!("salama_requests_total", "route" => route.clone(), "status" => status).increment(1);
    histogram!("salama_request_seconds", "route" => route).record(ms.max(0) as f64 / 1000.0);
}

/// A handler that panics is a fault of ours; the caller gets an answer and the process goes on.
pub fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    error!("a handler panicked");
    Problem::fault().into_response()
}
