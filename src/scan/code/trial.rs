//! Whether a long piece whose language was guessed is in that language at all, told by its beginning.
//!
//! A parser that recovers from error after error takes a hundred times as long as over code, and within single steps, so
//! that the bound in steps does not help: 4 KB of a log took 25 ms.

use super::language::Language;
use super::syntax::{PHP_TAG, parse};

#[cfg(test)]
mod tests;

/// How many bytes are tried, and how many broken places in them tell that it is another language. Code that is cut anywhere
/// has one or two.
const TRIALS: [(usize, usize); 2] = [(160, 3), (640, 5)];
/// What is shorter is read at once.
const MIN_LONG: usize = 1_280;

/// Whether the beginning of a long piece shows that it is not in this language.
pub(super) fn is_foreign(code: &str, language: Language) -> bool {
    code.len() >= MIN_LONG && begins_foreign(code, language)
}

/// The same of a piece of any length.
pub(super) fn begins_foreign(code: &str, language: Language) -> bool {
    let is_broken = |(bytes, most): (usize, usize)| {
        let begin = code.get(..code.floor_char_boundary(bytes)).unwrap_or_default();
        let whole_lines = begin.rfind('\n').and_then(|end| begin.get(..end)).unwrap_or(begin);
        let tag = if language == Language::Php && !code.contains("<?") { PHP_TAG } else { "" };
        broken(&format!("{tag}{whole_lines}"), language, most) >= most
    };
    TRIALS.into_iter().any(is_broken)
}

/// Broken places in a piece, counted up to `most`; so many too when the parser was given up.
fn broken(code: &str, language: Language, most: usize) -> usize {
    let Some(tree) = parse(code, language) else { return most };
    let mut broken = 0;
    let mut cursor = tree.walk();
    while broken < most {
        let node = cursor.node();
        broken += usize::from(node.is_error() || node.is_missing());
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return broken;
            }
        }
    }
    broken
}
