//! The plan language: text in, a checked plan and its flow graph out.
//!
//! `parse` reads a subset of Python with ruff's parser and lowers it to the small form of [`ast`], in which
//! every call stands alone. `check` interprets the labels of that form without running anything.

pub(in crate::kernel) mod ast;
pub mod check;
pub mod error;
pub mod graph;
mod lower;
mod parse;
mod writes;

pub use ast::{Plan, Span};
pub use error::{PlanError, PlanErrors};
pub use graph::FlowGraph;

pub use parse::parse;

#[cfg(test)]
mod tests;
