//! Sentinel: an agent orchestrator with security by construction. ARCHITECTURE.md is the map of the floors.

pub mod kernel;
pub mod policy;
