//! A text and the ways in which it can be read, made once for all scanners.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

#[cfg(test)]
mod tests;

/// A text under scan.
#[derive(Debug)]
pub struct Text<'t> {
    raw: &'t str,
    readings: OnceLock<Vec<Reading<'t>>>,
}

/// How a reading came from the raw text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is the raw text.
    Raw,
    /// Look-alikes and invisible characters are undone.
    Normalised,
    /// A part of the text was decoded, this many times.
    Decoded(u8),
}

/// One way to read a text, or a part of it.
#[derive(Debug, Clone)]
pub struct Reading<'t> {
    how: How,
    text: Cow<'t, str>,
    map: Map,
}

/// From bytes of a reading to bytes of the raw text.
#[derive(Debug, Clone)]
enum Map {
    /// The same bytes.
    Same,
    /// Where each byte of the reading comes from, and where the raw text ends.
    #[expect(dead_code, reason = "normalised readings are the next step")]
    Bytes(Vec<u32>),
    /// All of it comes from this part.
    #[expect(dead_code, reason = "decoded readings are the next step")]
    Part(Range<usize>),
}

impl<'t> Text<'t> {
    /// A text as it came.
    pub fn new(raw: &'t str) -> Self {
        Self { raw, readings: OnceLock::new() }
    }

    /// As it came.
    pub fn raw(&self) -> &'t str {
        self.raw
    }

    /// Every way to read it; the raw text is the first.
    pub fn readings(&self) -> &[Reading<'t>] {
        self.readings
            .get_or_init(|| vec![Reading { how: How::Raw, text: Cow::Borrowed(self.raw), map: Map::Same }])
    }
}

impl Reading<'_> {
    /// How it came from the raw text.
    pub fn how(&self) -> How {
        self.how
    }

    /// The words of this reading.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which part of the raw text these bytes come from.
    pub fn in_raw(&self, span: &Range<usize>) -> Range<usize> {
        match &self.map {
            Map::Same => span.clone(),
            Map::Part(part) => part.clone(),
            Map::Bytes(from) => {
                let at = |byte: usize| from.get(byte).or(from.last()).map_or(0, |raw| *raw as usize);
                at(span.start)..at(span.end).max(at(span.start))
            }
        }
    }
}
