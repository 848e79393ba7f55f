//! Connections for reading. In WAL mode a reader sees the last commit and never waits for the writer.

use super::error::{Fault, StoreError};
use super::plan_once;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Idle connections that are kept; under more readers than this, further ones are opened and closed again.
const MAX_IDLE: usize = 4;
/// How long a reader waits where SQLite needs a lock at all (opening, recovery after a crash).
const BUSY: Duration = Duration::from_secs(5);

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::new(Vec::new()) }
    }

    /// Reads in one consistent snapshot.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => self.open().map_err(|e| Fault::from(e).at(&self.path))?,
        };
        let outcome = snapshot(&db, work);
        if outcome.is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < MAX_IDLE {
                idle.push(db);
            }
        }
        outcome.map_err(|fault| match fault {
            // Reading never makes anything durable, so the message must not speak of that.
            Fault::Sqlite(e) => StoreError::Query { path: self.path.clone(), reason: e.to_string() },
            damaged @ Fault::Damaged(_) => damaged.at(&self.path),
        })
    }

    /// A new connection that cannot write.
    pub(super) fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.path, flags)?;
        db.busy_timeout(BUSY)?;
        db.pragma_update(None, "trusted_schema", false)?;
        plan_once(&db)?;
        Ok(db)
    }
}

/// INVARIANT: a connection whose work failed is closed, which ends its snapshot.
fn snapshot<T>(db: &Connection, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
    db.prepare_cached("BEGIN")?.execute([])?;
    let out = work(db)?;
    db.prepare_cached("COMMIT")?.execute([])?;
    Ok(out)
}
