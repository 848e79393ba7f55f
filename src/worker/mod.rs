//! The quarantined worker: a prompt in, a typed value out, no tools. Whatever answers here is untrusted.

pub mod embedded;
pub mod spotlight;

pub use embedded::{Embedded, EmbeddedConfig};
