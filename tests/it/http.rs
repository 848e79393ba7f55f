//! The HTTP house over real TLS on loopback ports.

mod answers;
mod browser;
mod closing;
mod edits;
mod house;
mod linger;
mod login;
mod numbers;
mod openapi;
mod sockets;
mod tasks;
mod wire;
