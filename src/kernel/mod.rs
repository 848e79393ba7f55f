//! The trusted base: labels, the plan language, the interpreter and the five gates.
//!
//! Nothing here performs I/O, reads a clock, starts a thread or imports another floor of Sentinel. The kernel
//! *asks* (through [`port`]) and the host answers; whoever audits Sentinel reads this folder first.

pub mod analysis;
pub mod answer;
pub mod catalogue;
pub mod draft;
pub mod excerpt;
pub mod finding;
pub mod gate;
pub mod glimpse;
pub mod id;
pub mod label;
pub mod labelled;
pub mod mode;
pub mod plan;
pub mod port;
pub mod principal;
pub mod record;
pub mod run;
#[cfg(test)]
mod testing;
pub mod treatment;
pub mod value;
pub mod worker;
