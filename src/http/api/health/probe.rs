//! A store that failed is looked at again when somebody asks how it is, so that it needs no restart and no further task.

use crate::store::{Health, Store};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How often at most, however many ask: each look is a write to a disk in trouble.
const EVERY: Duration = Duration::from_secs(2);
/// How long an asker waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Looks again at a store that failed.
#[derive(Debug, Default)]
pub struct Probe {
    latest: Mutex<Option<Instant>>,
}

impl Probe {
    /// How the store is; after a failure it is tried before that is told.
    pub(super) async fn health(&self, store: &Arc<Store>) -> Health {
        let known = store.health();
        if known == Health::Healthy || !self.is_due() {
            return known;
        }
        let tried = store.clone();
        // What came of it is in the store's health.
        let look = tokio::task::spawn_blocking(move || tried.probe());
        let _in_time_or_not = timeout(PATIENCE, look).await;
        store.health()
    }

    /// Whether the latest look is long enough ago; then the next one is now.
    fn is_due(&self) -> bool {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let due = latest.is_none_or(|at| at.elapsed() >= EVERY);
        if due {
            *latest = Some(Instant::now());
        }
        due
    }
}
