//! Events: the journal as people and programs outside follow it. Each is a view of one record and has its number, so
//! whoever missed some reads on from the last one seen, by whatever transport.

pub mod event;
mod feed;
#[cfg(test)]
mod tests;

pub use event::Event;
pub use feed::{Feed, Page, Told};
