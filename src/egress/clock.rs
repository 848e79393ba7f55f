//! The clock. Time is a parameter everywhere else.

use super::halt;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// The calendar day where the user is.
    fn today(&self) -> Date;
}

/// The machine's clock and time zone.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::system()).date()
    }
}

/// A clock that stands still, in UTC; for tests and for repeatable demonstrations.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn today(&self) -> Date {
        self.0.to_zoned(TimeZone::UTC).date()
    }
}

/// Time that passes: how much of it has, and waiting for some.
pub trait Timer: std::fmt::Debug + Send + Sync {
    /// Since a fixed moment; never goes back.
    fn elapsed(&self) -> Duration;

    /// Comes back when this much more has passed.
    fn wait(&self, time: Duration);
}

/// The machine's monotonic clock, from when this was made.
#[derive(Debug, Clone, Copy)]
pub struct SystemTimer(Instant);

impl SystemTimer {
    /// Starts it.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Timer for SystemTimer {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Shorter where nobody waits any more: see [`halt::until`].
    fn wait(&self, time: Duration) {
        let end = self.elapsed() + time;
        while !halt::is_raised() {
            let left = end.saturating_sub(self.elapsed());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(halt::LOOK_UP));
        }
    }
}

/// A span of time that several attempts share.
#[derive(Debug, Clone, Copy)]
pub struct Deadline<'t> {
    timer: &'t dyn Timer,
    began: Duration,
    total: Duration,
}

impl<'t> Deadline<'t> {
    /// The span begins now.
    pub fn within(total: Duration, timer: &'t dyn Timer) -> Self {
        Self { timer, began: timer.elapsed(), total }
    }

    /// What is left of it; nothing once it is over.
    pub fn left(&self) -> Duration {
        self.total.saturating_sub(self.timer.elapsed().saturating_sub(self.began))
    }

    /// Waits, or says that this much time is not left.
    #[must_use]
    pub fn wait(&self, time: Duration) -> Waited {
        if time.is_zero() {
            return Waited::Done;
        }
        if time >= self.left() {
            return Waited::NoTime;
        }
        self.timer.wait(time);
        Waited::Done
    }
}

/// What became of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// It is over.
    Done,
    /// It would have taken all the time that is left, so nobody waited.
    NoTime,
}
