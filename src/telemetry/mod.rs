//! What an operator sees of the running program: logs, span names and metrics. Nothing here decides anything, and
//! nothing here is evidence: that is the journal's.

pub mod log;
pub mod metrics;
pub mod names;
pub mod otlp;
pub mod redact;

pub use log::{LogConfig, LogFailure, LogGuard};
pub use metrics::Metrics;
