//! HTTP in, HTTP out. No rule lives here: a handler reads a request, asks an operation or a list, and writes the answer.
//! One file for each resource; `error` is the one table from "why not" to HTTP.

mod account;
mod actions;
mod address;
mod answer;
mod app;
mod around;
mod bodies;
mod budget;
mod changes;
mod contract;
mod deadlines;
mod devices;
mod docs;
mod door;
mod enrolments;
mod error;
mod extract;
mod filings;
mod follow_up;
#[cfg(fuzzing)]
pub mod fuzzing;
mod health;
mod held;
mod injuries;
mod inquiries;
mod linger;
mod mail_page;
mod once;
mod organisation;
mod pace;
mod photos;
mod pictures;
mod record;
mod rehearsals;
mod reports;
mod retention;
mod rules;
mod sessions;
mod severity;
mod single_sign_on;
mod statements;
mod tus;
mod uploads;

use std::sync::Arc;

use axum::{Router, middleware};
use serde_json::Value;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    door::{Manners, serve},
    health::Figures,
};
use crate::app::App;

/// Every route, with the contract it makes.
fn routes() -> (Router<App>, OpenApi) {
    OpenApiRouter::with_openapi(docs::header())
        .merge(of_sessions())
        .merge(of_reports())
        .merge(of_actions())
        .merge(of_the_organisation())
        .merge(of_rules())
        .merge(of_the_record_and_health())
        .split_for_parts()
}

/// Signing in.
fn of_sessions() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sessions::create_session))
        .routes(routes!(sessions::refresh_session))
        .routes(routes!(sessions::delete_session))
        .routes(routes!(devices::list_devices, devices::delete_other_devices))
        .routes(routes!(devices::delete_device))
        .routes(routes!(sessions::get_jwks))
        .routes(routes!(sessions::get_me))
        .routes(routes!(account::put_password))
        .routes(routes!(account::set_up_second_factor))
        .routes(routes!(account::confirm_second_factor))
        .routes(routes!(account::remove_second_factor))
        .routes(routes!(enrolments::create_enrolment))
        .routes(routes!(enrolments::redeem_enrolment))
        .routes(routes!(enrolments::get_enrol_page))
        .routes(routes!(single_sign_on::start_single_sign_on))
        .routes(routes!(single_sign_on::finish_single_sign_on))
}

/// A report and all that belongs to it.
fn of_reports() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reports::list_reports))
        .routes(routes!(changes::list_changes))
        .routes(routes!(held::list_held))
        .routes(routes!(reports::get_report, reports::put_report))
        .routes(routes!(reports::acknowledge_report))
        .routes(routes!(reports::triage_report))
        .routes(routes!(reports::contain_report))
        .routes(routes!(reports::correct_report))
        .routes(routes!(reports::investigate_report))
        .routes(routes!(reports::close_report))
        .routes(routes!(reports::dismiss_report))
        .routes(routes!(reports::mark_duplicate))
        .routes(routes!(reports::withdraw_report))
        .routes(routes!(reports::reopen_report))
        .routes(routes!(reports::transfer_report))
        .routes(routes!(reports::put_comment))
        .routes(routes!(reports::request_information))
        .routes(routes!(reports::justify_controls))
        .routes(routes!(reports::check_effectiveness))
        .routes(routes!(inquiries::get_inquiry, inquiries::put_inquiry))
        .routes(routes!(inquiries::sign_inquiry))
        .routes(routes!(inquiries::complete_inquiry))
        .routes(routes!(statements::list_statements))
        .routes(routes!(statements::put_statement))
        .routes(routes!(statements::get_statement_file, statements::put_statement_file))
        .routes(routes!(reports::get_similar))
        .routes(routes!(reports::look_for_similar))
        .routes(routes!(reports::unseal_report))
        .routes(routes!(reports::get_identity))
        .routes(routes!(follow_up::get_follow_up))
        .routes(routes!(follow_up::put_follow_up_comment))
        .routes(routes!(follow_up::withdraw_follow_up))
        .routes(routes!(follow_up::recover_follow_up))
        .routes(routes!(reports::get_report_history))
        .routes(routes!(reports::list_report_clauses))
        .routes(routes!(reports::explain_report))
        .routes(routes!(photos::put_photo))
        .routes(routes!(photos::put_photo_preview))
        .routes(routes!(pictures::get_photo_links))
        .routes(routes!(pictures::get_picture))
        .routes(routes!(photos::get_photo))
        .routes(routes!(injuries::list_injuries))
        .routes(routes!(injuries::put_injury))
        .routes(routes!(filings::list_filings))
        .routes(routes!(filings::put_filing))
        .routes(routes!(photos::redact_photo))
        .routes(routes!(photos::get_photo_findings))
        .routes(routes!(uploads::get_upload_options, uploads::announce_upload))
        .routes(routes!(uploads::resume_upload, uploads::continue_upload, uploads::end_upload))
        .routes(routes!(reports::hold_report))
        .routes(routes!(reports::let_go_report))
}

