//! How an interrupted run goes on: request, plan and calls come from the journal; every proof is made anew.

use super::Past;
use crate::kernel::id::RunId;
use crate::kernel::port::Policy;
use crate::kernel::record::Entry;
use crate::kernel::{catalogue::Catalogue, id::Digest};
use crate::planner::written::Written;
use crate::store::{Store, StoreError};

/// What the journal has of a run.
pub enum Interrupted {
    /// Nothing, or nothing that a plan came of yet: it begins, with a plan still to be drafted.
    Unplanned(Past),
    /// A plan and perhaps calls.
    Planned(Written, Past),
}

/// A run that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ResumeFailure {
    /// The plan was checked against other tools.
    #[error("the tools changed since run {0} began; start it again")]
    ToolsChanged(RunId),
    /// What a call gave is gone.
    #[error(transparent)]
    Erased(#[from] super::ErasedCall),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads what there is of `run`.
///
/// # Errors
/// When it cannot go on, and why.
pub fn interrupted(
    store: &Store,
    policy: &dyn Policy,
    catalogue: &Catalogue,
    run: &RunId,
) -> Result<Interrupted, ResumeFailure> {
    let entries = store.entries(run)?;
    if entries.is_empty() {
        return Ok(Interrupted::Unplanned(Past::none()));
    }
    let plan = entries.iter().rev().find_map(|(_, _, entry)| match entry {
        Entry::PlanChecked { text, digest, catalogue, .. } => Some((text, *digest, *catalogue)),
        _ => None,
    });
    let past = Past::from_store(&store.calls(run)?, &store.edits(run)?)?;
    let Some((text, digest, checked_against)) = plan else { return Ok(Interrupted::Unplanned(past)) };
    if checked_against != catalogue.digest() {
        return Err(ResumeFailure::ToolsChanged(run.clone()));
    }
    // The plan was approved under this very policy before the restart; under another one it is asked again.
    let version: Digest = policy.version();
    let approved = entries.iter().any(|(_, _, entry)| {
        matches!(entry, Entry::PlanApproved { digest: d, policy, .. } if *d == digest && *policy == version)
    });
    Ok(Interrupted::Planned(Written::new(text.clone(), approved), past))
}
