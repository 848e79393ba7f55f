//! Rehearsals: plans of a corpus, run through the real flow with scripted tools, people and workers; and labelled texts,
//! shown to the scanners.
//!
//! For tests and for `sentinel eval`. Policy, gates, checker and interpreter are the real ones; the journal is kept in
//! memory.

pub mod adversary;
pub mod case;
mod ledger;
mod person;
pub mod rehearse;
pub mod scan;

pub use case::{Case, CaseFailure};
pub use ledger::Ledger;
pub use rehearse::{Judged, Rehearsal, rehearse};