/// Corrective actions, and every deadline.
fn of_actions() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(actions::put_action))
        .routes(routes!(actions::list_actions))
        .routes(routes!(actions::get_action))
        .routes(routes!(actions::get_action_history))
        .routes(routes!(actions::accept_action))
        .routes(routes!(actions::start_action))
        .routes(routes!(actions::complete_action))
        .routes(routes!(actions::verify_action))
        .routes(routes!(actions::return_action))
        .routes(routes!(actions::cancel_action))
        .routes(routes!(actions::acknowledge_escalation))
        .routes(routes!(actions::delegate_action))
        .routes(routes!(actions::request_extension))
        .routes(routes!(actions::decide_extension))
        .routes(routes!(deadlines::list_deadlines))
}

/// Sites, people and categories.
fn of_the_organisation() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(organisation::list_sites))
        .routes(routes!(organisation::get_site, organisation::put_site))
        .routes(routes!(organisation::get_site_open_work))
        .routes(routes!(organisation::list_members))
        .routes(routes!(organisation::get_member, organisation::put_member))
        .routes(routes!(organisation::put_grant, organisation::delete_grant))
        .routes(routes!(organisation::put_substitution, organisation::delete_substitution))
        .routes(routes!(organisation::get_member_open_work))
        .routes(routes!(organisation::hand_over))
        .routes(routes!(organisation::disable_member))
        .routes(routes!(organisation::enable_member))
        .routes(routes!(account::reset_second_factor))
        .routes(routes!(account::unlink_identities))
        .routes(routes!(organisation::list_categories))
        .routes(routes!(organisation::put_category))
}

/// The documents of rules, and what they would do.
fn of_rules() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(rules::get_routes, rules::put_routes))
        .routes(routes!(rules::list_routes_versions))
        .routes(routes!(rules::get_ladders, rules::put_ladders))
        .routes(routes!(rules::list_ladders_versions))
        .routes(routes!(rehearsals::rehearse_ladders))
        .routes(routes!(rehearsals::rehearse_routes))
        .routes(routes!(rehearsals::apply_ladders))
        .routes(routes!(rehearsals::list_mail_load))
        .routes(routes!(rules::get_obligations, rules::put_obligations))
        .routes(routes!(rules::list_obligations_versions))
        .routes(routes!(rules::get_calendars, rules::put_calendars))
        .routes(routes!(rules::list_calendars_versions))
        .routes(routes!(rules::get_matrices, rules::put_matrices))
        .routes(routes!(rules::list_matrices_versions))
        .routes(routes!(rules::get_clauses, rules::put_clauses))
        .routes(routes!(rules::list_clauses_versions))
        .routes(routes!(severity::screen_severity))
        .routes(routes!(rules::list_calendar_concerns))
        .routes(routes!(rules::get_rosters, rules::put_rosters))
        .routes(routes!(rules::list_rosters_versions))
        .routes(routes!(rules::get_retention, rules::put_retention))
        .routes(routes!(rules::list_retention_versions))
        .routes(routes!(retention::get_retention_due))
}

/// The record, the page behind a mail, and how the server fares.
fn of_the_record_and_health() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(record::list_journal))
        .routes(routes!(mail_page::get_mail_page, mail_page::answer_mail_page))
        .routes(routes!(app::get_app))
        .routes(routes!(health::get_healthz))
        .routes(routes!(health::get_readyz))
        .routes(routes!(health::get_metrics))
        .routes(routes!(docs::get_openapi))
}

/// The contract, as it is served and committed.
pub fn contract() -> Value {
    contract::complete(serde_json::to_value(docs::with_headers(routes().1)).unwrap_or_default())
}

/// The server's routes over an app, with what surrounds every request: an id, a log line, problems in the caller's
/// language, and an answer instead of an end when a handler panics.
pub fn router(app: App, figures: Figures) -> Router {
    let inner = routes()
        .0
        .merge(docs::pages())
        .fallback(async || error::Problem::not_found())
        .layer(middleware::from_fn_with_state(app.clone(), once::read_key))
        .layer(middleware::from_fn_with_state(app.clone(), app::mind_the_age))
        .layer(axum::Extension(figures))
        .layer(CatchPanicLayer::custom(around::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), around::every_request))
        .layer(axum::Extension(Arc::new(budget::Budgets::new(app.settings.requests_per_minute, app.clock.now()))))
        .layer(CompressionLayer::new().gzip(true))
        .with_state(app);
    tus::around(inner)
}
