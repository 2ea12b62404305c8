//! Ticks: what the clock asks for, again and again, each on its own and none holding up another. It decides nothing; a
//! tick that fails is logged, and the next one finds the same work.

use std::time::Duration;

use metrics::{counter, gauge};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{
    app::App,
    operations::{self, OperationError, Watch},
};

/// How often the watchdog looks, and how often it is asked whether the calendars or the zone data changed.
const WATCH: Duration = Duration::from_secs(15);
/// How often the folder of mails that came back is looked at.
const BOUNCES: Duration = Duration::from_secs(15);
/// How often the journal's head is sealed at most.
const SEAL: Duration = Duration::from_hours(1);
/// How often what has been kept for its time is disposed of.
const TIDY: Duration = Duration::from_hours(1);

/// How often uploads that nobody goes on with are given up.
const SWEEP: Duration = Duration::from_hours(1);

/// How often another shelf of the photo store is looked through for files that no record names.
const SHELF: Duration = Duration::from_mins(5);

/// How far apart passes are that are asked for: in a crowd, what happens meanwhile is one reason to work and not many.
const GATHER: Duration = Duration::from_millis(100);

/// Runs until `stop`; what is under way then is finished first.
pub async fn run(app: App, stop: CancellationToken) {
    let tick = Duration::from_millis(app.settings.tick_ms);
    let renderers = app.settings.renditions_at_once.max(1);
    let mut jobs = JoinSet::new();
    jobs.spawn(repeat(Job::Escalate, app.clone(), stop.clone(), tick));
    jobs.spawn(repeat(Job::Gather, app.clone(), stop.clone(), tick));
    jobs.spawn(repeat(Job::Deliver, app.clone(), stop.clone(), tick));
    jobs.spawn(repeat(Job::Accounts, app.clone(), stop.clone(), tick));
    jobs.spawn(repeat(Job::BringIn, app.clone(), stop.clone(), tick));
    for _ in 0..renderers {
        jobs.spawn(repeat(Job::Render, app.clone(), stop.clone(), tick));
    }
    jobs.spawn(repeat(Job::Bounces, app.clone(), stop.clone(), BOUNCES));
    jobs.spawn(repeat(Job::Recount, app.clone(), stop.clone(), WATCH));
    jobs.spawn(repeat(Job::Seal, app.clone(), stop.clone(), SEAL));
    jobs.spawn(repeat(Job::TidyUp, app.clone(), stop.clone(), TIDY));
    jobs.spawn(repeat(Job::Sweep, app.clone(), stop.clone(), SWEEP));
    jobs.spawn(repeat(Job::Orphans, app.clone(), stop.clone(), SHELF));
    jobs.spawn(repeat(Job::Watch, app, stop, WATCH));
    while jobs.join_next().await.is_some() {}
}

/// What the clock asks for.
#[derive(Debug, Clone, Copy)]
enum Job {
    Escalate,
    Gather,
    Deliver,
    Accounts,
    BringIn,
    Render,
    Bounces,
    Recount,
    Seal,
    TidyUp,
    Sweep,
    Orphans,
    Watch,
}

impl Job {
    /// Whether it has work as soon as something happened.
    const fn is_nudged(self) -> bool {
        matches!(
            self,
            Self::Escalate | Self::Gather | Self::Deliver | Self::Accounts | Self::BringIn | Self::Render | Self::Recount
        )
    }

