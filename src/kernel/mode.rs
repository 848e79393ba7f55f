//! How plans are approved: which of them a person is asked about.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How plans are approved. Which is stricter says [`ApprovalMode::strictness`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalMode {
    /// Every plan asks.
    Full,
    /// A plan asks when its pre-flight says that a call will ask.
    Smart,
    /// A plan also asks when the trust level does not cover what it does: stricter than smart at every level.
    Auto,
}

impl ApprovalMode {
    /// All of them, the strictest first.
    pub const ALL: [Self; 3] = [Self::Full, Self::Auto, Self::Smart];

    /// How strict it is, for comparing two: whatever `smart` asks about, `auto` asks about too, and `full` asks about
    /// every plan.
    // INVARIANT: under the shipped policies a stricter mode asks about every plan that a laxer one asks about
    // (`policy/engine/tests/modes.rs`). No rule about calls looks at the mode.
    pub fn strictness(self) -> u8 {
        match self {
            Self::Full => 2,
            Self::Auto => 1,
            Self::Smart => 0,
        }
    }
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
