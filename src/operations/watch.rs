//! The watchdog, apart from the planner: which deadline is overdue and has told nobody? And how far behind is everything?

use std::collections::HashMap;

use tracing::error;

use super::{OperationError, deliver_notices::digest::WEEK_MS};
use crate::{
    app::App,
    domain::{ids::MemberId, time::Instant},
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
    /// People who got more mails in a week than the budget.
    pub over_budget: usize,
    /// The whole mail queue rests until its configuration is mended.
    pub mail_paused: bool,
}

/// Looks, and raises an alarm for every deadline that went overdue in silence.
pub async fn watch(app: &App) -> Result<Watch, OperationError> {
    let now = app.clock.now();
    let silent = app.store.silent_deadlines(now.plus_ms(-SILENCE_MS), LISTED).await?;
    for deadline in &silent {
        error!(deadline.id = %deadline.id, "deadline {} is overdue and nobody was told", deadline.id);
    }
    let behind = app.store.planner_behind_since(now).await?;
    let (mails_waiting, oldest) = app.store.mail_queue(now).await?;
    let age = |since: Option<Instant>| since.map_or(0, |since| now.since_ms(since).max(0));
    Ok(Watch {
        silent: silent.len(),
        planner_late_ms: age(behind),
        mails_waiting,
        mail_age_ms: age(oldest),
        over_budget: over_budget(app).await?,
        mail_paused: app.store.mail_pause().await?.is_some_and(|(until, _)| until > now),
    })
}

/// How many mails each person got in the last seven days.
pub async fn mail_load(app: &App) -> Result<HashMap<MemberId, u32>, OperationError> {
    Ok(app.store.mails_since(app.clock.now().plus_ms(-WEEK_MS)).await?)
}

async fn over_budget(app: &App) -> Result<usize, OperationError> {
    let budget = app.store.organisation().await?.digests().budget;
    Ok(mail_load(app).await?.values().filter(|mails| **mails > budget).count())
}

/// Frees what a process that is gone had claimed. Only where this is the one worker of its database.
pub async fn free_leases(app: &App) -> Result<(), OperationError> {
    let tx = app.store.begin().await?;
    tx.free_notice_leases().await?;
    tx.free_photo_leases().await?;
    Ok(tx.commit().await?)
}
