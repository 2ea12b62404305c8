//! When each job of the worker last ended a whole pass, so that one which hangs or fails again and again is seen. Only of
//! this process: every replica has its own worker.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::domain::time::Instant;

/// The beats of the worker's jobs.
#[derive(Debug, Default)]
pub struct Pulse(Mutex<BTreeMap<&'static str, Beat>>);

#[derive(Debug, Clone, Copy)]
struct Beat {
    at: Instant,
    within_ms: i64,
}

impl Pulse {
    /// The job is alive now, and will say so again within so many milliseconds.
    pub fn beat(&self, job: &'static str, now: Instant, within_ms: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job, Beat { at: now, within_ms });
    }

    /// The jobs that should have said so again by now.
    pub fn stopped(&self, now: Instant) -> Vec<&'static str> {
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.iter().filter(|(_, beat)| now.since_ms(beat.at) > beat.within_ms).map(|(job, _)| *job).collect()
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
}
