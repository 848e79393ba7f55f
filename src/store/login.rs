//! Sessions of people who logged in. The token itself is never stored, only its hash.

use super::Store;
use super::error::{Fault, StoreError};
use crate::kernel::id::Digest;
use crate::kernel::principal::Principal;
use rusqlite::{Connection, OptionalExtension, Row, params};

#[cfg(test)]
mod tests;

/// A session to be kept.
#[derive(Debug, Clone)]
pub struct NewLogin {
    /// A public name for lists and for ending it; says nothing about the token.
    pub id: String,
    /// The hash of the token.
    pub token: Digest,
    /// Who logged in.
    pub principal: Principal,
    /// From where.
    pub address: String,
}

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRow {
    /// Its public name.
    pub id: String,
    /// Who logged in.
    pub principal: Principal,
    /// From where.
    pub address: String,
    /// When, Unix milliseconds.
    pub created: i64,
    /// When it was last used, as far as was noted, Unix milliseconds.
    pub used: i64,
}

impl Store {
    /// Keeps a session, and of all sessions only the `most` newest.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn add_login(&self, new: &NewLogin, most: u32) -> Result<(), StoreError> {
        let (new, clock) = (new.clone(), self.clock.clone());
        self.write(move |db| add(db, &new, most, clock()))
    }

    /// The session of a token's hash. Whether it is still good is the caller's to judge.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn login(&self, token: Digest) -> Result<Option<LoginRow>, StoreError> {
        let token = token.to_string();
        self.readers.read(|db| {
            let mut select = db
                .prepare_cached("SELECT id, principal, address, created, used FROM login WHERE token = ?1")?;
            Ok(select.query_row([&token], row).optional()?)
        })
    }

    /// The session of a public name. Whether it is still good is the caller's to judge.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn login_named(&self, id: &str) -> Result<Option<LoginRow>, StoreError> {
        self.readers.read(|db| {
            let mut select =
                db.prepare_cached("SELECT id, principal, address, created, used FROM login WHERE id = ?1")?;
            Ok(select.query_row([id], row).optional()?)
        })
    }

    /// All sessions, the newest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn logins(&self) -> Result<Vec<LoginRow>, StoreError> {
        self.readers.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT id, principal, address, created, used FROM login ORDER BY created DESC, rowid DESC",
            )?;
            let rows = select.query_map([], row)?.collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    /// Notes that a session was used now.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn touch_login(&self, id: &str) -> Result<(), StoreError> {
        let (id, clock) = (id.to_owned(), self.clock.clone());
        self.write(move |db| {
            db.execute("UPDATE login SET used = ?2 WHERE id = ?1", params![id, clock()])?;
            Ok(())
        })
    }

    /// Ends a session of `principal`; returns how many there were of that name: 0 or 1.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn end_login(&self, principal: &Principal, id: &str) -> Result<usize, StoreError> {
        let (id, principal) = (id.to_owned(), principal.name().to_owned());
        let end = "DELETE FROM login WHERE id = ?1 AND principal = ?2";
        self.write(move |db| Ok(db.execute(end, params![id, principal])?))
    }

    /// Ends all sessions of `principal`; returns how many there were.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn end_logins(&self, principal: &Principal) -> Result<usize, StoreError> {
        let principal = principal.name().to_owned();
        self.write(move |db| Ok(db.execute("DELETE FROM login WHERE principal = ?1", [principal])?))
    }
}

fn add(db: &Connection, new: &NewLogin, most: u32, at: i64) -> Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT INTO login (id, token, principal, address, created, used) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
    )?;
    insert.execute(params![new.id, new.token.to_string(), new.principal.name(), new.address, at])?;
    db.execute(
        "DELETE FROM login WHERE rowid NOT IN
             (SELECT rowid FROM login ORDER BY created DESC, rowid DESC LIMIT ?1)",
        [most],
    )?;
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<LoginRow> {
    Ok(LoginRow {
        id: row.get(0)?,
        principal: Principal::new(row.get::<_, String>(1)?),
        address: row.get(2)?,
        created: row.get(3)?,
        used: row.get(4)?,
    })
}
