//! The machine: its clock and its disks.

#[cfg(test)]
mod tests;

use super::{Gap, Tried};
use crate::egress::standing;
use jiff::Timestamp;
use std::path::Path;

/// Least room on a disk, in bytes: some ten thousand tasks in the journal, and the logs of a fortnight beside them.
const LEAST_FREE: u64 = 256 << 20;
/// How far the newest record may lie ahead of the clock, in milliseconds: a step by a time server.
const SLACK_MS: i64 = 2_000;

/// The clock is not before the moment this program was built, and not behind what the journal holds. `newest` is the
/// newest record's moment, Unix milliseconds.
///
/// # Errors
/// When it is, or the journal cannot be asked.
pub fn clock(now: Timestamp, built: Timestamp, newest: Result<Option<i64>, Gap>) -> Tried {
    let remedy = "set this machine's clock, then start again";
    if now < built {
        let found = format!("the clock says {now:.0}, and this program was built later, at {built:.0}");
        return Err(Gap::new(found, remedy));
    }
    let newest = newest?;
    if let Some(newest) = newest.filter(|newest| *newest > now.as_millisecond().saturating_add(SLACK_MS)) {
        let newest = Timestamp::from_millisecond(newest).unwrap_or(Timestamp::MAX);
        let found =
            format!("the clock says {now:.0}, and the newest record was written later, at {newest:.0}");
        return Err(Gap::new(found, remedy));
    }
    let journal = newest.map_or("the journal is empty", |_| "not behind the newest record");
    Ok(format!("the clock says {now:.0}: after this program was built ({built:.0}), and {journal}"))
}

/// There is room where the journal, the logs and the workspace are. A folder that is not there yet is left out, the
/// first one, which is the data directory, never.
///
/// # Errors
/// The first disk that is nearly full.
pub fn disk(folders: &[&Path]) -> Tried {
    let mut least = u64::MAX;
    for (n, folder) in folders.iter().enumerate() {
        let free = match standing::free_bytes(folder) {
            Ok(free) => free,
            Err(_) if n > 0 && !folder.exists() => continue,
            Err(e) => {
                return Err(Gap::new(e.to_string(), "run `sentinel serve` once, or check SENTINEL_DATA_DIR"));
            }
        };
        enough(folder, free)?;
        least = least.min(free);
    }
    Ok(format!("{} MB are free where the journal, the logs and the workspace are", least >> 20))
}

fn enough(folder: &Path, free: u64) -> Result<(), Gap> {
    if free >= LEAST_FREE {
        return Ok(());
    }
    let found = format!(
        "{} MB are free on the disk of {}, less than {} MB",
        free >> 20,
        folder.display(),
        LEAST_FREE >> 20
    );
    Err(Gap::new(found, "free some space: without any, Sentinel refuses everything"))
}
