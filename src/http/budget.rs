//! How many requests whoever is signed in has in a minute, told with every answer (draft-ietf-httpapi-ratelimit-headers). A phone
//! that sends what it gathered in a week uses a small part of it; a loop that ran away is told when to come back.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::error::Problem;
use crate::{app::App, domain::time::Instant};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const MINUTE_MS: i64 = 60_000;

/// What was asked in this minute, by whom. Nothing of earlier minutes is kept.
#[derive(Default)]
pub struct Budget {
    hasher: RandomState,
    spent: Mutex<Spent>,
}

#[derive(Default)]
struct Spent {
    minute: i64,
    by: HashMap<u64, u32>,
}

/// What a caller has left, and when they have all of it again.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    requests: Option<u32>,
    secs: u16,
}

impl Budget {
    /// Takes one request from what the caller of a token has.
    fn take(&self, token: &[u8], quota: u32, now: Instant) -> Left {
        let minute = now.ms().div_euclid(MINUTE_MS);
        let secs = (MINUTE_MS - now.ms().rem_euclid(MINUTE_MS) + 999) / 1000;
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.minute != minute {
            *spent = Spent { minute, by: HashMap::new() };
        }
        let asked = spent.by.entry(self.hasher.hash_one(token)).or_default();
        *asked = asked.saturating_add(1);
        Left { requests: quota.checked_sub(*asked), secs: u16::try_from(secs).unwrap_or(60) }
    }
}

/// Around every request. Who shows no token has no budget: behind a proxy all of them have one address.
pub async fn spend(State((app, budget)): State<(App, std::sync::Arc<Budget>)>, request: Request, next: Next) -> Response {
    let Some(token) = request.headers().get(header::AUTHORIZATION) else { return next.run(request).await };
    let quota = app.settings.requests_per_minute;
    let left = budget.take(token.as_bytes(), quota, app.clock.now());
    let mut response = match left.requests {
        Some(_) => next.run(request).await,
        None => Problem::too_often(left.secs).into_response(),
    };
    tell(response.headers_mut(), quota, &left);
    response
}

fn tell(headers: &mut HeaderMap, quota: u32, left: &Left) {
    let said = [
        (POLICY, format!("\"caller\";q={quota};w=60")),
        (LIMIT, format!("\"caller\";r={};t={}", left.requests.unwrap_or_default(), left.secs)),
    ];
    headers.extend(said.into_iter().filter_map(|(name, text)| Some((name, HeaderValue::from_str(&text).ok()?))));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn each_has_their_own_and_all_of_it_again_with_the_next_minute() {
        let budget = Budget::default();
        let take = |token: &[u8], ms| budget.take(token, 2, at(ms));
        assert_eq!(take(b"a", 0), Left { requests: Some(1), secs: 60 });
        assert_eq!(take(b"a", 59_001), Left { requests: Some(0), secs: 1 });
        assert_eq!(take(b"a", 59_999), Left { requests: None, secs: 1 });
        assert_eq!(take(b"b", 59_999), Left { requests: Some(1), secs: 1 });
        assert_eq!(take(b"a", 60_000), Left { requests: Some(1), secs: 60 });
    }
}
