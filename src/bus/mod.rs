//! Events: the journal as people and programs outside follow it. Each is a view of one record and has its number, so
//! whoever missed some reads on from the last one seen, by whatever transport. Beside them go glimpses of what workers are
//! writing, which nobody keeps.

pub mod event;
mod feed;
mod glimpses;
#[cfg(test)]
mod tests;

pub use event::Event;
pub use feed::{Feed, Page, Told, Whose};
pub use glimpses::{Glimpses, KIND as GLIMPSE, Watcher};
