//! The HTTP house over real TLS on loopback ports.

mod answers;
mod assets;
mod changes;
mod clocks;
mod closing;
mod edits;
pub mod house;
mod linger;
mod listed;
mod lists;
mod login;
mod numbers;
mod openapi;
pub mod progress;
mod scanning;
mod slow;
pub mod sockets;
mod stranger;
pub mod tasks;
mod wire;
