//! Finds characters that people do not see and machines read.

use crate::kernel::port::Finding;

/// The scanner's name.
pub(super) const NAME: &str = "hidden";

/// Scans a text.
pub(super) fn scan(_text: &str) -> Vec<Finding> {
    Vec::new()
}
