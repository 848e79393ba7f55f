//! Questions by the name under which people answer them from elsewhere.

use super::{QuestionRow, QuestionState, SELECT, from_row};
use crate::kernel::id::Digest;
use crate::kernel::principal::Principal;
use crate::store::{Store, StoreError};
use rusqlite::params;

impl QuestionRow {
    /// The name under which a person answers it from elsewhere.
    pub fn approval_id(&self) -> String {
        approval_id(&self.digest)
    }
}

/// Hexadecimal digits of an approval's id: 64 bits of the digest, so that the id is bound to what it approves. A
/// name, not a secret.
const APPROVAL_ID_DIGITS: usize = 16;

/// The name under which a person answers the question with this digest from elsewhere.
pub fn approval_id(digest: &Digest) -> String {
    digest.to_string().chars().take(APPROVAL_ID_DIGITS).collect()
}

impl Store {
    /// The latest question with this approval id, open or not.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn approval(&self, id: &str) -> Result<Option<QuestionRow>, StoreError> {
        if id.len() != APPROVAL_ID_DIGITS || !id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Ok(None);
        }
        self.readers.read(|db| {
            let sql =
                format!("{SELECT} WHERE digest >= ?1 AND digest < ?1 || 'g' ORDER BY rowid DESC LIMIT 1");
            db.prepare_cached(&sql)?.query_and_then([id], from_row)?.next().transpose()
        })
    }

    /// Questions about a principal's tasks, the latest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn approvals(&self, which: &Approvals<'_>) -> Result<Vec<QuestionRow>, StoreError> {
        self.readers.read(|db| {
            let sql = format!(
                "{SELECT} WHERE (?1 IS NULL OR state = ?1)
                 AND (?2 IS NULL OR (created, rowid) < (SELECT created, rowid FROM question WHERE id = ?2))
                 AND EXISTS (SELECT 1 FROM task WHERE task.id = question.run AND task.principal = ?3)
                 ORDER BY created DESC, rowid DESC LIMIT ?4"
            );
            let state = which.state.map(QuestionState::as_str);
            let values = params![state, which.before, which.principal.name(), which.limit];
            db.prepare_cached(&sql)?.query_and_then(values, from_row)?.collect()
        })
    }
}

/// Which questions a list shows.
#[derive(Debug, Clone, Copy)]
pub struct Approvals<'a> {
    /// About whose tasks.
    pub principal: &'a Principal,
    /// In this state, or in any.
    pub state: Option<QuestionState>,
    /// Those before the question with this id; from the latest on otherwise.
    pub before: Option<&'a str>,
    /// At most so many.
    pub limit: u32,
}
