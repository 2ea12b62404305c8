//! The watchdog, apart from the planner: which deadline is overdue and has told nobody? How far behind is everything, and
//! which job has stopped? It trusts nothing that the planner wrote down for itself.

use std::collections::{BTreeSet, HashMap};

use tracing::{error, warn};

use super::{OperationError, deliver_notices::digest::WEEK_MS};
use crate::{
    app::App,
    domain::{
        calendar::Concern,
        deadline::Deadline,
        held::SHOWN_AFTER_MS,
        ids::MemberId,
        organisation::Organisation,
        time::{Instant, Zone},
    },
};

/// An overdue deadline that should have told somebody so long ago is an alarm, in milliseconds.
const SILENCE_MS: i64 = 120_000;
const LISTED: u64 = 20;
const COUNTED: u64 = 100;

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Overdue deadlines that should have told somebody and have told nobody; at most 20 are looked at.
    pub silent: Vec<Deadline>,
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
    /// How many notices were put aside because no mail could be made of them, or none was taken.
    pub mails_put_aside: u64,
    /// The worker's jobs that have not ended a pass in time.
    pub stopped_jobs: Vec<&'static str>,
    /// What has waited too long for the report or action it is about; a hundred are counted at most.
    pub held_too_long: usize,
    /// Years without holidays, and feasts still computed shortly before they come: somebody must enter them.
    pub calendar_concerns: Vec<Concern>,
}

/// How late the planner may be, and how old the oldest waiting mail, before not all is well, in milliseconds.
const LATE_MS: i64 = 120_000;
const OLD_MAIL_MS: i64 = 1_800_000;

impl Watch {
    /// Whether nothing that was promised is late.
    pub fn all_is_well(&self) -> bool {
        let in_time = self.planner_late_ms < LATE_MS && self.mail_age_ms < OLD_MAIL_MS;
        self.silent.is_empty() && in_time && !self.mail_paused && self.stopped_jobs.is_empty()
    }
}

/// Looks, and changes nothing.
pub async fn watch(app: &App) -> Result<Watch, OperationError> {
    let now = app.clock.now();
    let since = now.plus_ms(-SILENCE_MS);
    let organisation = app.store.organisation().await?;
    let mut silent = app.store.silent_deadlines(since, LISTED).await?;
    silent.retain(|deadline| has_something_to_tell(deadline, &organisation, since));
    let behind = app.store.planner_behind_since(now).await?;
    let (mails_waiting, oldest) = app.store.mail_queue(now).await?;
    let age = |since: Option<Instant>| since.map_or(0, |since| now.since_ms(since).max(0));
    Ok(Watch {
        silent,
        planner_late_ms: age(behind),
        mails_waiting,
        mail_age_ms: age(oldest),
        over_budget: over_budget(app).await?,
        mail_paused: app.store.mail_pause().await?.is_some_and(|(until, _)| until > now),
        mails_put_aside: app.store.mails_put_aside().await?,
        stopped_jobs: app.pulse.stopped(now),
        held_too_long: app.store.held_since(now.plus_ms(-SHOWN_AFTER_MS), None, COUNTED).await?.len(),
        calendar_concerns: calendar_concerns(app).await?,
    })
}

/// What the calendars are not ready for, as of today at the root of the tree.
pub async fn calendar_concerns(app: &App) -> Result<Vec<Concern>, OperationError> {
    let organisation = app.store.organisation().await?;
    let zone = organisation.root().map_or(Zone::utc(), |root| root.zone.clone());
    Ok(organisation.calendars.body.concerns(app.clock.now().local_date(&zone)))
}

/// How many mails each person got in the last seven days.
pub async fn mail_load(app: &App) -> Result<HashMap<MemberId, u32>, OperationError> {
    Ok(app.store.mails_since(app.clock.now().plus_ms(-WEEK_MS)).await?)
}

async fn over_budget(app: &App) -> Result<usize, OperationError> {
    let budget = app.store.organisation().await?.digests().budget;
    Ok(mail_load(app).await?.values().filter(|mails| **mails > budget).count())
}

/// Whether a deadline that has told nobody should have done so by then; one without a ladder should always.
fn has_something_to_tell(deadline: &Deadline, organisation: &Organisation, by: Instant) -> bool {
    let ladder = organisation.ladder_of(deadline);
    ladder.is_none_or(|ladder| !organisation.plan(&ladder, deadline, &BTreeSet::new(), by).due.is_empty())
}

/// Looks, raises an alarm for every deadline that went overdue in silence, and has it planned anew, once.
pub async fn keep_watch(app: &App) -> Result<Watch, OperationError> {
    let watch = watch(app).await?;
    let now = app.clock.now();
    for concern in &watch.calendar_concerns {
        warn!("calendar {}: {} ({})", concern.calendar, concern.kind, concern.date);
    }
    for deadline in &watch.silent {
        error!(deadline.id = %deadline.id, "deadline {} is overdue and nobody was told", deadline.id);
        let tx = app.store.begin().await?;
        let found = tx.deadline_to_change(deadline.id).await?.filter(|found| found.generation == deadline.generation);
        if let Some(found) = found
            && tx.repair_once(&found, now).await?
        {
            tx.save_deadline(&Deadline { look_again_at: Some(now), ..found }).await?;
            tx.commit().await?;
            app.nudge();
        }
    }
    Ok(watch)
}

/// Frees what a process that is gone had claimed. Only where this is the one worker of its database.
pub async fn free_leases(app: &App) -> Result<(), OperationError> {
    let tx = app.store.begin().await?;
    tx.free_notice_leases().await?;
    tx.free_photo_leases().await?;
    Ok(tx.commit().await?)
}
