//! The tables, as numbered steps. A step is never changed once released; a new one is added below it.

use super::error::{Fault, StoreError};
use rusqlite::Connection;
use std::path::Path;

/// Marks the file as ours ("SNTL"), so that somebody else's database is never touched.
const APPLICATION_ID: i32 = 0x534e_544c;

const STEPS: &[&str] = &[
    r"
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('running', 'waiting', 'done', 'refused', 'failed', 'stopped')),
    principal TEXT,
    channel TEXT,
    request INTEGER REFERENCES datum (id) DEFERRABLE INITIALLY DEFERRED,
    plan_digest TEXT,
    open_questions INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    last_seq INTEGER NOT NULL REFERENCES record (seq) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX run_by_state ON run (state, created);

CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run (id),
    entry TEXT NOT NULL,
    call INTEGER,
    at INTEGER NOT NULL,
    payload BLOB NOT NULL,
    prev TEXT NOT NULL CHECK (length(prev) = 64),
    digest TEXT NOT NULL CHECK (length(digest) = 64)
) STRICT;
CREATE INDEX record_by_run ON record (run, seq);
CREATE TRIGGER record_is_append_only BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER record_is_kept BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE datum (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run (id),
    seq INTEGER REFERENCES record (seq) DEFERRABLE INITIALLY DEFERRED,
    part TEXT NOT NULL,
    origin INTEGER NOT NULL CHECK (origin IN (0, 1)),
    call INTEGER,
    trust_level TEXT NOT NULL CHECK (trust_level IN ('trusted', 'untrusted')),
    source TEXT NOT NULL,
    label TEXT NOT NULL,
    scan_results TEXT NOT NULL,
    derived_from TEXT NOT NULL,
    digest TEXT NOT NULL,
    value BLOB,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX datum_by_run ON datum (run, id);
CREATE INDEX datum_origins ON datum (run, id) WHERE origin = 1;
CREATE INDEX datum_by_record ON datum (seq);

CREATE TABLE question (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    run TEXT NOT NULL,
    call INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('plan', 'call')),
    payload TEXT,
    state TEXT NOT NULL
        CHECK (state IN ('pending', 'approved', 'denied', 'expired', 'cancelled', 'superseded')),
    created INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    answered_by TEXT,
    answered_at INTEGER,
    reason TEXT,
    used_by_seq INTEGER UNIQUE REFERENCES record (seq)
) STRICT;
CREATE UNIQUE INDEX question_pending_once ON question (run, digest) WHERE state = 'pending';
CREATE INDEX question_by_state ON question (state, created);
CREATE INDEX question_by_run ON question (run, digest);

CREATE TABLE file (
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    label TEXT NOT NULL,
    run TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (path, digest)
) STRICT;

CREATE TABLE pin (
    name TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    by TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT;
",
    r"
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    principal TEXT NOT NULL,
    risk INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE task (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES session (id),
    turn INTEGER NOT NULL,
    principal TEXT NOT NULL,
    order_digest TEXT NOT NULL,
    task_order TEXT,
    idempotency TEXT,
    stop_asked INTEGER,
    trust_level INTEGER NOT NULL,
    created INTEGER NOT NULL,
    closed INTEGER,
    incident INTEGER NOT NULL DEFAULT 0 CHECK (incident IN (0, 1)),
    UNIQUE (session, turn)
) STRICT;
CREATE UNIQUE INDEX task_once ON task (principal, idempotency) WHERE idempotency IS NOT NULL;
CREATE INDEX task_open ON task (created) WHERE closed IS NULL;
CREATE INDEX task_by_level ON task (trust_level, incident) WHERE closed IS NOT NULL;
CREATE INDEX question_by_digest ON question (digest);

CREATE TABLE login (
    id TEXT PRIMARY KEY,
    token TEXT NOT NULL UNIQUE CHECK (length(token) = 64),
    principal TEXT NOT NULL,
    address TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT;

CREATE TABLE throttle (
    bucket TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    until INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT;

CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;
",
    r"
ALTER TABLE question ADD COLUMN edited_args TEXT
    CHECK (edited_args IS NULL OR (kind = 'call' AND state = 'superseded'));
",
    // While a deferred reference is open, each new row of its parent looks for its children: without an index that reads
    // all runs for each record.
    r"
CREATE INDEX run_by_last_seq ON run (last_seq);
CREATE INDEX run_by_request ON run (request);
",
    // A reply can be asked about too. SQLite changes a check only with its table.
    r"
CREATE TABLE question_new (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    run TEXT NOT NULL,
    call INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('plan', 'call', 'reply')),
    payload TEXT,
    state TEXT NOT NULL
        CHECK (state IN ('pending', 'approved', 'denied', 'expired', 'cancelled', 'superseded')),
    created INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    answered_by TEXT,
    answered_at INTEGER,
    reason TEXT,
    used_by_seq INTEGER UNIQUE REFERENCES record (seq),
    edited_args TEXT CHECK (edited_args IS NULL OR (kind = 'call' AND state = 'superseded'))
) STRICT;
INSERT INTO question_new SELECT id, digest, run, call, kind, payload, state, created, expires_at, answered_by,
    answered_at, reason, used_by_seq, edited_args FROM question ORDER BY rowid;
DROP TABLE question;
ALTER TABLE question_new RENAME TO question;
CREATE UNIQUE INDEX question_pending_once ON question (run, digest) WHERE state = 'pending';
CREATE INDEX question_by_state ON question (state, created);
CREATE INDEX question_by_run ON question (run, digest);
CREATE INDEX question_by_digest ON question (digest);
",
    // Lists of one principal, the newest first: an index ends with the rowid.
    r"
CREATE INDEX task_by_principal ON task (principal);
CREATE INDEX session_by_principal ON session (principal);
",
];

/// The newest format.
pub(super) const NEWEST: u32 = STEPS.len() as u32;

/// Brings the tables up to [`NEWEST`].
pub(super) fn migrate(db: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = check(db, path)?;
    for (step, sql) in (1u32..).zip(STEPS.iter()).skip(found as usize) {
        apply(db, step, sql).map_err(|e| e.at(path))?;
    }
    Ok(())
}

/// The file's format, when it is ours and not newer than this release.
pub(super) fn check(db: &Connection, path: &Path) -> Result<u32, StoreError> {
    let foreign = |e: rusqlite::Error| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::Foreign { path: path.to_owned() },
        _ => Fault::from(e).at(path),
    };
    let found: u32 = db.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(foreign)?;
    let owner: i32 = db.pragma_query_value(None, "application_id", |r| r.get(0)).map_err(foreign)?;
    let tables: u32 =
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)).map_err(foreign)?;
    if owner != APPLICATION_ID && (found > 0 || tables > 0 || owner != 0) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    if found > NEWEST {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: NEWEST });
    }
    Ok(found)
}

fn apply(db: &mut Connection, step: u32, sql: &str) -> Result<(), Fault> {
    let tx = db.transaction()?;
    tx.execute_batch(sql)?;
    tx.pragma_update(None, "user_version", step)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.commit()?;
    Ok(())
}
