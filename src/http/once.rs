//! `Idempotency-Key`: a command that comes again under its key is answered by the record as it stands, and not done again.
//! The header is read here, for every command on a report or an action; the key is used in the transaction that does what the
//! command asks (`operations::Caller`).

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{error::Problem, extract::whole};
use crate::{app::App, domain::once::Once};

/// Names the header.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Stands on an answer to a command that happened before.
const REPLAYED: &str = "idempotency-replayed";
/// The commands that take a key: what every other request makes has an id of its own, or is the same by its state.
const COMMANDS: [&str; 2] = ["/v1/reports/{id}/", "/v1/actions/{id}/"];

/// Whether a route is that of a command that takes a key.
pub fn takes_key(route: &str) -> bool {
    COMMANDS.iter().any(|commands| route.starts_with(commands))
}

/// A key that cannot be read. It is told to whoever is signed in; a stranger hears that they are none.
#[derive(Debug, Clone, Copy)]
pub struct Unreadable;

/// Reads the key of a command, if it has one.
pub async fn read_key(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if request.method() != Method::POST || !takes_key(route) || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    match with_key(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn with_key(app: &App, request: Request) -> Result<Request, Problem> {
    let (mut parts, body) = request.into_parts();
    let bytes = whole(Request::new(body), &app.settings).await?;
    let header = only(&parts.headers);
    match header.and_then(|header| Once::read(header, parts.method.as_str(), parts.uri.path(), &bytes)) {
        Some(once) => parts.extensions.insert(once).map(drop),
        None => parts.extensions.insert(Unreadable).map(drop),
    };
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// The header, if it is there once and can be read.
fn only(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(IDEMPOTENCY_KEY).iter();
    all.next().filter(|_| all.next().is_none())?.to_str().ok()
}

/// The answer to a command that happened before.
pub fn replayed(mut response: Response) -> Response {
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
