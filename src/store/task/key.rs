//! The key under which an order is accepted only once, and what makes an order the same one.

use super::super::Store;
use super::super::error::{Fault, StoreError};
use super::{SELECT, Session, TaskRow, raw};
use crate::kernel::id::{Digest, RunId};
use crate::kernel::principal::Principal;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value as Json;

impl Store {
    /// The task that a principal's key stands for.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn task_under(&self, principal: &Principal, key: &str) -> Result<Option<RunId>, StoreError> {
        self.readers.read(|db| Ok(find(db, principal, key)?.map(|row| row.id)))
    }
}

/// INVARIANT: the same words for another conversation are another order.
pub(super) fn digest(order: &Json, session: &Session) -> Result<Digest, Fault> {
    let order = serde_json::to_vec(order)?;
    Ok(match session {
        Session::Known(id) => Digest::of_parts([order.as_slice(), id.as_str().as_bytes()]),
        // Whoever names none gets a new one, and with the same key the same new one.
        Session::New(_) => Digest::of(&order),
    })
}

pub(super) fn find(db: &Connection, principal: &Principal, key: &str) -> Result<Option<TaskRow>, Fault> {
    let sql = format!("{SELECT} WHERE t.principal = ?1 AND t.idempotency = ?2");
    let found = db.prepare_cached(&sql)?.query_row(params![principal.name(), key], raw).optional()?;
    found.map(TaskRow::try_from).transpose()
}
