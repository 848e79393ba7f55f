//! One file per noun of the interface.

pub mod approval;
pub mod conversation;
pub mod events;
pub mod health;
pub mod metrics;
mod page;
pub mod playbooks;
pub mod policies;
pub mod process;
pub mod provenance;
pub mod scan;
pub mod session;
pub mod setup;
pub mod task;
pub mod tasks;
pub mod trust;
pub mod validate;
pub mod ws;

use super::Problem;
use crate::store::StoreError;
use std::time::Duration;

/// When to come again after the store failed.
const COME_AGAIN: Duration = Duration::from_secs(10);

/// Work on disk or much computing, away from the threads that answer.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::internal())
}

impl From<StoreError> for Problem {
    /// What the disk says is for the operator; a caller learns that nothing was kept, and to come again.
    fn from(failure: StoreError) -> Self {
        match failure {
            StoreError::Unwritable { .. } => {
                let detail = "nothing can be made durable now: the operator's log has the reason";
                Self::unavailable("store", detail, COME_AGAIN)
            }
            StoreError::Query { .. } | StoreError::Closed { .. } => {
                tracing::error!(reason = %failure, "the store failed");
                let detail = "the store did not answer: the operator's log has the reason";
                Self::unavailable("store", detail, COME_AGAIN)
            }
            _ => {
                tracing::error!(reason = %failure, "the store failed");
                Self::internal()
            }
        }
    }
}
