//! The quarantined worker: a prompt in, a typed value out, no tools. Whatever answers here is untrusted.

pub mod adversary;
pub mod bench;
mod candidates;
pub mod embedded;
pub mod ollama;
pub mod on_demand;
pub mod scripted;
pub mod spotlight;

pub use adversary::Adversary;
pub use embedded::{Embedded, EmbeddedConfig};
pub use ollama::{Ollama, OllamaConfig};
pub use on_demand::OnDemand;
pub use scripted::Scripted;
