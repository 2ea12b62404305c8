//! The page behind the link in a mail. Opening it changes nothing, however often a mail filter does; pressing its button
//! answers one notice. It needs no sign-in and no script.

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use tracing::error;
use url::form_urlencoded;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{error::Problem, extract::language};
use crate::{
    app::App,
    domain::{ids::MemberId, locale::Locale, refusal::Refusal},
    mail::{self, Letter, MailError, Standing},
    operations::{self, Link, OperationError},
};

/// The page loads nothing and runs nothing; its form leads back to itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/// The second form of the page.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the page is for browsers; this says what they send")]
pub struct HandOnForm {
    /// The colleague that the action is handed on to, one of those the page offers.
    to: Uuid,
}

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

/// Takes charge: the ladder pauses for the time it states, and does not stop. With `to`, the owner of an action hands it on
/// to that colleague instead. Good once for each mail.
#[utoipa::path(post, path = "/m/{token}", tag = "mail", security(()), params(("token" = String, Path)),
    request_body(content_type = "application/x-www-form-urlencoded", content = Option<HandOnForm>), responses(
    (status = 200, content_type = "text/html", body = String),
    (status = 404, description = "No link of ours", content_type = "text/html", body = String),
    (status = 409, description = "A link that asks for no answer, or hands nothing on to that colleague", content_type = "text/html", body = String),
    (status = 410, description = "Answered, too old, or about what is over", content_type = "text/html", body = String)))]
pub async fn answer_mail_page(State(app): State<App>, headers: HeaderMap, token: Token, form: Bytes) -> Response {
    match follow(&app, token).await {
        Ok(link) => match chosen(&form) {
            Ok(to) => page(link.locale, operations::answer_notice(&app, &link, to).await),
            Err(refusal) => calm(link.locale, OperationError::from(refusal).into()),
        },
        Err(problem) => calm(language(&headers), problem),
    }
}

/// The colleague that the second form names; none when the first button was pressed.
fn chosen(form: &[u8]) -> Result<Option<MemberId>, Refusal> {
    let to = form_urlencoded::parse(form).find(|(name, _)| name == "to").map(|(_, to)| to);
    to.map(|to| to.parse().map_err(|_| Refusal::Conflict("link_hands_nothing_on"))).transpose()
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
        Ok((letter, standing)) => html(locale, StatusCode::OK, mail::page(&letter, &standing)),
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

/// A page that says something and asks nothing.
pub fn calm_words(locale: Locale, headline: &str, text: &str) -> Response {
    html(locale, StatusCode::OK, mail::calm_page(locale, headline, text))
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
