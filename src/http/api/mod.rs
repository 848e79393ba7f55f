//! One file per noun of the interface.

pub mod health;
pub mod session;
pub mod setup;
pub mod shell;
