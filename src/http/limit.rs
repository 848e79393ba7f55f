//! How often a principal may ask.

use super::Problem;
use crate::config::HttpLimits;
use crate::kernel::principal::Principal;
use crate::store;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// How long the site's clock has run, as the limiter reads it. A jump back counts as no time: else whoever asked before it
/// would be refused until the clock was there again.
#[derive(Clone)]
struct SiteClock {
    clock: store::Clock,
    seen: Arc<Mutex<Seen>>,
}

/// Milliseconds.
struct Seen {
    /// What the clock said last.
    at: i64,
    /// How long it has run until then.
    run: i64,
}

impl Clock for SiteClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.clock)();
        seen.run = seen.run.saturating_add(now.saturating_sub(seen.at).max(0));
        seen.at = now;
        Duration::from_millis(u64::try_from(seen.run).unwrap_or_default())
    }
}

type Limiter = RateLimiter<Principal, DashMapStateStore<Principal>, SiteClock, NoOpMiddleware<Duration>>;

/// The rates of all principals. Principals are few and authenticated, so nothing has to be forgotten.
pub struct Rates {
    requests: Limiter,
    tasks: Limiter,
    clock: SiteClock,
}

impl Rates {
    /// Rates as configured.
    pub fn new(limits: &HttpLimits, clock: store::Clock) -> Self {
        let seen = Arc::new(Mutex::new(Seen { at: clock(), run: 0 }));
        let clock = SiteClock { clock, seen };
        let limiter = |per_minute| {
            let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
            RateLimiter::dashmap_with_clock(quota, clock.clone())
        };
        Self { requests: limiter(limits.request_per_minute), tasks: limiter(limits.task_per_minute), clock }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn request(&self, principal: &Principal) -> Result<(), Problem> {
        self.count(&self.requests, principal, "too many requests a minute (`request_per_minute`)")
    }

    /// Counts a new task.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn task(&self, principal: &Principal) -> Result<(), Problem> {
        self.count(&self.tasks, principal, "too many tasks a minute (`task_per_minute`)")
    }

    fn count(&self, limiter: &Limiter, principal: &Principal, what: &str) -> Result<(), Problem> {
        limiter
            .check_key(principal)
            .map_err(|until| Problem::too_many("rate", what, until.wait_time_from(self.clock.now())))
    }
}
