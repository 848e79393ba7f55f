//! The doors: the only HTTP client, process spawner, file opener and clock. Whatever leaves this process leaves here.

pub mod clock;
pub mod file;
pub mod halt;
pub mod http;
pub mod ollama;
pub mod process;
pub mod standing;
pub mod workspace;
