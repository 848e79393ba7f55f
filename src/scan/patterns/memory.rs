//! What patterns remember of the texts that they have read: states of their automata, which make the next search fast.
//!
//! Each pattern's memory has a bound, but there are hundreds. Here is one for all patterns of a thread together: beyond it, those
//! that were not used for longest forget, which costs them a slower search.

use regex_automata::meta::{Cache, Regex};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(test)]
mod tests;

/// Most bytes that the patterns of one thread remember.
const MOST: usize = 6 << 20;

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static REMEMBERED: RefCell<Remembered> = const { RefCell::new(Remembered::new(MOST)) };
}

/// Whose memory.
///
/// INVARIANT: no two patterns have the same, as one's automaton must not run on another's states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(usize);

impl Id {
    pub(super) fn next() -> Self {
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Runs a search with what its pattern remembers on this thread.
pub(super) fn with<T>(id: Id, regex: &Regex, search: impl FnOnce(&mut Cache) -> T) -> T {
    // Taken out while it is used: a search that panics leaves no half-written states behind.
    let kept = REMEMBERED.with_borrow_mut(|remembered| remembered.take(id));
    let mut cache = kept.unwrap_or_else(|| Box::new(regex.create_cache()));
    let out = search(&mut cache);
    REMEMBERED.with_borrow_mut(|remembered| remembered.keep(id, cache));
    out
}

/// What the patterns of a thread remember, by their ids.
struct Remembered {
    kept: Vec<Option<Kept>>,
    /// Bytes of all that is kept.
    bytes: usize,
    most: usize,
    /// Counts the searches.
    now: u64,
}

struct Kept {
    cache: Box<Cache>,
    bytes: usize,
    used: u64,
}

impl Remembered {
    const fn new(most: usize) -> Self {
        Self { kept: Vec::new(), bytes: 0, most, now: 0 }
    }

    fn take(&mut self, id: Id) -> Option<Box<Cache>> {
        let kept = self.kept.get_mut(id.0)?.take()?;
        self.bytes -= kept.bytes;
        Some(kept.cache)
    }

    fn keep(&mut self, id: Id, cache: Box<Cache>) {
        if self.kept.len() <= id.0 {
            self.kept.resize_with(id.0 + 1, || None);
        }
        self.now += 1;
        let bytes = cache.memory_usage() + size_of::<Cache>();
        self.bytes += bytes;
        if let Some(place) = self.kept.get_mut(id.0) {
            *place = Some(Kept { cache, bytes, used: self.now });
        }
        if self.bytes > self.most {
            self.forget();
        }
    }

    /// Down to three quarters, so that it is not to be done again at once.
    fn forget(&mut self) {
        let mut oldest: Vec<(u64, usize)> =
            self.kept.iter().enumerate().filter_map(|(n, kept)| Some((kept.as_ref()?.used, n))).collect();
        oldest.sort_unstable();
        for (_, n) in oldest {
            if self.bytes <= self.most / 4 * 3 {
                return;
            }
            self.take(Id(n));
        }
    }
}
