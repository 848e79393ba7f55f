//! Conversations as a whole: what no single request shows.
//!
//! A request is weighed with the turns before it: what they were about, what scanners found in them, whether gates stopped
//! them, and how alike they are. Eight rules give points, points add up to a score, and the score fades while nobody speaks. Nothing
//! here acts or asks for the time: turns come in as data, so that the journal's turns give the same state after a restart.
//!
//! A tripwire like the scanners: it hinders those who try again and again; labels and policy hold what it lets through.

mod conversation;
mod fragment;
mod mark;
mod rule;
mod sessions;
mod sketch;
mod tongue;
mod turn;

pub use conversation::{Conversation, minutes_until_below};
pub use sessions::Sessions;
pub use turn::{Turn, Words};

/// From this score on a result carries a warning.
pub const WARN: f64 = 3.0;
/// From this score on a request is not planned.
pub const BLOCK: f64 = 5.0;
/// How much a score falls by each whole minute in which nothing was asked and nothing ran.
pub const FADE_PER_MINUTE: f64 = 2.0;
/// After so long without a request a conversation's past does not count any more, in milliseconds.
pub const TTL_MILLIS: i64 = 3_600_000;
/// Most turns of a conversation that are looked back at.
pub const MOST_TURNS: u32 = 40;
/// Most conversations that are kept in memory; the one that was idle longest goes, and is read from the journal again.
pub const MOST_SESSIONS: usize = 1_000;
