//! Direction controls that are left open.

use super::{Found, Rule};
use crate::kernel::port::Severity;

const UNBALANCED: Rule = (
    "bidi-unbalanced",
    Severity::Note,
    "a direction control that is not closed on its line, so that it may reorder what follows",
);
/// Embeddings, overrides and isolates must be closed before their line ends.
pub(super) fn find(chars: &[(usize, char)], found: &mut Found<'_>) {
    let mut open: Vec<(usize, char)> = Vec::new();
    for &(at, c) in chars.iter().chain(std::iter::once(&(usize::MAX, '\n'))) {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' | '\u{2066}'..='\u{2068}' => open.push((at, c)),
            '\u{202c}' if open.last().is_some_and(|(_, c)| !is_isolate(*c)) => {
                open.pop();
            }
            // The end of an isolate also ends the embeddings that were opened inside it.
            '\u{2069}' => {
                if let Some(opener) = open.iter().rposition(|(_, c)| is_isolate(*c)) {
                    open.truncate(opener);
                }
            }
            '\n' | '\u{2029}' => {
                for opener in open.drain(..) {
                    found.add(UNBALANCED, &[opener]);
                }
            }
            _ => {}
        }
    }
}

fn is_isolate(c: char) -> bool {
    matches!(c, '\u{2066}'..='\u{2068}')
}
