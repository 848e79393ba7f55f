//! What `sentinel doctor` tries: whether each control is active, shown by attempts and never by reading a setting back.
//!
//! It works beside a controller that runs: the real store is read only and its lock is left alone; whatever has to be
//! written goes to a scratch folder below the data directory ([`Scratch`]) that is gone when the doctor is.

mod control;
pub mod egress;
pub mod gates;
pub mod journal;
pub mod live;
pub mod log;
pub mod machine;
pub mod private;
mod scratch;
pub mod worker;
pub mod workspace;

pub use control::{Control, Gap, Tried};
pub use scratch::{DATA, Scratch};
