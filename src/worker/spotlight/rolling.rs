//! Finds fixed words in a text that comes in parts, wherever the parts are cut.

use std::cmp::Reverse;

/// What was found next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met<'t> {
    /// Text between the words.
    Text(&'t str),
    /// The word of this number.
    Word(usize),
}

/// Reads a text for these words.
#[derive(Debug)]
pub(crate) struct Rolling {
    words: Vec<String>,
    /// What may be the beginning of a word.
    held: String,
}

impl Rolling {
    /// Looks for words; of two that begin at one place the longer one counts.
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        Self { words: words.into_iter().filter(|word| !word.is_empty()).collect(), held: String::new() }
    }

    /// Takes the next part, and tells what it brings. What may become a word waits for the next one.
    pub(crate) fn take(&mut self, part: &str, mut met: impl FnMut(Met<'_>)) {
        let mut text = std::mem::take(&mut self.held);
        text.push_str(part);
        let mut rest = text.as_str();
        loop {
            let open = rest.len() - self.begun(rest);
            let found =
                self.words.iter().enumerate().filter_map(|(n, word)| Some((rest.find(word)?, n, word)));
            let first = found.min_by_key(|(at, _, word)| (*at, Reverse(word.len())));
            let (end, word) = match first {
                // A longer word may begin before it.
                Some((at, n, word)) if at < open => (at, Some((n, word.len()))),
                _ => (open, None),
            };
            let (before, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if !before.is_empty() {
                met(Met::Text(before));
            }
            let Some((n, len)) = word else {
                self.held = after.to_owned();
                return;
            };
            met(Met::Word(n));
            rest = after.get(len..).unwrap_or_default();
        }
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

#[cfg(test)]
mod tests;
