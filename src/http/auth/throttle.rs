//! Wrong guesses cost time, by address and for everybody together.
//!
//! The count in memory decides, and is written through to the store; the store belongs to one process.

use super::address::Address;
use super::known::Compared;
use crate::store::{Clock, Store, StoreError, ThrottleRow};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// The bucket of all addresses together.
const EVERYBODY: &str = "everybody";
/// The first wait after the free tries; each further wrong guess doubles it.
const FIRST_WAIT_MS: i64 = 30_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// How long it takes until everybody's count forgets one wrong guess. Two an hour are typos; whoever guesses against the
/// longest wait makes four.
const LEAK_MS: i64 = 30 * 60_000;
/// Wrong guesses beyond the free tries that are counted: with so many the wait is the longest.
const MOST_OVER: u32 = 5;
/// A bucket without a wrong guess for so long is forgotten.
const FORGET_MS: i64 = 24 * 3_600_000;

/// No guess is taken for so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait(pub Duration);

/// A guess that was charged and is not decided yet. Dropped, it counts as wrong.
#[derive(Debug)]
#[must_use]
pub(super) struct Attempt {
    from: Address,
    /// Until when the charge made the address and everybody wait.
    until: [i64; 2],
}

/// How far a guess came.
#[derive(Debug)]
#[must_use]
pub(super) enum Begun {
    /// It is right, and costs nothing.
    Right,
    /// It is wrong, and charged.
    Wrong,
    /// It must be verified, and is charged until [`Throttle::right`].
    Unknown(Attempt),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bucket {
    failures: u32,
    until: i64,
    /// The last wrong guess; of everybody, since when nothing was forgotten.
    updated: i64,
}

pub(super) struct Throttle {
    buckets: Mutex<HashMap<String, Bucket>>,
    /// Held while writing, so that an older count never overwrites a newer one.
    writing: Mutex<()>,
    store: Arc<Store>,
    clock: Clock,
    tries: u32,
    tries_global: u32,
}

impl Throttle {
    pub(super) fn open(
        store: Arc<Store>,
        clock: Clock,
        tries: u32,
        tries_global: u32,
    ) -> Result<Self, StoreError> {
        let rows = store.throttles()?.into_iter();
        let bucket = |r: &ThrottleRow| Bucket { failures: r.failures, until: r.until, updated: r.updated };
        let buckets = rows.map(|row| (row.bucket.clone(), bucket(&row))).collect();
        Ok(Self { buckets: Mutex::new(buckets), writing: Mutex::new(()), store, clock, tries, tries_global })
    }

    /// Whether any guess is taken from there now.
    pub(super) fn judge(&self, from: Address) -> Result<(), Wait> {
        self.free(&self.buckets(), from, (self.clock)())
    }

    /// Takes a guess: compares and charges it in one step.
    pub(super) fn begin(&self, from: Address, compare: impl FnOnce() -> Compared) -> Result<Begun, Wait> {
        let mut buckets = self.buckets();
        let now = (self.clock)();
        self.free(&buckets, from, now)?;
        let compared = compare();
        if compared == Compared::Right {
            return Ok(Begun::Right);
        }
        let until = [
            charge(rested(buckets.entry(from.bucket()).or_default(), now), self.tries, now),
            charge(leaked(buckets.entry(EVERYBODY.to_owned()).or_default(), now), self.tries_global, now),
        ];
        Ok(match compared {
            Compared::Wrong => Begun::Wrong,
            _ => Begun::Unknown(Attempt { from, until }),
        })
    }

    /// Takes back what an attempt was charged.
    pub(super) fn right(&self, attempt: Attempt) {
        let mut buckets = self.buckets();
        let names = [attempt.from.bucket(), EVERYBODY.to_owned()];
        for (name, until) in names.iter().zip(attempt.until) {
            let Some(bucket) = buckets.get_mut(name) else { continue };
            bucket.failures = bucket.failures.saturating_sub(1);
            // Ends the wait that this charge brought about, and none that a guess beside it did.
            if bucket.until == until {
                bucket.until = 0;
            }
        }
    }

    /// Whether an address has wrong guesses to forget.
    pub(super) fn remembers(&self, from: Address) -> bool {
        self.buckets().contains_key(&from.bucket())
    }

    /// Forgets an address after a right PIN. The count of everybody stays: the next door's guesses are not forgiven.
    pub(super) fn forgive(&self, from: Address) -> Result<(), StoreError> {
        if self.buckets().get(&from.bucket()).is_none() {
            return Ok(());
        }
        self.buckets().insert(from.bucket(), Bucket::default());
        self.keep(from)
    }

    /// Writes the two buckets of an address to the disk as they are now.
    pub(super) fn keep(&self, from: Address) -> Result<(), StoreError> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = {
            let mut buckets = self.buckets();
            let rows = [from.bucket(), EVERYBODY.to_owned()].map(|bucket| {
                let Bucket { failures, until, updated } = buckets.get(&bucket).copied().unwrap_or_default();
                ThrottleRow { bucket, failures, until, updated }
            });
            buckets.retain(|_, bucket| bucket.failures > 0);
            rows
        };
        self.store.put_throttles(rows.into())
    }

    fn free(&self, buckets: &HashMap<String, Bucket>, from: Address, now: i64) -> Result<(), Wait> {
        let until = |name: &str| buckets.get(name).map_or(0, |bucket| bucket.until);
        // A clock that was set back must not lock anybody out for longer than the longest wait.
        let wait = until(&from.bucket()).max(until(EVERYBODY)).saturating_sub(now).min(LONGEST_WAIT_MS);
        match u64::try_from(wait) {
            Ok(ms) if ms > 0 => Err(Wait(Duration::from_millis(ms))),
            _ => Ok(()),
        }
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The count of an address, forgotten after a day without a guess.
fn rested(bucket: &mut Bucket, now: i64) -> &mut Bucket {
    if now.saturating_sub(bucket.updated) > FORGET_MS {
        *bucket = Bucket::default();
    }
    bucket.updated = now;
    bucket
}

/// Everybody's count, less one for each [`LEAK_MS`] gone by: typos over weeks lock nobody.
fn leaked(bucket: &mut Bucket, now: i64) -> &mut Bucket {
    let leaks = now.saturating_sub(bucket.updated).max(0).div_euclid(LEAK_MS);
    bucket.failures = bucket.failures.saturating_sub(u32::try_from(leaks).unwrap_or(u32::MAX));
    // What is left of the time counts for the next one; a clock that was set back begins anew.
    bucket.updated = match bucket.failures {
        0 => now,
        _ => bucket.updated.saturating_add(leaks.saturating_mul(LEAK_MS)).min(now),
    };
    bucket
}

/// Counts a guess; returns until when the bucket has to wait now.
fn charge(bucket: &mut Bucket, tries: u32, now: i64) -> i64 {
    bucket.failures = bucket.failures.saturating_add(1).min(tries.saturating_add(MOST_OVER));
    if let Some(over) = bucket.failures.checked_sub(tries) {
        let wait = FIRST_WAIT_MS.saturating_mul(1 << over.min(10)).min(LONGEST_WAIT_MS);
        bucket.until = now.saturating_add(wait);
    }
    bucket.until
}
