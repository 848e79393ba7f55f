//! From bytes of a reading to bytes of the text it was made from.

use std::ops::Range;

/// From bytes of an inner text to bytes of an outer one.
#[derive(Debug, Clone)]
pub(super) enum Map {
    /// The same bytes.
    Same,
    /// Where each byte of the inner text comes from, and at last where the outer text ends. Never decreasing.
    Bytes(Vec<u32>),
    /// All of it comes from this part.
    Part(Range<usize>),
}

impl Map {
    /// Where these bytes come from. Never empty unless they are.
    pub(super) fn outer(&self, span: &Range<usize>) -> Range<usize> {
        match self {
            Self::Same => span.clone(),
            Self::Part(part) => part.clone(),
            Self::Bytes(from) => {
                let at = |byte: usize| from.get(byte).or(from.last()).map_or(0, |raw| *raw as usize);
                let (start, last) = (at(span.start), at(span.end.saturating_sub(1)));
                if span.is_empty() {
                    return start..start;
                }
                // One character of the outer text may have become several bytes: the end is where the next one begins.
                let rest = from.get(span.end..).unwrap_or_default();
                let end = rest.iter().map(|raw| *raw as usize).find(|raw| *raw > last);
                start..end.unwrap_or(last).max(start)
            }
        }
    }

    /// This map followed by the one of the text in between.
    pub(super) fn within(self, between: &Self) -> Self {
        match (self, between) {
            (map, Self::Same) => map,
            (Self::Same, outer) => outer.clone(),
            (_, Self::Part(part)) => Self::Part(part.clone()),
            (Self::Part(part), outer @ Self::Bytes(_)) => Self::Part(outer.outer(&part)),
            (Self::Bytes(mut from), Self::Bytes(outer)) => {
                for byte in &mut from {
                    *byte = outer.get(*byte as usize).or(outer.last()).copied().unwrap_or(0);
                }
                Self::Bytes(from)
            }
        }
    }
}

/// A text that is made from another one, piece by piece, with its map.
#[derive(Debug, Default)]
pub(super) struct Making {
    text: String,
    from: Vec<u32>,
}

impl Making {
    /// Copies a piece that begins at `start` in the outer text.
    pub(super) fn copy(&mut self, piece: &str, start: usize) {
        let start = offset(start);
        self.text.push_str(piece);
        self.from.extend((0..offset(piece.len())).map(|at| start.saturating_add(at)));
    }

    /// Adds a character that comes from `start`.
    pub(super) fn push(&mut self, c: char, start: usize) {
        self.text.push(c);
        self.from.resize(self.text.len(), offset(start));
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Forgets what was added after it was `len` bytes long.
    pub(super) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
        self.from.truncate(self.text.len());
    }

    /// The text and its map; the outer text's part ends at `end`.
    pub(super) fn finish(mut self, end: usize) -> (String, Map) {
        self.from.push(offset(end));
        (self.text, Map::Bytes(self.from))
    }
}

/// Texts are far smaller than 4 GB; a larger one would be mapped to its first 4 GB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
