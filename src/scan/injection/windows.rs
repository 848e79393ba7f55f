//! The units of a text that are judged one by one: an attack is short, and the document around it long.

use super::features::{Features, Port, Token};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// Tokens of a window.
const LEN: usize = 40;
/// Tokens from one window's beginning to the next one's.
const STRIDE: usize = 20;
/// A text of so many tokens is one window.
const ONE: usize = 60;
/// Fewest tokens of a sentence that is judged by itself.
const MIN_SENTENCE: usize = 3;
/// Most characters of a sentence that is judged by itself; what is longer is seen by the windows.
const MAX_SENTENCE: usize = 600;

/// The units of a text, as ranges of its tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units {
    /// Overlapping windows over all of it. There is no limit on how many: padding hides nothing.
    pub windows: Vec<Range<usize>>,
    /// Its sentences; of a document only.
    pub sentences: Vec<Range<usize>>,
    /// All of it, if that is not a window already; of a request only.
    pub whole: Option<Range<usize>>,
}

impl Units {
    /// Cuts a text.
    pub fn of(features: &Features, port: Port) -> Self {
        let tokens = features.tokens();
        let windows = windows(tokens.len());
        let several = windows.len() > 1;
        match port {
            Port::User => Self { windows, sentences: Vec::new(), whole: several.then_some(0..tokens.len()) },
            Port::Data => {
                let sentences = sentences(tokens);
                let sentences = if several || sentences.len() > 1 { sentences } else { Vec::new() };
                Self { windows, sentences, whole: None }
            }
        }
    }
}

fn windows(tokens: usize) -> Vec<Range<usize>> {
    if tokens == 0 {
        return Vec::new();
    }
    if tokens <= ONE {
        return std::iter::once(0..tokens).collect();
    }
    let last = (tokens - LEN).div_ceil(STRIDE);
    (0..=last).map(|n| n * STRIDE..(n * STRIDE + LEN).min(tokens)).collect()
}

fn sentences(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0_usize;
    for end in 1..=tokens.len() {
        if tokens.get(end).is_some_and(|next| !next.begins) {
            continue;
        }
        let chars_before = start.checked_sub(1).and_then(|n| tokens.get(n)).map_or(0, |token| token.chars);
        let chars_after = tokens.get(end - 1).map_or(0, |token| token.chars);
        if end - start >= MIN_SENTENCE && chars_after - chars_before <= MAX_SENTENCE {
            out.push(start..end);
        }
        start = end;
    }
    out
}
