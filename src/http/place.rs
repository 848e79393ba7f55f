//! Places among the open connections: so many in all, and so many for one address, before anybody has logged in.

use super::auth::Address;
use crate::config::HttpLimits;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[cfg(test)]
mod tests;

/// A place among the open connections. Whoever takes a connection over, such as a WebSocket, keeps it: the place is free
/// when the last holder is gone.
#[derive(Debug, Clone)]
pub struct Place(#[expect(dead_code, reason = "held, never read")] Arc<Taken>);

#[derive(Debug)]
struct Taken {
    _place: OwnedSemaphorePermit,
    bucket: String,
    counts: Arc<Counts>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.counts.give_back(&self.bucket);
    }
}

/// The places of one listener.
#[derive(Debug, Clone)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    all: u32,
    counts: Arc<Counts>,
}

/// How many places each address has: an IPv4 one, or 64 bits of an IPv6 one.
#[derive(Debug)]
struct Counts {
    most: usize,
    by_address: Mutex<HashMap<String, usize>>,
}

impl Places {
    pub(super) fn new(limits: &HttpLimits) -> Self {
        let counts = Counts { most: limits.connections_per_address, by_address: Mutex::new(HashMap::new()) };
        Self {
            free: Arc::new(Semaphore::new(limits.connections)),
            all: u32::try_from(limits.connections).unwrap_or(u32::MAX),
            counts: Arc::new(counts),
        }
    }

    /// Waits for a free place.
    pub(super) async fn free(&self) -> OwnedSemaphorePermit {
        match self.free.clone().acquire_owned().await {
            Ok(place) => place,
            Err(_) => std::future::pending().await,
        }
    }

    /// Gives a free place to a peer; nothing when it has its share, so that the rest is for others.
    pub(super) fn take(&self, place: OwnedSemaphorePermit, peer: IpAddr) -> Option<Place> {
        let bucket = Address::new(peer).bucket();
        let counts = self.counts.clone();
        counts.take(&bucket).then(|| Place(Arc::new(Taken { _place: place, bucket, counts })))
    }

    /// Waits until all places are free.
    pub(super) async fn all_free(&self) {
        let _all = self.free.acquire_many(self.all).await;
    }
}

impl Counts {
    fn take(&self, bucket: &str) -> bool {
        let mut counts = self.counts();
        let count = counts.entry(bucket.to_owned()).or_default();
        let free = *count < self.most;
        if free {
            *count += 1;
        }
        free
    }

    fn give_back(&self, bucket: &str) {
        let mut counts = self.counts();
        if let Some(count) = counts.get_mut(bucket) {
            *count = count.saturating_sub(1);
        }
        counts.retain(|_, count| *count > 0);
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
