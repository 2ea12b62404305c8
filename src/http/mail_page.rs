//! The page behind the link in a mail. Opening it changes nothing, however often a mail filter does; pressing its button
//! answers one notice. It needs no sign-in and no script.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use tracing::error;

use super::{error::Problem, extract::language};
use crate::{
    app::App,
    domain::locale::Locale,
    mail::{self, Letter, MailError, Standing},
    operations::{self, Link, OperationError},
};

/// The page loads nothing and runs nothing; its form leads back to itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

type Token = Result<Path<String>, PathRejection>;
type Shown = Result<(Letter, Standing), OperationError>;

/// What the link in a mail shows: what must be done by when, who was told before, who is told next, and a button.
#[utoipa::path(get, path = "/m/{token}", tag = "mail", security(()), params(("token" = String, Path)), responses(
    (status = 200, content_type = "text/html", body = String),
    (status = 404, description = "No link of ours", content_type = "text/html", body = String),
    (status = 410, description = "Answered, too old, or about what is over", content_type = "text/html", body = String)))]
pub async fn get_mail_page(State(app): State<App>, headers: HeaderMap, token: Token) -> Response {
    match follow(&app, token).await {
        Ok(link) => page(link.locale, operations::show_notice(&app, &link).await),
        Err(problem) => calm(language(&headers), problem),
    }
}

/// Takes charge: the ladder pauses for the time it states, and does not stop. Good once for each mail.
#[utoipa::path(post, path = "/m/{token}", tag = "mail", security(()), params(("token" = String, Path)), responses(
    (status = 200, content_type = "text/html", body = String),
    (status = 404, description = "No link of ours", content_type = "text/html", body = String),
    (status = 409, description = "A link that asks for no answer", content_type = "text/html", body = String),
    (status = 410, description = "Answered, too old, or about what is over", content_type = "text/html", body = String)))]
pub async fn answer_mail_page(State(app): State<App>, headers: HeaderMap, token: Token) -> Response {
    match follow(&app, token).await {
        Ok(link) => page(link.locale, operations::answer_notice(&app, &link).await),
        Err(problem) => calm(language(&headers), problem),
    }
}

async fn follow(app: &App, token: Token) -> Result<Link, Problem> {
    let Path(token) = token.map_err(|_| Problem::link_unknown())?;
    operations::follow_link(app, &token).await.map_err(|error| match error {
        OperationError::Refused(_) => Problem::link_unknown(),
        other => other.into(),
    })
}

fn page(locale: Locale, shown: Shown) -> Response {
    match shown {
        Ok((letter, standing)) => html(locale, StatusCode::OK, mail::page(&letter, standing)),
        Err(error) => calm(locale, error.into()),
    }
}

/// A failure as a page that a person can read; the problem itself is for the log.
fn calm(locale: Locale, problem: Problem) -> Response {
    let (headline, text) = problem.words(locale);
    let mut response = html(locale, problem.status(), mail::calm_page(locale, &headline, &text));
    response.extensions_mut().insert(problem);
    response
}

fn html(locale: Locale, status: StatusCode, page: Result<String, MailError>) -> Response {
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            error!(error = &error as &dyn std::error::Error, "a page could not be written");
            return Problem::fault().into_response();
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY.as_str(), POLICY),
        (header::CACHE_CONTROL.as_str(), "no-store"),
        (header::CONTENT_LANGUAGE.as_str(), locale.tag()),
        ("x-robots-tag", "noindex"),
    ];
    (status, headers, Html(page)).into_response()
}
