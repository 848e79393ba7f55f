//! What people may see of a worker's answer before it is whole. For display only: nothing of a run depends on it.

use super::id::{CallNo, RunId};

/// Hears a worker's words as they come.
pub trait Listener {
    /// The next words of what may become the answer, without thoughts and markers.
    fn hear(&mut self, words: &str);

    /// What was heard so far does not count: the worker begins anew.
    fn begin_anew(&mut self);
}

/// The next of a worker's words, screened and made safe to show, or that there will be no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Glimpse {
    /// Words.
    Words {
        /// How many characters of this answer were shown before; 0 begins anew, and with no words takes back what was shown.
        from: usize,
        /// The words.
        text: String,
    },
    /// Nothing more is shown of this call; says why, and nothing of what it holds.
    Stopped(&'static str),
}

/// Sees what may be shown. Must not block: a run does not wait for those who watch it.
pub trait Onlooker: Send + Sync {
    /// Whether anybody sees this run's glimpses just now; while nobody does, none are made.
    fn watches(&self, run: &RunId) -> bool;

    /// A glimpse of this call's answer.
    fn see(&self, run: &RunId, call: CallNo, glimpse: Glimpse);
}
