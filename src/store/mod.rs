//! The durable part: an append-only journal, the values beside it, runs, questions and written files, in one
//! SQLite file per data directory.
//!
//! One thread writes ([`writer`]) and answers only what is on the disk; readers have connections of their own and
//! never wait for it. Every table is one file of this folder. Nothing outside this folder speaks SQL.

mod call;
mod datum;
mod durability;
mod edit;
mod error;
mod file;
mod journal;
mod lock;
mod login;
mod migrate;
mod pin;
mod private;
mod question;
mod reader;
mod run;
mod secret;
mod slot;
mod task;
#[cfg(test)]
mod tests;
mod throttle;
mod verify;
mod writer;

pub use call::{CallState, RecordedCall};
pub use datum::{AddedDatum, DatumId, DatumRow, Provenance, TrustLevel};
pub use durability::{Durability, FULL};
pub use edit::RecordedEdit;
pub use error::StoreError;
pub use journal::Record;
pub use login::{LoginRow, NewLogin};
pub use question::{
    Answer, AnswerError, Answered, ApprovalError, Approvals, NewQuestion, QuestionKind, QuestionRow,
    QuestionState, approval_id,
};
pub use run::{RunRow, RunState};
pub use secret::SetUp;
pub use task::{
    Accepted, Closing, LevelRecord, ListedSession, ListedTask, NewTask, Session, SessionId, SessionRow,
    StopAsked, TaskFilter, TaskRow, TaskState,
};
pub use throttle::ThrottleRow;
pub use verify::{Problem, VerifyReport};
pub use writer::Health;

use crate::kernel::id::{Digest, RunId};
use crate::kernel::port::{Journal, JournalFailure};
use crate::kernel::record::{Entry, Seq};
use error::Fault;
use journal::Prepared;
use reader::Readers;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use writer::Writer;

/// The database's name in the data directory.
pub const FILE_NAME: &str = "sentinel.db";

/// Tells the time, Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How far in the future a moment of ours may lie before it says that the clock was set back, in milliseconds. Ours: more
/// than a time service corrects at once while it runs well, and little beside the life of a question.
pub const SLACK_MS: i64 = 60_000;

/// The store of one data directory. Shared by reference between threads; closes when dropped.
pub struct Store {
    writer: Option<Writer>,
    readers: Readers,
    clock: Clock,
    dir: PathBuf,
    newest: watch::Sender<Seq>,
    // Last, so that the directory is free only after the writer is gone.
    _lock: Option<lock::DirLock>,
}

