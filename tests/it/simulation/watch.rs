//! I12: a planner that ends no pass in time is seen, and one that lives is not called stopped. What the watchdog would say of
//! the store and of each engine's pulse is compared with what really happened, which the engines do not know of.

use std::collections::BTreeSet;

use salama::{
    domain::{deadline::Deadline, organisation::Organisation, time::Instant},
    operations::Watch,
};

use super::{
    engine::Engine,
    planner::{JOB, WITHIN_MS},
    store::Store,
};

/// Planning later than this is no longer well, and so is an overdue deadline that has told nobody for so long.
const MOST_LATE_MS: i64 = 120_000;

/// Whoever keeps an eye on the planners.
pub struct Vigil {
    /// The time that really passed, whatever was done to the clock.
    elapsed_ms: i64,
    /// When, in that time, each planner started or ended its last pass.
    lived_at_ms: [i64; 2],
    /// By the clock: until then everything is planned.
    planned_until: Instant,
    /// Looks that found an engine alive, one that had stopped, and the planning late.
    pub seen: [usize; 3],
}

impl Vigil {
    pub fn begins(now: Instant) -> Self {
        Self { elapsed_ms: 0, lived_at_ms: [0; 2], planned_until: now, seen: [0; 3] }
    }

    /// So much time passed, or the clock was set back by as much.
    pub fn time_passes(&mut self, ms: i64, now: Instant) {
        self.elapsed_ms += ms.max(0);
        self.planned_until = self.planned_until.min(now);
    }

    pub fn starts(&mut self, engine: usize) {
        self.lived_at_ms[engine] = self.elapsed_ms;
    }

    /// A whole pass has ended: nothing that waited is left.
    pub fn passed(&mut self, engine: usize, store: &Store, now: Instant) -> Result<(), String> {
        if let Some(left) = store.waiting(now).first() {
            return Err(format!("a pass ended, and deadline {left} still waits"));
        }
        self.planned_until = now;
        self.starts(engine);
        Ok(())
    }

    pub fn looks(
        &mut self,
        engines: &[Engine; 2],
        store: &Store,
        organisation: &Organisation,
        now: Instant,
    ) -> Result<(), String> {
        let late_ms = store.late_ms(now);
        let silent = silent(store, organisation, now.plus_ms(-MOST_LATE_MS));
        let unplanned_ms = now.since_ms(self.planned_until);
        if late_ms > unplanned_ms {
            return Err(format!("the planner is called {late_ms} ms late, and all was planned {unplanned_ms} ms ago"));
        }
        if let Some(deadline) = silent.first().filter(|_| unplanned_ms <= MOST_LATE_MS) {
            return Err(format!("deadline {} told nobody, and all was planned {unplanned_ms} ms ago", deadline.id));
        }
        let in_time = late_ms < MOST_LATE_MS && silent.is_empty();
        self.seen[2] += usize::from(late_ms > 0);
        for (engine, lived_at_ms) in engines.iter().zip(self.lived_at_ms) {
            let unheard_ms = self.elapsed_ms - lived_at_ms;
            let has_stopped = unheard_ms > WITHIN_MS;
            let stopped_jobs = engine.planner.pulse.stopped(now);
            if has_stopped == stopped_jobs.is_empty() {
                return Err(format!(
                    "a planner ended its last pass {unheard_ms} ms ago, and {stopped_jobs:?} is named as stopped"
                ));
            }
            self.seen[usize::from(has_stopped)] += 1;
            let watch = Watch { planner_late_ms: late_ms, silent: silent.clone(), stopped_jobs, ..nothing_else() };
            if watch.all_is_well() != (in_time && !has_stopped) {
                return Err(format!("{JOB} was last heard of {unheard_ms} ms ago, and the heartbeat goes by {watch:?}"));
            }
        }
        Ok(())
    }
}

/// As `silent_deadlines` and `watch`.
fn silent(store: &Store, organisation: &Organisation, since: Instant) -> Vec<Deadline> {
    let overdue = store.deadlines.values().map(|(deadline, _)| deadline);
    let overdue = overdue.filter(|one| one.is_overdue(since) && one.set_at < since);
    let untold = overdue.filter(|one| store.told.get(&(one.id, one.generation)).is_none_or(BTreeSet::is_empty));
    let should = untold.filter(|one| {
        let ladder = organisation.ladder_of(one);
        ladder.is_none_or(|ladder| !organisation.plan(&ladder, one, &BTreeSet::new(), since).due.is_empty())
    });
    should.cloned().collect()
}

/// A watch that finds nothing to say of mails and calendars.
fn nothing_else() -> Watch {
    Watch {
        silent: vec![],
        planner_late_ms: 0,
        mails_waiting: 0,
        mail_age_ms: 0,
        over_budget: 0,
        mail_paused: false,
        mails_put_aside: 0,
        stopped_jobs: vec![],
        held_too_long: 0,
        calendar_concerns: vec![],
    }
}
