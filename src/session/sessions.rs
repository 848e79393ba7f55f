//! The conversations that are kept in memory. All of it can be read from the journal again.

use super::turn::Turn;
use super::{MOST_SESSIONS, TTL_MILLIS};
use crate::store::SessionId;
use std::collections::HashMap;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Turns by conversation, each with its number.
#[derive(Debug, Default)]
pub struct Sessions {
    kept: HashMap<SessionId, Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    turns: Vec<(u32, Arc<Turn>)>,
    /// Unix milliseconds.
    used: i64,
}

impl Sessions {
    /// The turns that are known of a conversation, by their numbers.
    pub fn known(&self, session: &SessionId) -> Vec<(u32, Arc<Turn>)> {
        self.kept.get(session).map(|kept| kept.turns.clone()).unwrap_or_default()
    }

    /// Keeps a conversation's turns; those that were idle for longer than their time go, and of too many the idlest.
    pub fn keep(&mut self, session: SessionId, turns: Vec<(u32, Arc<Turn>)>, now: i64) {
        self.kept.retain(|_, kept| now.saturating_sub(kept.used) < TTL_MILLIS);
        self.kept.insert(session, Kept { turns, used: now });
        while self.kept.len() > MOST_SESSIONS {
            let idlest = self.kept.iter().min_by_key(|(id, kept)| (kept.used, (*id).clone()));
            let Some(idlest) = idlest.map(|(id, _)| id.clone()) else { return };
            self.kept.remove(&idlest);
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.kept.len()
    }
}
