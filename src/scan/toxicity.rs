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
const MOST: usize = 16 << 10;
/// Bytes read at a time: the list's matcher takes time quadratic in what it is given at once.
const AT_ONCE: usize = 512;

impl Scanner for Toxicity {
    fn name(&self) -> &'static str {
        "toxicity"
    }

    fn scan(&self, text: &Text<'_>, _: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let mut hits = Vec::new();
        let mut rest = text.raw().get(..text.raw().floor_char_boundary(MOST)).unwrap_or_default();
        let mut start = 0;
        while !rest.is_empty() {
            let most = rest.floor_char_boundary(AT_ONCE);
            // Not in the middle of a word, if it has an end.
            let space =
                if most < rest.len() { rest.get(..most).and_then(|part| part.rfind(' ')) } else { None };
            let (part, after) = rest.split_at_checked(space.map_or(most, |at| at + 1)).unwrap_or((rest, ""));
            if let Some((rule, reason)) = judge(part) {
                hits.push(Hit {
                    class: Class::Toxicity,
                    severity: Severity::Note,
                    span: start..start + part.len(),
                    rule: rule.into(),
                    reason: reason.into(),
                });
            }
            start += part.len();
            rest = after;
        }
        Ok(hits)
    }
}

fn judge(part: &str) -> Option<(&'static str, &'static str)> {
    let kind = Censor::from_str(part).analyze();
    if kind.is(Type::OFFENSIVE & Type::MODERATE_OR_HIGHER) {
        Some(("offensive", "words that insult people or a group of people"))
    } else if kind.is(Type::PROFANE & Type::SEVERE) {
        Some(("profane", "swear words"))
    } else {
        None
    }
}
