//! The doors: the only HTTP client, process spawner and file opener. Whatever leaves this process leaves here.

pub mod file;
pub mod http;
pub mod process;
