//! Playbooks that a person approved, by digest.

use super::Store;
use super::error::{Fault, StoreError};
use crate::kernel::id::Digest;
use crate::kernel::principal::Principal;
use rusqlite::{Connection, OptionalExtension, params};

#[cfg(test)]
mod tests;

impl Store {
    /// Remembers that `by` approved the playbook `name` as it is. A changed playbook has another digest and asks again.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn pin(&self, name: &str, digest: Digest, by: &Principal) -> Result<(), StoreError> {
        let (name, by, clock) = (name.to_owned(), by.clone(), self.clock.clone());
        self.write(move |db| pin(db, &name, &digest, &by, clock()))
    }

    /// The digest under which the playbook `name` was last approved.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn pinned(&self, name: &str) -> Result<Option<Digest>, StoreError> {
        self.readers.read(|db| pinned(db, name))
    }
}

fn pin(db: &Connection, name: &str, digest: &Digest, by: &Principal, at: i64) -> Result<(), Fault> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO pin (name, digest, by, created) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET digest = ?2, by = ?3, created = ?4",
    )?;
    upsert.execute(params![name, digest.to_string(), by.name(), at])?;
    Ok(())
}

fn pinned(db: &Connection, name: &str) -> Result<Option<Digest>, Fault> {
    let mut select = db.prepare_cached("SELECT digest FROM pin WHERE name = ?1")?;
    let digest: Option<String> = select.query_row([name], |r| r.get(0)).optional()?;
    digest.map(|text| super::journal::parse_digest(&text)).transpose()
}
