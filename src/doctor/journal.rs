//! The journal: durable on this disk, unbroken as it stands, and written by one controller at a time.

#[cfg(test)]
mod tests;

use super::{Gap, Scratch, Tried};
use crate::kernel::id::{Digest, RunId};
use crate::kernel::record::{Entry, Seq};
use crate::store::{Clock, Durability, FILE_NAME, FULL, Store, StoreError};
use std::path::Path;

const MEND_DISK: &str = "put SENTINEL_DATA_DIR on a local disk that can be written";
const MEND_JOURNAL: &str = "stop the controller, keep the data directory as it is, and restore a backup";

/// Writes a record into a scratch journal on the data directory's disk, and reads it back from a store that was opened
/// anew. The writing connection itself is asked how it commits.
///
/// # Errors
/// When the record is not there, or a commit would not wait for the disk.
pub fn durable(scratch: &Result<Scratch, Gap>, clock: &Clock) -> Tried {
    let place = scratch.as_ref().map_err(Clone::clone)?.place("durable");
    let failed = |e: StoreError| Gap::new(format!("a record could not be made durable: {e}"), MEND_DISK);
    let store = Store::open(&place, clock.clone()).map_err(failed)?;
    full(&store.durability().map_err(failed)?)?;
    let run = RunId::new("doctor");
    let entry = Entry::Resumed { policy: Digest::of(b"doctor") };
    let seq = store.append(&run, &entry).map_err(failed)?;
    drop(store);
    let again = Store::open(&place, clock.clone()).map_err(failed)?;
    let kept = again.entries(&run).map_err(failed)?;
    match kept.as_slice() {
        [(found, _, kept)] if *found == seq && *kept == entry => Ok(
            "a record in a scratch journal on this disk was there when it was opened anew; its commits wait for the \
             disk (WAL, synchronous FULL, as the writing connection says)"
                .to_owned(),
        ),
        _ => Err(Gap::new("a record that was said to be durable was not there afterwards", MEND_DISK)),
    }
}

fn full(durability: &Durability) -> Result<(), Gap> {
    if durability.journal_mode == "wal" && durability.synchronous >= FULL {
        return Ok(());
    }
    let Durability { journal_mode, synchronous } = durability;
    let found = format!(
        "a commit would not wait for the disk: journal mode {journal_mode}, synchronous {synchronous} of {FULL}"
    );
    Err(Gap::new(found, MEND_DISK))
}

/// Walks the whole real journal, read only, also beside a controller that writes to it.
///
/// # Errors
/// When there is none, or anything in it is not as it was written.
pub fn unbroken(data: &Path) -> Tried {
    let store = real(data)?;
    let unread = |e: StoreError| Gap::new(format!("the journal could not be read: {e}"), MEND_JOURNAL);
    let report = store.verify().map_err(unread)?;
    let Some(first) = report.problems.first() else {
        let head = report.head.map_or_else(|| "none yet".to_owned(), |head| head.short().to_string());
        return Ok(format!(
            "{} records were walked and each is linked to the one before; head {head}",
            report.records
        ));
    };
    let at = first.seq.map_or_else(String::new, |seq| format!("record {} ", seq.0));
    let found = format!(
        "{} problems in {} records, the first: {at}{}",
        report.problems.len(),
        report.records,
        first.what
    );
    Err(Gap::new(found, MEND_JOURNAL))
}

/// When the newest record was written, Unix milliseconds; `None` in an empty journal, and where there is none yet.
///
/// # Errors
/// When it cannot be read.
pub fn newest_moment(data: &Path) -> Result<Option<i64>, Gap> {
    if !data.join(FILE_NAME).exists() {
        return Ok(None);
    }
    let store = real(data)?;
    let unread = |e: StoreError| Gap::new(format!("the journal could not be read: {e}"), MEND_JOURNAL);
    let Seq(newest) = store.newest().map_err(unread)?;
    let rows = store.records_after(Seq(newest.saturating_sub(1)), 1).map_err(unread)?;
    Ok(rows.first().map(|row| row.at))
}

fn real(data: &Path) -> Result<Store, Gap> {
    Store::open_read_only(data).map_err(|e| {
        let remedy = "run `sentinel serve` once, which makes the journal, or check SENTINEL_DATA_DIR";
        Gap::new(format!("there is no journal to look at: {e}"), remedy)
    })
}

/// While one store is open, a second one over the same scratch folder is refused, and no longer than that.
///
/// # Errors
/// When it is not.
pub fn locked(scratch: &Result<Scratch, Gap>, clock: &Clock) -> Tried {
    let place = scratch.as_ref().map_err(Clone::clone)?.place("locked");
    let failed = |e: StoreError| Gap::new(format!("a scratch store could not be opened: {e}"), MEND_DISK);
    let first = Store::open(&place, clock.clone()).map_err(failed)?;
    let second = Store::open(&place, clock.clone());
    let own = std::process::id();
    match second {
        Err(StoreError::InUse { pid, .. }) if pid == Some(own) => {}
        Err(e) => return Err(failed(e)),
        Ok(_) => return Err(Gap::new("two stores could be open over one folder", MEND_DISK)),
    }
    drop(first);
    let third = Store::open(&place, clock.clone()).map_err(failed)?;
    drop(third);
    Ok(format!(
        "while a scratch store was open a second one was refused, naming process {own}; the real lock was left alone"
    ))
}
