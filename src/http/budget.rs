//! How many requests somebody may make, and what is left of it, on every answer (draft-ietf-httpapi-ratelimit-headers). What
//! a phone sends that waited on it hardly counts, so that a phone flushing its queue is never punished. Each replica counts
//! its own. How often a wrong password may be tried is counted elsewhere, by all of them together.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderValue, Method};

use super::error::Problem;
use crate::domain::{ids::SessionId, throttle::Allowance, time::Instant};

const MINUTE_MS: i64 = 60_000;
/// Of what is made by the client under its own id, and so is sent once however often it is repeated, ten count as one.
const OF_ITS_OWN: i64 = 10;
/// How many buckets are kept before those that are full again are forgotten.
const BUCKETS: usize = 20_000;
/// How long it takes at least, in microseconds, until all buckets are looked through again: a crowd of spenders makes no request
/// wait for that.
const SWEEP_EVERY: i64 = 10_000_000;

/// Whose budget it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Spender {
    /// A session.
    Session(SessionId),
    /// A network address, for what needs no session.
    Address(String),
}

/// The budgets of this process.
#[derive(Debug)]
pub struct Budgets {
    allowance: Allowance,
    /// Time is counted from here.
    since: Instant,
    kept: Mutex<Buckets>,
}

/// The buckets that may not be full.
#[derive(Debug)]
struct Buckets {
    full_at: HashMap<Spender, Instant>,
    swept_at: Instant,
}

/// What a request has spent, for its answer to say.
#[derive(Debug, Clone, Default)]
pub struct Spent(Arc<Mutex<Option<Left>>>);

#[derive(Debug, Clone, Copy)]
struct Left {
    policy: &'static str,
    most: i64,
    rest: i64,
    full_in_secs: i64,
}

impl Budgets {
    /// So many requests in a minute for each.
    pub fn new(in_a_minute: u32, since: Instant) -> Self {
        let at_once = i64::from(in_a_minute.max(1));
        // Counted in microseconds, because a large budget has less than a millisecond for each.
        let kept = Buckets { full_at: HashMap::new(), swept_at: Instant::from_ms(0) };
        Self { allowance: Allowance { at_once, every_ms: MINUTE_MS * 1000 / at_once }, since, kept: Mutex::new(kept) }
    }

    /// Takes one request of that method from somebody's budget, or says how long to wait.
    pub fn spend(&self, spender: Spender, method: &Method, now: Instant, spent: &Spent) -> Result<(), Problem> {
        let policy = match &spender {
            Spender::Session(_) => "session",
            Spender::Address(_) => "address",
        };
        let now = Instant::from_ms(now.since_ms(self.since) * 1000);
        let part = if matches!(*method, Method::PUT | Method::PATCH | Method::HEAD) { OF_ITS_OWN } else { 1 };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.sweep(now);
        let full_at = kept.full_at.entry(spender).or_insert(now);
        let taken = self.allowance.take_part(part, *full_at, now);
        if let Ok(next) = taken {
            *full_at = next;
        }
        let rest = self.allowance.left(*full_at, now).max(0);
        let full_in_secs = full_at.since_ms(now).max(0) / 1_000_000 + 1;
        let left = Left { policy, most: self.allowance.at_once, rest, full_in_secs };
        *spent.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(left);
        taken.map(|_| ()).map_err(|wait| Problem::quota_exceeded(wait / 1000))
    }
}

impl Buckets {
    /// Forgets the buckets that are full again, where there are many and it was not done just now.
    fn sweep(&mut self, now: Instant) {
        if self.full_at.len() >= BUCKETS && now.since_ms(self.swept_at) >= SWEEP_EVERY {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept_at = now;
        }
    }
}

impl Spent {
    /// Says on an answer what is left.
    pub fn say(&self, headers: &mut HeaderMap) {
        let Some(Left { policy, most, rest, full_in_secs }) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) else {
            return;
        };
        let lines = [
            ("ratelimit-policy", format!("\"{policy}\";q={most};w=60")),
            ("ratelimit", format!("\"{policy}\";r={rest};t={full_in_secs}")),
        ];
        for (name, line) in lines {
            if let Ok(line) = HeaderValue::from_str(&line) {
                headers.insert(name, line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(budgets: &Budgets, method: &Method, at: i64) -> (bool, String) {
        let (spent, mut headers) = (Spent::default(), HeaderMap::new());
        let ok = budgets.spend(Spender::Address("203.0.113.9".into()), method, Instant::from_ms(at), &spent).is_ok();
        spent.say(&mut headers);
        (ok, headers["ratelimit"].to_str().unwrap().to_owned())
    }

    #[test]
    fn a_budget_of_sixty_is_spent_by_sixty_questions_or_six_hundred_reports() {
        let budgets = Budgets::new(60, Instant::from_ms(0));
        for n in 0..60 {
            let (ok, left) = spend(&budgets, &Method::GET, 0);
            assert!(ok && left.starts_with(&format!("\"address\";r={};", 59 - n)), "{left}");
        }
        assert_eq!(spend(&budgets, &Method::GET, 0), (false, "\"address\";r=0;t=61".to_owned()));
        assert!(spend(&budgets, &Method::GET, 1_000).0, "one more a second");
        let flushed = Budgets::new(60, Instant::from_ms(0));
        assert!((0..600).all(|_| spend(&flushed, &Method::PUT, 0).0), "a phone that flushes its queue");
        assert!(!spend(&flushed, &Method::PUT, 0).0);
    }

    #[test]
    fn a_crowd_is_looked_through_now_and_then_and_not_at_each_request() {
        let budgets = Budgets::new(60, Instant::from_ms(0));
        let crowd = |from: usize, at: i64| {
            for n in from..from + BUCKETS {
                let spender = Spender::Address(n.to_string());
                assert!(budgets.spend(spender, &Method::GET, Instant::from_ms(at), &Spent::default()).is_ok());
            }
            budgets.kept.lock().unwrap().full_at.len()
        };
        assert_eq!(crowd(0, 0), BUCKETS);
        assert_eq!(crowd(BUCKETS, 2_000), 2 * BUCKETS, "it is too early to look again");
        assert_eq!(crowd(2 * BUCKETS, 10_000), BUCKETS, "those of before are full again, and forgotten");
        assert_eq!(crowd(3 * BUCKETS, 12_000), 2 * BUCKETS, "it was done just now");
    }
}