    /// As metrics and `/readyz` name it.
    const fn name(self) -> &'static str {
        match self {
            Self::Escalate => "escalate",
            Self::Gather => "gather",
            Self::Deliver => "deliver",
            Self::Accounts => "accounts",
            Self::BringIn => "bring_in",
            Self::Render => "render",
            Self::Bounces => "bounces",
            Self::Recount => "recount",
            Self::Seal => "seal",
            Self::TidyUp => "tidy_up",
            Self::Sweep => "sweep",
            Self::Orphans => "orphans",
            Self::Watch => "watch",
        }
    }

    /// How long one pass may take at most; the watchdog allows it and two periods more.
    fn may_take(self, app: &App) -> Duration {
        match self {
            Self::Deliver | Self::Accounts => Duration::from_secs(app.settings.mail_timeout_secs) + Duration::from_mins(1),
            Self::BringIn | Self::Render | Self::TidyUp | Self::Sweep | Self::Orphans => Duration::from_mins(5),
            Self::Escalate | Self::Gather | Self::Bounces | Self::Recount | Self::Seal | Self::Watch => Duration::from_mins(1),
        }
    }

    /// Does what is due; true when there may be more at once.
    async fn once(self, app: &App) -> Result<bool, OperationError> {
        match self {
            Self::Escalate => Ok(operations::escalate_due(app).await? > 0),
            Self::Gather => Ok(operations::gather_digests(app).await? > 0),
            Self::Accounts => operations::tell_accounts(app).await,
            Self::Deliver => Ok(operations::deliver_notices(app).await? > 0),
            Self::BringIn => operations::bring_in_photos(app).await,
            Self::Render => operations::render_photos(app).await,
            Self::Bounces => Ok(operations::read_bounces(app).await? > 0),
            Self::Recount => Ok(operations::recount_deadlines(app).await? > 0),
            Self::Seal => operations::seal_journal(app).await.map(|_| false),
            Self::TidyUp => operations::tidy_up(app).await,
            Self::Sweep => {
                operations::forget_tries(app).await?;
                operations::sweep_uploads(app).await
            }
            Self::Orphans => {
                operations::sweep_orphans(app, operations::shelf_at(app.clock.now())).await?;
                Ok(false)
            }
            Self::Watch => {
                let watch = operations::keep_watch(app).await?;
                show(&watch);
                operations::beat(app, &watch).await;
                Ok(false)
            }
        }
    }
}

/// At once again while there is work, else at the next nudge or tick. A pass that panics is logged and does not end the job.
async fn repeat(job: Job, app: App, stop: CancellationToken, tick: Duration) {
    let mut nudged = app.nudges.subscribe();
    let within = job.may_take(&app) + tick * 2;
    let alive = || app.pulse.beat(job.name(), app.clock.now(), i64::try_from(within.as_millis()).unwrap_or(i64::MAX));
    alive();
    while !stop.is_cancelled() {
        nudged.mark_unchanged();
        let begun = Instant::now();
        let pass = tokio::spawn({
            let app = app.clone();
            async move { job.once(&app).await }
        });
        let more = match pass.await {
            Ok(Ok(more)) => {
                alive();
                more
            }
            Ok(Err(cause)) => {
                error!(?job, error = &cause as &dyn std::error::Error, "a pass failed: {cause}");
                counter!("salama_worker_failures_total").increment(1);
                false
            }
            Err(_) => {
                error!(?job, "a pass panicked");
                counter!("salama_worker_failures_total").increment(1);
                false
            }
        };
        if !more {
            tokio::select! {
                () = sleep(tick) => {}
                () = asked_for(&mut nudged, begun), if job.is_nudged() => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

/// Until a pass is asked for, and the last one began long enough ago.
async fn asked_for(nudged: &mut watch::Receiver<u64>, begun: Instant) {
    // Whoever nudges lives as long as the jobs do.
    let _ = nudged.changed().await;
    sleep_until(begun + GATHER).await;
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and these are small")]
fn show(watch: &Watch) {
    gauge!("salama_silent_deadlines").set(watch.silent.len() as f64);
    gauge!("salama_planner_late_seconds").set(watch.planner_late_ms as f64 / 1000.0);
    gauge!("salama_mails_waiting").set(watch.mails_waiting as f64);
    gauge!("salama_mail_age_seconds").set(watch.mail_age_ms as f64 / 1000.0);
    gauge!("salama_members_over_mail_budget").set(watch.over_budget as f64);
    gauge!("salama_mails_put_aside").set(watch.mails_put_aside as f64);
    gauge!("salama_stopped_jobs").set(watch.stopped_jobs.len() as f64);
    gauge!("salama_all_is_well").set(f64::from(u8::from(watch.all_is_well())));
    gauge!("salama_held_too_long").set(watch.held_too_long as f64);
    gauge!("salama_calendar_concerns").set(watch.calendar_concerns.len() as f64);
    gauge!("salama_mail_paused").set(f64::from(u8::from(watch.mail_paused)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_happens_meanwhile_asks_for_one_pass_and_not_at_once() {
        let bell = watch::Sender::new(0);
        let mut nudged = bell.subscribe();
        let begun = Instant::now();
        for n in 1..=5 {
            bell.send_replace(n);
        }
        asked_for(&mut nudged, begun).await;
        assert!(begun.elapsed() >= GATHER);
        assert!(!nudged.has_changed().unwrap(), "five reasons, one pass");
    }
}
