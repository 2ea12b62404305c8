//! The only place that reads the time, makes ids and rolls dice. What they are used for is decided elsewhere.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use uuid::{Timestamp, Uuid, timestamp::context::ContextV7};

use crate::domain::time::Instant;

/// Tells the time and makes what must be new or unforeseeable. Cheap to clone; clones are one and the same clock.
#[derive(Debug, Clone)]
pub struct Clock {
    hands: Hands,
    moved_ms: Arc<AtomicI64>,
    ids: Arc<Mutex<ContextV7>>,
}

#[derive(Debug, Clone, Copy)]
enum Hands {
    /// The machine's time, corrected where another clock is more to be trusted.
    Machine,
    /// The machine's time and as much as it was moved.
    Running,
    /// That instant and as much as it was moved.
    Standing(Instant),
}

/// The machine's own clock was to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the machine's own clock is not moved")]
pub struct CannotBeMoved;

impl Clock {
    /// The machine's time.
    pub fn system() -> Self {
        Self::with(Hands::Machine)
    }

    /// Runs on like the machine's time, and can be moved; for the demo.
    pub fn movable() -> Self {
        Self::with(Hands::Running)
    }

    /// Stands still at that instant until it is moved; for tests.
    pub fn standing_at(at: Instant) -> Self {
        Self::with(Hands::Standing(at))
    }

    fn with(hands: Hands) -> Self {
        Self { hands, moved_ms: Arc::default(), ids: Arc::new(Mutex::new(ContextV7::new())) }
    }

    /// What time it is.
    pub fn now(&self) -> Instant {
        let moved = self.moved_ms.load(Ordering::SeqCst);
        match self.hands {
            Hands::Machine | Hands::Running => machine_time().plus_ms(moved),
            Hands::Standing(at) => at.plus_ms(moved),
        }
    }

    /// Corrects the machine's time by so many milliseconds, for its clones as well. A clock that is moved by hand is not
    /// corrected: false.
    pub fn correct(&self, ms: i64) -> bool {
        let follows = matches!(self.hands, Hands::Machine);
        if follows {
            self.moved_ms.fetch_add(ms, Ordering::SeqCst);
        }
        follows
    }

    /// Moves this clock and its clones by so many milliseconds; back when negative, as machines' clocks do too.
    pub fn advance(&self, ms: i64) -> Result<(), CannotBeMoved> {
        if matches!(self.hands, Hands::Machine) {
            return Err(CannotBeMoved);
        }
        self.moved_ms.fetch_add(ms, Ordering::SeqCst);
        Ok(())
    }

    /// A new id (UUID version 7, RFC 9562). Of one clock, a later id sorts after an earlier one, also when time goes back.
    pub fn new_id(&self) -> Uuid {
        let ms = self.now().ms().unsigned_abs();
        let nanos = u32::try_from(ms % 1000).unwrap_or_default() * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(&*self.ids, ms / 1000, nanos))
    }

    /// Bytes nobody can foresee, fit for keys and tokens.
    ///
    /// # Panics
    /// When the operating system gives no random bytes: going on with guessable ones would be worse.
    #[expect(clippy::unused_self, reason = "whoever may ask for randomness holds the clock")]
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        assert!(aws_lc_rs::rand::fill(&mut bytes).is_ok(), "the operating system gives no random bytes");
        bytes
    }

    /// An even throw among all numbers of 32 bits, for jitter.
    pub fn dice(&self) -> u32 {
        u32::from_be_bytes(self.random_bytes())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn machine_time() -> Instant {
    Instant::from_timestamp(jiff::Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-11-20T12:00:00.250Z";

    fn standing() -> Clock {
        Clock::standing_at(NOON.parse().unwrap())
    }

    #[test]
    fn a_standing_clock_moves_only_when_moved_and_its_clones_with_it() {
        let clock = standing();
        let clone = clock.clone();
        assert_eq!(clock.now().to_string(), NOON);
        clone.advance(90_000).unwrap();
        assert_eq!(clock.now().to_string(), "2026-11-20T12:01:30.250Z");
        clock.advance(-90_000).unwrap();
        assert_eq!(clone.now().to_string(), NOON);
    }

    #[test]
    fn the_machines_clock_is_not_moved_and_the_demos_runs_on_from_it() {
        assert_eq!(Clock::system().advance(1), Err(CannotBeMoved));
        let (system, demo) = (Clock::system(), Clock::movable());
        demo.advance(86_400_000).unwrap();
        let before = system.now();
        let ahead = demo.now().since_ms(before);
        assert!((86_400_000..86_460_000).contains(&ahead), "{ahead}");
    }

    #[test]
    fn the_machines_clock_is_corrected_and_one_that_is_moved_by_hand_is_not() {
        let (system, right) = (Clock::system(), Clock::system());
        assert!(system.clone().correct(600_000));
        let ahead = system.now().since_ms(right.now());
        assert!((599_000..=600_000).contains(&ahead), "{ahead}");
        assert!(!standing().correct(600_000) && !Clock::movable().correct(600_000));
    }

    #[test]
    fn ids_carry_the_clocks_time_and_sort_as_they_were_made_even_when_time_goes_back() {
        let clock = standing();
        let mut ids: Vec<Uuid> = (0..500).map(|_| clock.new_id()).collect();
        let first = ids[0];
        assert_eq!(first.get_version_num(), 7);
        assert_eq!(u64::from_be_bytes(first.as_bytes()[..8].try_into().unwrap()) >> 16, clock.now().ms().unsigned_abs());
        clock.advance(-5_000).unwrap();
        ids.push(clock.new_id());
        clock.advance(60_000).unwrap();
        ids.push(clock.clone().new_id());
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn dice_and_bytes_fall_differently_each_time() {
        let clock = standing();
        assert_ne!(clock.random_bytes::<32>(), clock.random_bytes::<32>());
        assert!((0..8).map(|_| clock.dice()).any(|face| face != clock.dice()));
    }
}
