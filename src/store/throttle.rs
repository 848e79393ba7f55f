//! Wrong guesses, by where they came from, so that a restart forgives none.

use super::Store;
use super::error::{Fault, StoreError};
use rusqlite::{Connection, params};

#[cfg(test)]
mod tests;

/// What is remembered of one bucket of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottleRow {
    /// Which: a kind and an address or network.
    pub bucket: String,
    /// Wrong guesses since it was last forgotten.
    pub failures: u32,
    /// No guess is taken before this moment, Unix milliseconds.
    pub until: i64,
    /// The last wrong guess, Unix milliseconds.
    pub updated: i64,
}

impl Store {
    /// Remembers these buckets as they are now; one without failures is forgotten.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn put_throttles(&self, rows: Vec<ThrottleRow>) -> Result<(), StoreError> {
        self.write(move |db| rows.iter().try_for_each(|row| put(db, row)))
    }

    /// All buckets.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn throttles(&self) -> Result<Vec<ThrottleRow>, StoreError> {
        self.readers.read(|db| {
            let mut select = db.prepare_cached("SELECT bucket, failures, until, updated FROM throttle")?;
            let rows = select.query_map([], |r| {
                Ok(ThrottleRow {
                    bucket: r.get(0)?,
                    failures: r.get(1)?,
                    until: r.get(2)?,
                    updated: r.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn put(db: &Connection, row: &ThrottleRow) -> Result<(), Fault> {
    if row.failures == 0 {
        db.execute("DELETE FROM throttle WHERE bucket = ?1", [&row.bucket])?;
        return Ok(());
    }
    let mut upsert = db.prepare_cached(
        "INSERT INTO throttle (bucket, failures, until, updated) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (bucket) DO UPDATE SET failures = ?2, until = ?3, updated = ?4",
    )?;
    upsert.execute(params![row.bucket, row.failures, row.until, row.updated])?;
    Ok(())
}
