//! How the connection that writes is set, as SQLite says of itself.

use super::Store;
use super::error::{Fault, StoreError};

/// What `synchronous` must be at least, in SQLite's numbers: FULL, which waits for the disk at every commit.
pub const FULL: i64 = 2;

/// How the writing connection is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durability {
    /// `journal_mode`; `wal` as this store sets it.
    pub journal_mode: String,
    /// `synchronous`; [`FULL`] as this store sets it.
    pub synchronous: i64,
}

impl Store {
    /// Asks the connection in use, inside a commit.
    ///
    /// # Errors
    /// When nothing can be written.
    pub fn durability(&self) -> Result<Durability, StoreError> {
        self.write(|db| {
            let journal_mode = db.pragma_query_value(None, "journal_mode", |r| r.get(0));
            let synchronous = db.pragma_query_value(None, "synchronous", |r| r.get(0));
            Ok::<_, Fault>(Durability { journal_mode: journal_mode?, synchronous: synchronous? })
        })
    }
}
