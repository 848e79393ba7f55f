//! Where plan texts come from. A plan text is untrusted until the kernel has parsed and checked it.

pub mod anthropic;
mod attempts;
pub mod history;
pub mod ollama;
pub mod playbook;
pub mod prompt;
mod submission;
pub mod written;

pub use anthropic::{Anthropic, AnthropicConfig};
pub use history::{History, Remembers, WithHistory};
pub use ollama::{OllamaPlanner, OllamaPlannerConfig};

use crate::kernel::catalogue::Catalogue;

/// Shows the catalogue to a planner as typed stubs: `tool::stub::render`, handed in because rooms of this floor do not
/// know each other.
pub type Stubs = fn(&Catalogue) -> String;

/// The plan of a file that the user named. A byte order mark is dropped; nothing else is changed, so that the
/// checker's lines and columns are those of the user's editor.
pub fn from_file(text: &str) -> String {
    text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()
}
