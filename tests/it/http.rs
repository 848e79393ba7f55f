//! The HTTP house over real TLS on loopback ports.

mod answers;
mod browser;
mod clocks;
mod closing;
mod edits;
mod house;
mod linger;
mod listed;
mod login;
mod numbers;
mod openapi;
mod progress;
mod scanning;
mod slow;
pub mod sockets;
mod tasks;
mod wire;
