//! Finds characters that people do not see, or take for others, and machines read.
//!
//! What other languages need passes: marks and balanced isolates of right-to-left text, the joiners of Persian, Indic
//! scripts and emoji, single variation selectors, the break hints of scripts written without spaces, and
//! words of two scripts that disguise nothing.

mod bidi;
mod confusable;
mod invisible;

#[cfg(test)]
mod tests;

use super::{Hit, ScanError, Scanner, Text, crowd};
use crate::kernel::port::{Class, Crossing, Severity};
use std::collections::HashMap;
use std::ops::Range;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hidden;

impl Scanner for Hidden {
    fn name(&self) -> &'static str {
        "hidden"
    }

    fn scan(&self, text: &Text<'_>, _: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        Ok(scan(text.raw()))
    }
}

/// Most findings of one rule; the last one of a text with more covers the others.
const MAX_PER_RULE: usize = 100;
/// A rule: its stable name, how much it matters, and what it means.
type Rule = (&'static str, Severity, &'static str);

/// Scans a text.
fn scan(text: &str) -> Vec<Hit> {
    if is_plain(text) {
        return Vec::new();
    }
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Found { text, hits: Vec::new(), told: HashMap::new() };
    invisible::find(&chars, &mut found);
    bidi::find(&chars, &mut found);
    confusable::find(text, &mut found);
    found.hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
    found.hits
}

/// ASCII without odd control characters, as most texts are: there is nothing to find.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | b'\x0c'))
}

struct Found<'t> {
    text: &'t str,
    hits: Vec<Hit>,
    /// How often each rule was told, and where the last of it stands among the hits.
    told: HashMap<&'static str, (usize, usize)>,
}

impl Found<'_> {
    fn add(&mut self, rule: Rule, run: &[(usize, char)]) {
        let (Some((start, _)), Some((last, c))) = (run.first(), run.last()) else { return };
        self.add_span(rule, *start..last + c.len_utf8());
    }

    fn add_span(&mut self, (rule, severity, reason): Rule, span: Range<usize>) {
        debug_assert!(self.text.is_char_boundary(span.start));
        let (told, last) = self.told.entry(rule).or_default();
        if *told >= MAX_PER_RULE {
            if let Some(last) = self.hits.get_mut(*last) {
                last.span = crowd::over(&last.span, &span);
            }
            return;
        }
        (*told, *last) = (*told + 1, self.hits.len());
        self.hits.push(Hit {
            class: Class::Hidden,
            severity,
            span,
            rule: rule.into(),
            reason: reason.into(),
        });
    }
}
