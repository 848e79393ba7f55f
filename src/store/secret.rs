//! Hashes of secrets that were set by people: the PIN, the one-time code that lets somebody set it, and what sessions hang on;
//! and the key of the hashes that stand for words taken out of texts.

use super::Store;
use super::error::{Fault, StoreError};
use crate::kernel::id::Digest;
use crate::kernel::port::RedactionKey;
use rusqlite::{Connection, OptionalExtension, params};

#[cfg(test)]
mod tests;

const PIN: &str = "pin";
const SETUP_CODE: &str = "setup_code";
const LOGIN_MARK: &str = "login_mark";
const REDACTION_KEY: &str = "redaction_key";

/// How an attempt to set the first PIN came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum SetUp {
    /// The PIN is set and the code is used up.
    Done,
    /// There is no such code, or no longer.
    WrongCode,
    /// A PIN was set before.
    AlreadySet,
}

impl Store {
    /// The hash of the PIN that was set by setup, in PHC text form.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn pin_hash(&self) -> Result<Option<String>, StoreError> {
        self.readers.read(|db| hash(db, PIN))
    }

    /// Sets the PIN, first or another. All sessions are over, and a setup code is used up, all or nothing.
    ///
    /// # Errors
    /// When it could not be made durable: then all is as it was.
    pub fn put_pin(&self, pin_hash: &str) -> Result<(), StoreError> {
        let (pin_hash, clock) = (pin_hash.to_owned(), self.clock.clone());
        self.write(move |db| {
            db.execute("DELETE FROM secret WHERE name = ?1", [SETUP_CODE])?;
            db.execute("DELETE FROM login", [])?;
            put(db, PIN, &pin_hash, clock())
        })
    }

    /// What tells by which PIN the sessions were opened.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn login_mark(&self) -> Result<Option<String>, StoreError> {
        self.readers.read(|db| hash(db, LOGIN_MARK))
    }

    /// Remembers by which PIN sessions are opened from now on.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn put_login_mark(&self, mark: &str) -> Result<(), StoreError> {
        let (mark, clock) = (mark.to_owned(), self.clock.clone());
        self.write(move |db| put(db, LOGIN_MARK, &mark, clock()))
    }

    /// The key of the hashes that stand for words taken out of texts. Made when it is first asked for and never changed, so
    /// that equal words always have one hash. Whoever can read it here can read the journal beside it.
    ///
    /// # Errors
    /// When it could not be read or made durable.
    pub fn redaction_key(&self) -> Result<RedactionKey, StoreError> {
        let clock = self.clock.clone();
        let key = match self.readers.read(redaction_key)? {
            Some(key) => key,
            None => self.write(move |db| match redaction_key(db)? {
                Some(key) => Ok(key),
                None => {
                    let key = Digest::of(&rand::random::<[u8; 32]>());
                    put(db, REDACTION_KEY, &key.to_string(), clock())?;
                    Ok(key)
                }
            })?,
        };
        Ok(RedactionKey::new(*key.as_bytes()))
    }

    /// Remembers the only code that setup takes from now on.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn put_setup_code(&self, code: Digest) -> Result<(), StoreError> {
        let clock = self.clock.clone();
        self.write(move |db| put(db, SETUP_CODE, &code.to_string(), clock()))
    }

    /// Sets the first PIN and uses up the code, both or neither.
    ///
    /// # Errors
    /// When it could not be made durable: then the code is as it was.
    pub fn set_up(&self, code: Digest, pin_hash: &str) -> Result<SetUp, StoreError> {
        let (pin_hash, clock) = (pin_hash.to_owned(), self.clock.clone());
        self.write(move |db| {
            if hash(db, PIN)?.is_some() {
                return Ok(SetUp::AlreadySet);
            }
            let name_and_code = params![SETUP_CODE, code.to_string()];
            if db.execute("DELETE FROM secret WHERE name = ?1 AND hash = ?2", name_and_code)? == 0 {
                return Ok(SetUp::WrongCode);
            }
            put(db, PIN, &pin_hash, clock())?;
            Ok(SetUp::Done)
        })
    }
}

fn hash(db: &Connection, name: &str) -> Result<Option<String>, Fault> {
    let mut select = db.prepare_cached("SELECT hash FROM secret WHERE name = ?1")?;
    Ok(select.query_row([name], |r| r.get(0)).optional()?)
}

fn redaction_key(db: &Connection) -> Result<Option<Digest>, Fault> {
    let key = hash(db, REDACTION_KEY)?.map(Digest::try_from);
    key.transpose().map_err(|_| Fault::damaged("the redaction key is not 64 hexadecimal digits"))
}

fn put(db: &Connection, name: &str, hash: &str, at: i64) -> Result<(), Fault> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO secret (name, hash, created) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET hash = ?2, created = ?3",
    )?;
    upsert.execute(params![name, hash, at])?;
    Ok(())
}
