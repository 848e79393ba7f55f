//! The policy engine: Cedar rules over flat facts that we compute from labels, paths and values.
//!
//! [`Engine::new`] reads policy texts, checks them strictly against a schema made from the tool catalogue and keeps
//! everything that a decision needs. [`Engine`] implements the kernel's `Policy` port. What a rule can see stands in
//! [`schema`]; how three outcomes come from two evaluations stands in [`engine`]; the shipped rules and their
//! comments for administrators are the files in the top-level folder `policies/`.
//!
//! A prediction does not know every value yet. Then `value`, `path` and the sets in `context.paths` are silent and
//! `context.paths.known` is false: a rule that must not be missed by the pre-flight says
//! `!context.paths.known || …`, the others are judged when the call happens. Nothing depends on the prediction for
//! safety: every call is judged again with its values, and untrusted critical arguments are caught by their labels.

mod bench;
mod context;
mod engine;
mod error;
mod in_force;
mod load;
mod schema;
mod slice;
pub mod table;
mod verdict;

pub use bench::{bench_commands, bench_decision, bench_sources};
pub use engine::{Engine, PolicyEffect, PolicyInfo, WhatIf};
pub use error::{PolicyError, PolicyErrors};
pub use in_force::InForce;
pub use load::load;
pub use schema::Outline;
pub use verdict::{CommandVerdict, Decision, Operation, PathVerdict};

#[cfg(test)]
mod tests;
