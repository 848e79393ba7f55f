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
use std::time::Duration;

#[cfg(test)]
mod tests;

/// The site's clock, as the limiter reads it.
#[derive(Clone)]
struct SiteClock(store::Clock);

impl Clock for SiteClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from((self.0)()).unwrap_or_default())
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
        let clock = SiteClock(clock);
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
