//! Says when a text is encoded so deeply, or so much of it, that it was not read: what nobody read may hold anything.

#[cfg(test)]
mod tests;

use super::reading::Limit;
use super::{Hit, ScanError, Scanner, Text};
use crate::kernel::port::{Class, Crossing, Severity};

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Encoding;

impl Scanner for Encoding {
    fn name(&self) -> &'static str {
        "encoding"
    }

    fn scan(&self, text: &Text<'_>, _: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let hit = |unread: &super::reading::Unread| {
            let (rule, reason) = match unread.limit {
                Limit::Depth => {
                    ("encoding-too-deep", "a part is encoded so many times over that it was not read")
                }
                Limit::Size => ("encoding-too-big", "so much is encoded that not all of it was read"),
            };
            Hit {
                class: Class::Hidden,
                severity: Severity::Medium,
                span: unread.span.clone(),
                rule: rule.into(),
                reason: reason.into(),
            }
        };
        Ok(text.unread().iter().map(hit).collect())
    }
}
