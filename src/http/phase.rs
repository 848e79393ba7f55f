//! How far the server is on its way down.

use tokio::sync::watch;
use tokio::time::Instant;

/// Where the server stands. Only ever goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Everything is served.
    Open,
    /// No new tasks; all else is served, until those under way rest.
    Draining,
    /// Streams and connections end. What is still open at this moment is cut off.
    Closing(Instant),
}

/// Waits until connections are to end; tells when they are cut off. At once when nobody is left who could say so.
pub(super) async fn closing(mut phase: watch::Receiver<Phase>) -> Instant {
    match phase.wait_for(|phase| matches!(phase, Phase::Closing(_))).await.as_deref() {
        Ok(Phase::Closing(until)) => *until,
        _ => Instant::now(),
    }
}
