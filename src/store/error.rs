//! What can go wrong in the store, told with what, where and what to do.

use std::path::{Path, PathBuf};

/// The store could not do what was asked. Cheap to clone: one failed commit is the answer to many waiters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the lock.
    #[error(
        "the store in {} is in use by {}: stop it, or give this one a data directory of its own",
        dir.display(),
        pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
    )]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// Who holds it, as the lock file says; `None` when it does not say.
        pid: Option<u32>,
    },
    /// A later release wrote it.
    #[error(
        "the store {} has format {found}, this release knows up to {known}: use the release that wrote it, or a \
         newer one",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// An earlier release wrote it, and it was opened for reading only.
    #[error(
        "the store {} has the old format {found} of {known}: run anything that writes to it once, which brings it \
         up to date",
        path.display()
    )]
    Older {
        /// The database file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format known here.
        known: u32,
    },
    /// The file belongs to something else.
    #[error("{} is not a Sentinel store: name another data directory, or move that file away", path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// It could not be opened or made.
    #[error("cannot open the store in {}: {reason}", dir.display())]
    Open {
        /// The data directory.
        dir: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Writing was asked of a store that was opened for reading only.
    #[error("the store in {} was opened for reading only", dir.display())]
    ReadOnly {
        /// The data directory.
        dir: PathBuf,
    },
    /// Nothing can be made durable now. Nothing of the refused work is visible.
    #[error("the store {} cannot make records durable: {reason}; free or repair the disk, then try again", path.display())]
    Unwritable {
        /// The database file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// One request failed; the store itself is sound.
    #[error("the store {} could not answer: {reason}", path.display())]
    Query {
        /// The database file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// What is stored is not what was stored. Nothing is replayed from it.
    #[error("the store {} is damaged: {what}; restore a backup, or inspect it with `sentinel audit verify`", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// Where and how.
        what: String,
    },
    /// The writer is gone, because the store is closing.
    #[error("the store in {} is closed", dir.display())]
    Closed {
        /// The data directory.
        dir: PathBuf,
    },
}

/// An error on its way up, before the place is known. Work on a connection answers with this.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    Damaged(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        // serde's message may quote a value; only its class and place go up.
        Self::Damaged(format!("a row is not the JSON it should be ({:?} error)", error.classify()))
    }
}

impl Fault {
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }

    /// Whether the connection, not the request, is at fault: the whole batch is void then.
    pub(super) fn is_fatal(&self) -> bool {
        use rusqlite::ErrorCode as Code;
        let Self::Sqlite(rusqlite::Error::SqliteFailure(error, _)) = self else { return false };
        matches!(
            error.code,
            Code::DiskFull
                | Code::SystemIoFailure
                | Code::OutOfMemory
                | Code::DatabaseCorrupt
                | Code::NotADatabase
                | Code::ReadOnly
                | Code::CannotOpen
                | Code::DatabaseBusy
                | Code::DatabaseLocked
                | Code::FileLockingProtocolFailed
                | Code::PermissionDenied
        )
    }

    /// The error for callers, with its place.
    pub(super) fn at(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        let fatal = self.is_fatal();
        match self {
            Self::Damaged(what) => StoreError::Damaged { path, what },
            Self::Sqlite(error) if fatal => StoreError::Unwritable { path, reason: error.to_string() },
            Self::Sqlite(error) => StoreError::Query { path, reason: error.to_string() },
        }
    }
}
