//! Waiting that somebody may cut short: what a task waits for is of no use to it once it is to stop.
//!
//! Which task a thread works for goes with the thread and not with each call, so that no port needs a word for it.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// How often whoever waits looks up: well below what a person notices.
pub(super) const LOOK_UP: Duration = Duration::from_millis(100);

thread_local! {
    static STOP: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// Does `work` on this thread. Once `stop` is raised, its exchanges, pauses and children's answers are waited for no longer:
/// exchanges and children fail as given up.
pub fn until<R>(stop: &Arc<AtomicBool>, work: impl FnOnce() -> R) -> R {
    let _back = Before(STOP.replace(Some(Arc::clone(stop))));
    work()
}

/// What was in force before, put back however the work ends.
struct Before(Option<Arc<AtomicBool>>);

impl Drop for Before {
    fn drop(&mut self) {
        STOP.set(self.0.take());
    }
}

/// Whether this thread is to wait no longer.
pub fn is_raised() -> bool {
    STOP.with_borrow(|stop| stop.as_ref().is_some_and(|stop| stop.load(Ordering::Acquire)))
}

/// Ends when this thread is to wait no longer; for a runtime that lives on this thread alone.
pub(super) async fn raised() {
    while !is_raised() {
        tokio::time::sleep(LOOK_UP).await;
    }
}
