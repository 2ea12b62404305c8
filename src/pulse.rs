//! When each job of the worker last ended a whole pass, so that one which hangs or fails again and again is seen. Only of
//! this process: every replica has its own worker.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::domain::time::Instant;

/// The beats of the worker's jobs.
#[derive(Debug, Default)]
pub struct Pulse(Mutex<Beats>);

#[derive(Debug, Default)]
struct Beats {
    last: BTreeMap<&'static str, Beat>,
    /// What time it was when somebody beat or asked last.
    seen: Option<Instant>,
    set_back_ms: i64,
}

#[derive(Debug, Clone, Copy)]
struct Beat {
    at: Instant,
    within_ms: i64,
}

impl Pulse {
    /// The job is alive now, and will say so again within so many milliseconds.
    pub fn beat(&self, job: &'static str, now: Instant, within_ms: i64) {
        let mut beats = self.beats();
        let at = beats.going_forward(now);
        beats.last.insert(job, Beat { at, within_ms });
    }

    /// The jobs that should have said so again by now.
    pub fn stopped(&self, now: Instant) -> Vec<&'static str> {
        let mut beats = self.beats();
        let now = beats.going_forward(now);
        beats.last.iter().filter(|(_, beat)| now.since_ms(beat.at) > beat.within_ms).map(|(job, _)| *job).collect()
    }

    fn beats(&self) -> MutexGuard<'_, Beats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Beats {
    /// The time as it goes on where the clock is set back: else a job that stopped would seem alive until the clock had
    /// caught up.
    fn going_forward(&mut self, now: Instant) -> Instant {
        let seen = self.seen.replace(now).unwrap_or(now);
        self.set_back_ms += seen.since_ms(now).max(0);
        now.plus_ms(self.set_back_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_ends_no_pass_in_time_is_named_until_it_does() {
        let (pulse, at) = (Pulse::default(), Instant::from_ms(0));
        pulse.beat("escalate", at, 60_000);
        pulse.beat("seal", at, 7_200_000);
        assert_eq!(pulse.stopped(at.plus_ms(60_000)), Vec::<&str>::new());
        assert_eq!(pulse.stopped(at.plus_ms(60_001)), ["escalate"]);
        pulse.beat("escalate", at.plus_ms(60_001), 60_000);
        assert_eq!(pulse.stopped(at.plus_ms(60_002)), Vec::<&str>::new());
    }

    #[test]
    fn a_clock_that_is_set_back_hides_no_job_that_stopped_and_calls_none_that_lives_stopped() {
        let (pulse, at, hour) = (Pulse::default(), Instant::from_ms(7_200_000), 3_600_000);
        pulse.beat("escalate", at, 60_000);
        assert_eq!(pulse.stopped(at.plus_ms(40_000)), Vec::<&str>::new());
        let back = at.plus_ms(40_000 - hour);
        assert_eq!(pulse.stopped(back), Vec::<&str>::new());
        assert_eq!(pulse.stopped(back.plus_ms(20_001)), ["escalate"]);
        pulse.beat("escalate", back.plus_ms(20_001), 60_000);
        assert_eq!(pulse.stopped(back.plus_ms(80_001)), Vec::<&str>::new());
        assert_eq!(pulse.stopped(back.plus_ms(80_002)), ["escalate"]);
    }
}
