//! How plans are approved: from every plan asking to only those that must.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How plans are approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalMode {
    /// Every plan asks.
    Full,
    /// A plan asks when its pre-flight says that a call will ask.
    Smart,
    /// Like smart, and only at trust level 1 or above and for plans on the safe list; others ask.
    Auto,
}

impl fmt::Display for ApprovalMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
            Self::Smart => "smart",
            Self::Auto => "auto",
        })
    }
}