impl Store {
    /// Opens the store in `dir` for reading and writing; makes directory (0700) and file (0600) when they are not
    /// there, and brings an older file's tables up to date.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another process writes; [`StoreError::Newer`], [`StoreError::Foreign`];
    /// [`StoreError::Open`] with what the system says.
    pub fn open(dir: &Path, clock: Clock) -> Result<Self, StoreError> {
        let failed = |what: &str, e: std::io::Error| StoreError::Open {
            dir: dir.to_owned(),
            reason: format!("{what}: {e}; check that the path is right and this user may write there"),
        };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| failed("cannot make it", e))?;
        let lock = lock::DirLock::take(dir)?;
        let path = dir.join(FILE_NAME);
        // SQLite gives its log files the mode of the database, so this one must be right first.
        #[expect(clippy::disallowed_methods, reason = "the store opens its own files")]
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(|e| failed("cannot open its database", e))?;
        file.set_permissions(Permissions::from_mode(0o600))
            .map_err(|e| failed("cannot protect its file", e))?;
        drop(file);
        let db = open_writing(&path).map_err(|e| match e {
            StoreError::Unwritable { reason, .. } | StoreError::Query { reason, .. } => {
                StoreError::Open { dir: dir.to_owned(), reason: format!("{reason}; check the disk") }
            }
            other => other,
        })?;
        let writer = Writer::start(db, &path)?;
        Ok(Self {
            writer: Some(writer),
            readers: Readers::new(&path),
            clock,
            dir: dir.to_owned(),
            newest: watch::Sender::new(Seq(0)),
            _lock: Some(lock),
        })
    }

    /// Opens the store in `dir` for inspection, also while another process writes to it.
    ///
    /// # Errors
    /// When there is none, or it is not of this release's format.
    pub fn open_read_only(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE_NAME);
        let readers = Readers::new(&path);
        let db = readers.open().map_err(|e| StoreError::Open {
            dir: dir.to_owned(),
            reason: format!("{e}; check that the path is right: there must be a {FILE_NAME} in it"),
        })?;
        let found = migrate::check(&db, &path)?;
        if found < migrate::NEWEST {
            return Err(StoreError::Older { path, found, known: migrate::NEWEST });
        }
        let (clock, newest) = (Arc::new(|| 0), watch::Sender::new(Seq(0)));
        Ok(Self { writer: None, readers, clock, dir: dir.to_owned(), newest, _lock: None })
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether the last commit worked. A store opened for reading only is healthy.
    pub fn health(&self) -> Health {
        self.writer.as_ref().map_or(Health::Healthy, Writer::health)
    }

    /// How many transactions were committed since opening: fewer than pieces of work where producers shared them.
    pub fn commits(&self) -> u64 {
        self.writer.as_ref().map_or(0, Writer::commits)
    }

    /// Commits once, to see whether records can be made durable; after a failure the commit needs space.
    ///
    /// # Errors
    /// When they cannot.
    pub fn probe(&self) -> Result<(), StoreError> {
        self.write(|_| Ok(()))
    }

    /// Appends a record and returns once it is durable.
    ///
    /// # Errors
    /// When it could not be made durable: then it is not there.
    pub fn append(&self, run: &RunId, entry: &Entry) -> Result<Seq, StoreError> {
        let new = Prepared::new(run, entry).map_err(|e| self.at(e))?;
        let clock = self.clock.clone();
        let seq = self.write(move |db| journal::append(db, new, clock()))?;
        self.tell(seq);
        Ok(seq)
    }

    /// Tells of every further record, once it is durable. Starts at 0, whatever there is already; a watcher that
    /// was busy sees the newest only, and reads the rest by [`Store::records_after`].
    pub fn watch(&self) -> watch::Receiver<Seq> {
        self.newest.subscribe()
    }

    fn tell(&self, seq: Seq) {
        self.newest.send_if_modified(|newest| {
            let newer = seq > *newest;
            *newest = seq.max(*newest);
            newer
        });
    }

    /// A run's records with their values, in order.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when a record or a value is not what was written.
    pub fn records(&self, run: &RunId) -> Result<Vec<Record>, StoreError> {
        self.readers.read(|db| journal::of_run(db, run))
    }

    /// The records of a run's drafts, in order: what its planner thought, and what that took.
    ///
    /// # Errors
    /// As [`Store::records`].
    pub fn drafts(&self, run: &RunId) -> Result<Vec<Record>, StoreError> {
        self.readers.read(|db| journal::drafts(db, run))
    }

    /// A run's entries: place, time (Unix milliseconds), entry. [`Store::records`] tells more.
    ///
    /// # Errors
    /// As [`Store::records`].
    pub fn entries(&self, run: &RunId) -> Result<Vec<(Seq, i64, Entry)>, StoreError> {
        Ok(self.records(run)?.into_iter().map(|r| (r.seq, r.at, r.entry)).collect())
    }

    /// At most `limit` records of all runs after `after`; from the start with `Seq(0)`.
    ///
    /// # Errors
    /// As [`Store::records`].
    pub fn records_after(&self, after: Seq, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.readers.read(|db| journal::after(db, after, limit))
    }

    /// The newest record; `Seq(0)` when there is none.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn newest(&self) -> Result<Seq, StoreError> {
        self.readers.read(|db| Ok(journal::head(db)?.map_or(Seq(0), |head| head.seq)))
    }

    /// Walks the whole journal.
    ///
    /// # Errors
    /// When it could not be read at all; whatever is wrong in it is in the report.
    pub fn verify(&self) -> Result<VerifyReport, StoreError> {
        self.readers.read(verify::verify)
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.writer {
            Some(writer) => writer.run(work),
            None => Err(StoreError::ReadOnly { dir: self.dir.clone() }),
        }
    }

    fn at(&self, fault: Fault) -> StoreError {
        fault.at(&self.dir.join(FILE_NAME))
    }
}

impl Journal for Store {
    fn record(&self, run: &RunId, entry: &Entry) -> Result<Seq, JournalFailure> {
        self.append(run, entry).map_err(|e| JournalFailure(e.to_string()))
    }

    fn record_approved(&self, run: &RunId, entry: &Entry, question: Digest) -> Result<Seq, JournalFailure> {
        Self::record_approved(self, run, entry, &question).map_err(|e| JournalFailure(e.to_string()))
    }
}

fn open_writing(path: &Path) -> Result<Connection, StoreError> {
    let at = |e: rusqlite::Error| Fault::from(e).at(path);
    let mut db = Connection::open(path).map_err(at)?;
    // Before anything is written: a foreign or newer file stays as it is.
    migrate::check(&db, path)?;
    db.busy_timeout(Duration::from_secs(5)).map_err(at)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |r| r.get(0)).map_err(at)?;
    if mode != "wal" {
        let reason = format!("its journal mode is {mode} and cannot be WAL; use a local disk");
        return Err(StoreError::Query { path: path.to_owned(), reason });
    }
    db.pragma_update(None, "synchronous", "FULL").map_err(at)?;
    db.pragma_update(None, "foreign_keys", true).map_err(at)?;
    db.pragma_update(None, "trusted_schema", false).map_err(at)?;
    // Erased values are overwritten, not only unlinked.
    db.pragma_update(None, "secure_delete", true).map_err(at)?;
    migrate::migrate(&mut db, path)?;
    plan_once(&db).map_err(at)?;
    Ok(db)
}

/// Statements that are kept ready by each connection; there are fewer kinds of them.
const STATEMENTS: usize = 128;

/// Has each statement parsed and planned once for a connection, whatever values it is given later: without that, SQLite
/// plans anew for each value that it might make use of, which took a quarter of the writer's time.
fn plan_once(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}
