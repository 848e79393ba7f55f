//! The interpreter. It never acts: at every call it stops, says what it wants, and waits to be resumed.

mod access;
mod arith;
mod builtin;
mod change;
mod eval;
mod fuel;
mod machine;
mod method;
mod moment;
pub mod progress;
#[cfg(test)]
mod tests;
mod text;

pub use fuel::Limits;
pub(in crate::kernel) use machine::{Machine, Stop, Wanted, What};
pub use progress::Progress;

use super::plan::PlanError;
use super::plan::ast::Span;

/// A fault while a plan runs. Messages name types and places, never values: a planner may see them.
fn fault(span: Span, message: impl Into<String>) -> PlanError {
    PlanError::at(span, message)
}
