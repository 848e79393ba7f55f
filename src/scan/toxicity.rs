//! Notes abusive words. Off by default: it reports and is no ground for a refusal.

#[cfg(test)]
mod tests;

use super::{Hit, ScanError, Scanner, Text};
use crate::kernel::port::{Class, Crossing, Severity};
use rustrict::{Censor, Type};

/// The scanner. Its list of words is compiled at the first text: about 10 ms and a few MB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Toxicity;

/// Most of a text that is read: reports need no more.
const MOST: usize = 64 << 10;

impl Scanner for Toxicity {
    fn name(&self) -> &'static str {
        "toxicity"
    }

    fn scan(&self, text: &Text<'_>, _: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let raw = text.raw();
        let read = raw.get(..raw.floor_char_boundary(MOST)).unwrap_or_default();
        let kind = Censor::from_str(read).analyze();
        let (rule, reason) = if kind.is(Type::OFFENSIVE & Type::MODERATE_OR_HIGHER) {
            ("offensive", "words that insult people or a group of people")
        } else if kind.is(Type::PROFANE & Type::SEVERE) {
            ("profane", "swear words")
        } else {
            return Ok(Vec::new());
        };
        Ok(vec![Hit {
            class: Class::Toxicity,
            severity: Severity::Note,
            span: 0..read.len(),
            rule: rule.into(),
            reason: reason.into(),
        }])
    }
}
