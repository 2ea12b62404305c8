//! The watchdog, apart from the planner: which deadline is overdue and has told nobody? And how far behind is everything?

use tracing::{error, warn};

use super::OperationError;
use crate::{
    app::App,
    domain::{
        calendar::Concern,
        time::{Instant, Zone},
    },
};

/// An overdue deadline that has told nobody for so long is an alarm, in milliseconds.
const SILENCE_MS: i64 = 120_000;
const LISTED: u64 = 20;

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Overdue deadlines that have told nobody; at most 20 are counted.
    pub silent: usize,
    /// How late the planner is, in milliseconds.
    pub planner_late_ms: i64,
    /// How many mails wait to be sent now.
    pub mails_waiting: u64,
    /// How long the oldest of them has waited, in milliseconds.
    pub mail_age_ms: i64,
    /// The whole mail queue rests until its configuration is mended.
    pub mail_paused: bool,
    /// Years without holidays, and feasts still computed shortly before they come: somebody must enter them.
    pub calendar_concerns: usize,
}

/// Looks, and raises an alarm for every deadline that went overdue in silence.
pub async fn watch(app: &App) -> Result<Watch, OperationError> {
    let now = app.clock.now();
    let silent = app.store.silent_deadlines(now.plus_ms(-SILENCE_MS), LISTED).await?;
    for deadline in &silent {
        error!(deadline.id = %deadline.id, "deadline {} is overdue and nobody was told", deadline.id);
    }
    let calendar_concerns = calendar_concerns(app).await?;
    for concern in &calendar_concerns {
        warn!("calendar {}: {} ({})", concern.calendar, concern.kind, concern.date);
    }
    let behind = app.store.planner_behind_since(now).await?;
    let (mails_waiting, oldest) = app.store.mail_queue(now).await?;
    let age = |since: Option<Instant>| since.map_or(0, |since| now.since_ms(since).max(0));
    Ok(Watch {
        silent: silent.len(),
        planner_late_ms: age(behind),
        mails_waiting,
        mail_age_ms: age(oldest),
        mail_paused: app.store.mail_pause().await?.is_some_and(|(until, _)| until > now),
        calendar_concerns: calendar_concerns.len(),
    })
}

/// What the calendars are not ready for, as of today at the root of the tree.
pub async fn calendar_concerns(app: &App) -> Result<Vec<Concern>, OperationError> {
    let organisation = app.store.organisation().await?;
    let zone = organisation.root().map_or(Zone::utc(), |root| root.zone.clone());
    Ok(organisation.calendars.body.concerns(app.clock.now().local_date(&zone)))
}

/// Frees what a process that is gone had claimed. Only where this is the one worker of its database.
pub async fn free_leases(app: &App) -> Result<(), OperationError> {
    let tx = app.store.begin().await?;
    tx.free_notice_leases().await?;
    tx.free_photo_leases().await?;
    Ok(tx.commit().await?)
}
