//! Sentinel: an agent orchestrator with security by construction. ARCHITECTURE.md is the map of the floors.

pub mod app;
pub mod approval;
pub mod bus;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod egress;
pub mod eval;
pub mod flow;
pub mod http;
pub mod kernel;
pub mod planner;
pub mod policy;
pub mod scan;
pub mod session;
pub mod shell;
pub mod store;
pub mod telemetry;
pub mod tool;
pub mod worker;
