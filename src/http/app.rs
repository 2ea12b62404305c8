//! Apps that are older than the server: which versions are still spoken with, what an old one may still send, and what of the
//! contract is on its way out.

use axum::{
    Json,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::Problem, tus::http_date};
use crate::{
    app::App,
    domain::{app_version::is_too_old, time::Instant},
};

/// Carries the version of the app that asks.
pub const APP_VERSION: &str = "App-Version";
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// A part of the contract that is on its way out.
#[derive(Debug, Clone)]
struct Outgoing {
    method: Method,
    /// The route, as the contract has it.
    route: &'static str,
    /// Since when it is, in seconds since 1970 (RFC 9745).
    since: i64,
    /// From when on it may be gone, in seconds since 1970 (RFC 8594); never before `since`.
    gone_from: Option<i64>,
}

/// All that is on its way out. Nothing is, as long as there is but one version.
const OUTGOING: &[Outgoing] = &[];

/// What is taken from any app, however old: what somebody wrote in it would otherwise be lost, and to send it they must be
/// signed in. Whatever is not under `/v1/` is not for apps.
const ALWAYS: &[(Method, &str)] = &[
    (Method::PUT, "/v1/reports/{id}"),
    (Method::PUT, "/v1/reports/{id}/comments/"),
    (Method::PUT, "/v1/reports/{id}/photos/"),
    (Method::OPTIONS, "/v1/uploads"),
    (Method::POST, "/v1/uploads"),
    (Method::HEAD, "/v1/uploads/"),
    (Method::PATCH, "/v1/uploads/"),
    (Method::DELETE, "/v1/uploads/"),
    (Method::POST, "/v1/sessions"),
    (Method::POST, "/v1/sessions/"),
    (Method::POST, "/v1/enrolments/redeem"),
    (Method::POST, "/v1/single-sign-on"),
    (Method::POST, "/v1/single-sign-on/finish"),
    (Method::GET, "/v1/follow-up"),
    (Method::PUT, "/v1/follow-up/"),
    (Method::POST, "/v1/follow-up/"),
    (Method::GET, "/v1/app"),
];

/// Whether an old app is heard there. A route that ends with a slash stands for all below it.
fn is_always_taken(method: &Method, route: &str) -> bool {
    let fits = |known: &str| if known.ends_with('/') { route.starts_with(known) } else { route == known };
    !route.starts_with("/v1/") || ALWAYS.iter().any(|(taken, known)| taken == method && fits(known))
}

/// Which apps are spoken with.
#[derive(Serialize, ToSchema)]
pub struct AppBody {
    /// The oldest version that is. Older ones are answered 426, but for what was written in them: that is taken from any.
    minimum: Option<String>,
    /// The version that should be used.
    recommended: Option<String>,
    /// The version of the server.
    server: &'static str,
    /// Parts of the contract that are on their way out.
    outgoing: Vec<OutgoingBody>,
}

/// A part of the contract that is on its way out; its answers say so too, in `Deprecation` and `Sunset`.
#[derive(Serialize, ToSchema)]
pub struct OutgoingBody {
    /// Such as `GET`.
    method: String,
    /// As the contract has it.
    route: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Instant,
    /// From when on it may be gone.
    #[schema(value_type = Option<String>, format = DateTime)]
    gone_from: Option<Instant>,
}

/// Which versions of the app are spoken with. An app that says its own in `App-Version`, and is older, is answered 426 wherever
/// it does not bring what was written in it.
#[utoipa::path(get, path = "/v1/app", tag = "health", security(()), responses((status = 200, body = AppBody), (status = "4XX", body = super::error::ProblemBody)))]
pub async fn get_app(State(app): State<App>) -> Response {
    let shown = |outgoing: &Outgoing| OutgoingBody {
        method: outgoing.method.to_string(),
        route: outgoing.route,
        since: seconds(outgoing.since),
        gone_from: outgoing.gone_from.map(seconds),
    };
    let body = AppBody {
        minimum: app.settings.app_minimum().map(|version| version.to_string()),
        recommended: app.settings.app_recommended().map(|version| version.to_string()),
        server: env!("CARGO_PKG_VERSION"),
        outgoing: OUTGOING.iter().map(shown).collect(),
    };
    Json(body).into_response()
}

fn seconds(seconds: i64) -> Instant {
    Instant::from_ms(seconds.saturating_mul(1000))
}

/// Turns an app away that is too old, and marks answers of what is on its way out.
pub async fn mind_the_age(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(String::new, |path| path.as_str().to_owned());
    let said = request.headers().get(APP_VERSION).and_then(|value| value.to_str().ok());
    let minimum = app.settings.app_minimum();
    if is_too_old(said, minimum) && !is_always_taken(&method, &route) {
        return Problem::app_too_old(minimum).into_response();
    }
    let mut response = next.run(request).await;
    for (name, value) in marks(OUTGOING, &method, &route) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// What an answer says of its own part of the contract.
fn marks(outgoing: &[Outgoing], method: &Method, route: &str) -> Vec<(HeaderName, HeaderValue)> {
    let this = outgoing.iter().filter(|outgoing| outgoing.method == *method && outgoing.route == route);
    this.flat_map(|outgoing| {
        let gone = outgoing.gone_from.map(|at| (SUNSET, http_date(seconds(at))));
        [Some((DEPRECATION, format!("@{}", outgoing.since))), gone]
    })
    .flatten()
    .filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_its_way_out_says_so_and_nothing_else_does() {
        let old =
            Outgoing { method: Method::GET, route: "/v1/reports/{id}", since: 1_688_169_599, gone_from: Some(1_719_792_000) };
        let forever = Outgoing { method: Method::PUT, gone_from: None, ..old.clone() };
        let said = |method: &Method, route| {
            let marks = marks(&[old.clone(), forever.clone()], method, route);
            marks.into_iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect::<Vec<_>>()
        };
        let both = ["deprecation: @1688169599", "sunset: Mon, 01 Jul 2024 00:00:00 GMT"];
        assert_eq!(said(&Method::GET, "/v1/reports/{id}"), both);
        assert_eq!(said(&Method::PUT, "/v1/reports/{id}"), both[..1]);
        assert_eq!(said(&Method::GET, "/v1/reports"), Vec::<String>::new());
        assert!(OUTGOING.iter().all(|outgoing| outgoing.gone_from.is_none_or(|gone| gone >= outgoing.since)));
    }

    #[test]
    fn what_was_written_in_an_old_app_is_taken_from_it() {
        for (method, route) in [
            (Method::PUT, "/v1/reports/{id}"),
            (Method::PUT, "/v1/reports/{id}/photos/{photo_id}/preview"),
            (Method::PATCH, "/v1/uploads/{id}"),
            (Method::POST, "/v1/sessions/refresh"),
            (Method::GET, "/healthz"),
        ] {
            assert!(is_always_taken(&method, route), "{method} {route}");
        }
        for (method, route) in [
            (Method::GET, "/v1/reports/{id}"),
            (Method::POST, "/v1/reports/{id}/close"),
            (Method::PUT, "/v1/reports/{id}/actions/{action_id}"),
            (Method::GET, "/v1/me"),
        ] {
            assert!(!is_always_taken(&method, route), "{method} {route}");
        }
    }
}
