//! Sentinel: an agent orchestrator with security by construction. ARCHITECTURE.md is the map of the floors.

pub mod egress;
pub mod kernel;
pub mod worker;
