//! The tools: the catalogue's data, and the runners behind it.
//!
//! A runner is told a permitted call and does it; it judges nothing. What a tool may do and what its output is worth
//! stands in the catalogue, never in a runner.

pub mod builtin;
mod files;
pub mod grants;
pub mod listing;
mod runner;
pub mod schema;
pub mod simulated;
pub mod stub;

pub use runner::{Runner, RunnerLimits};
