//! Finds fixed words in a text that comes in parts, wherever the parts are cut.

use aho_corasick::{AhoCorasick, MatchKind};
use std::ops::Range;

/// What was found next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met<'t> {
    /// Text between the words.
    Text(&'t str),
    /// The word of this number.
    Word(usize),
}

/// Reads a text for these words, in time linear in the text.
#[derive(Debug)]
pub(crate) struct Rolling {
    words: Vec<String>,
    /// Finds the words; `None` when it could not be made, and then nothing is told.
    finder: Option<AhoCorasick>,
    /// What may be the beginning of a word.
    held: String,
}

impl Rolling {
    /// Looks for words; of two that begin at one place the longer one counts.
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&words).ok();
        Self { words, finder, held: String::new() }
    }

    /// Takes the next part, and tells what it brings. What may become a word waits for the next one.
    pub(crate) fn take(&mut self, part: &str, mut met: impl FnMut(Met<'_>)) {
        let Some(finder) = &self.finder else { return };
        let mut text = std::mem::take(&mut self.held);
        text.push_str(part);
        let longest = self.words.iter().map(String::len).max().unwrap_or(0);
        // Where what may be the beginning of a word begins, in what stands behind `from`.
        let open = |from: usize| text.len() - self.begun(text.get(from..).unwrap_or_default());
        let mut from = 0;
        for found in finder.find_iter(&text) {
            // At the end a longer word may begin before it.
            if found.start() + longest >= text.len() && found.start() >= open(from) {
                break;
            }
            tell(&text, from..found.start(), &mut met);
            met(Met::Word(found.pattern().as_usize()));
            from = found.end();
        }
        let open = open(from);
        tell(&text, from..open, &mut met);
        self.held = text.get(open..).unwrap_or_default().to_owned();
    }

    /// How many bytes at the end may be the beginning of a word.
    fn begun(&self, text: &str) -> usize {
        let longest = self.words.iter().map(|word| word.len() - 1).max().unwrap_or(0).min(text.len());
        let may_begin = |len: &usize| {
            let end = text.get(text.len() - len..);
            end.is_some_and(|end| {
                self.words.iter().any(|word| word.len() > end.len() && word.starts_with(end))
            })
        };
        (1..=longest).rev().find(may_begin).unwrap_or(0)
    }
}

fn tell(text: &str, part: Range<usize>, met: &mut impl FnMut(Met<'_>)) {
    if let Some(part) = text.get(part).filter(|part| !part.is_empty()) {
        met(Met::Text(part));
    }
}

#[cfg(test)]
mod tests;
