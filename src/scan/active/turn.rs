//! How many texts are scanned at the same time.

use std::sync::{Condvar, Mutex, PoisonError};

/// Lets so many in, and the others wait. Scanning keeps a core busy: more at once would only slow each other down until
/// they seem to hang, and each thread keeps memory for the patterns that it has run.
#[derive(Debug)]
pub(super) struct Turns {
    free: Mutex<usize>,
    freed: Condvar,
}

/// The right to scan one text, until it is dropped.
#[derive(Debug)]
#[must_use]
pub(super) struct Turn<'t>(&'t Turns);

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Self { free: Mutex::new(at_once), freed: Condvar::new() }
    }

    /// Waits for a turn. Nobody keeps one for longer than the scanners' time limits.
    pub(super) fn take(&self) -> Turn<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
