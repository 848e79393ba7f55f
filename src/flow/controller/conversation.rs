//! Conversations as a whole: the turns before a request, from memory or from the journal.

use super::Controller;
use crate::session::{Conversation, MOST_TURNS, Turn};
use crate::store::{SessionId, StoreError, TaskRow};
use std::sync::{Arc, PoisonError};

impl Controller {
    /// What was said before a task in its conversation.
    pub(super) fn conversation(&self, row: &TaskRow) -> Result<Conversation, StoreError> {
        // The moment of the request and not of this attempt at it: a restart weighs it the same.
        Ok(Conversation::until(row.created, &self.turns(&row.session, row.turn)?))
    }

    /// A conversation's score now: 0 to 10.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn conversation_score(&self, session: &SessionId) -> Result<f64, StoreError> {
        let now = (self.parts.clock)();
        Ok(Conversation::until(now, &self.turns(session, u32::MAX)?).score())
    }

    /// The turns before the one of this number that are over, oldest first.
    fn turns(&self, session: &SessionId, before: u32) -> Result<Vec<Arc<Turn>>, StoreError> {
        let over = self.parts.store.over_before(session, before, MOST_TURNS)?;
        let known = self.remembered().known(session);
        let mut turns: Vec<(u32, Arc<Turn>)> = Vec::new();
        for task in &over {
            let kept = known.iter().find(|(turn, _)| *turn == task.turn).map(|(_, kept)| kept.clone());
            let turn = match kept {
                Some(turn) => Some(turn),
                None => self.turn(task)?.map(Arc::new),
            };
            turns.extend(turn.map(|turn| (task.turn, turn)));
        }
        self.remembered().keep(session.clone(), turns.clone(), (self.parts.clock)());
        Ok(turns.into_iter().map(|(_, turn)| turn).collect())
    }

    fn turn(&self, task: &TaskRow) -> Result<Option<Turn>, StoreError> {
        let entries = self.parts.store.entries(&task.id)?;
        Ok(Turn::from_entries(task.created, entries.iter().map(|(_, at, entry)| (*at, entry))))
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, crate::session::Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
