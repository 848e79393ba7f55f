//! Other ways to read a text: normalised, and its encoded parts decoded, nested ones too, within bounds.
//!
//! Plain prose pays for a look at its bytes and nothing else.

mod blob;
mod escape;
mod map;
mod normal;
mod rotated;
mod smuggled;
mod spelled;

#[cfg(test)]
mod tests;

use map::Map;
pub(super) use normal::look_alike;
use std::borrow::Cow;
use std::ops::Range;

/// How often a text is decoded. Honest texts are nested once or twice: a URL in a URL, JSON in base64.
const MAX_DEPTH: u8 = 10;
/// Decoded bytes per byte of the raw text, and besides.
const MAX_GROWTH: usize = 4;
const MAX_BESIDES: usize = 64 << 10;
/// Decoded bytes in all.
const MAX_DECODED: usize = 4 << 20;
/// Decoded parts in all: each costs every scanner a start.
const MAX_PARTS: usize = 256;

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
    rotated: bool,
}

/// Why a part was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// It is nested too deeply.
    Depth,
    /// There is too much to decode.
    Size,
}

/// A part that was not decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    /// Which bound it met.
    pub limit: Limit,
    /// Where, in bytes of the raw text.
    pub span: Range<usize>,
}

/// A part of a reading, decoded once.
#[derive(Debug)]
struct Part {
    text: String,
    /// From bytes of the part to bytes of the reading it was found in.
    map: Map,
    /// Whether letters were rotated, which must not be tried on the result: it would rotate them back.
    rotated: bool,
}

impl Part {
    fn whole(span: Range<usize>, text: String) -> Self {
        Self { text, map: Map::Part(span), rotated: false }
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
        self.map.outer(span)
    }

    fn depth(&self) -> u8 {
        if let How::Decoded(depth) = self.how { depth } else { 0 }
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = escape::undo(&self.text).into_iter().collect();
        parts.extend(blob::decode(&self.text));
        parts.extend(spelled::join(&self.text));
        if !self.rotated {
            parts.extend(rotated::back(&self.text));
        }
        parts
    }
}

/// Every reading of a text, the raw one first, and what was not decoded.
pub(super) fn of(raw: &str) -> (Vec<Reading<'_>>, Vec<Unread>) {
    let mut all = All {
        readings: vec![Reading { how: How::Raw, text: Cow::Borrowed(raw), map: Map::Same, rotated: false }],
        unread: Vec::new(),
        left: raw.len().saturating_mul(MAX_GROWTH).saturating_add(MAX_BESIDES).min(MAX_DECODED),
        parts: MAX_PARTS,
    };
    let mut at = 0;
    if let Some((text, map)) = normal::normalise(raw) {
        all.readings.push(Reading { how: How::Normalised, text: Cow::Owned(text), map, rotated: false });
        // What is encoded in the raw text is in the normalised one too, and more.
        at = 1;
    }
    // Normalising drops these: they are read off the raw text.
    for part in smuggled::spell(raw) {
        all.take(part.text, part.map, 1, false);
    }
    while let Some(reading) = all.readings.get(at) {
        let depth = reading.depth().saturating_add(1);
        let parts = reading.parts();
        let mapped: Vec<_> =
            parts.into_iter().map(|p| (p.text, p.map.within(&reading.map), p.rotated)).collect();
        for (text, map, rotated) in mapped {
            all.take(text, map, depth, rotated);
        }
        at += 1;
    }
    (all.readings, all.unread)
}

struct All<'t> {
    readings: Vec<Reading<'t>>,
    unread: Vec<Unread>,
    /// Bytes and parts that may still be decoded.
    left: usize,
    parts: usize,
}

impl All<'_> {
    /// Takes a decoded part in, unless it was read already.
    ///
    /// INVARIANT: all decoded texts together hold at most the bytes and parts that were left in the beginning.
    fn take(&mut self, text: String, map: Map, depth: u8, rotated: bool) {
        if text.is_empty() || self.readings.iter().skip(1).any(|known| known.text == text) {
            return;
        }
        let limit = if depth > MAX_DEPTH {
            Limit::Depth
        } else if text.len() > self.left || self.parts == 0 {
            Limit::Size
        } else {
            self.left -= text.len();
            self.parts -= 1;
            self.readings.push(Reading { how: How::Decoded(depth), text: Cow::Owned(text), map, rotated });
            return;
        };
        // One of each says it; a flood of parts must not become a flood of findings.
        if self.unread.iter().all(|unread| unread.limit != limit) {
            self.unread.push(Unread { limit, span: map.outer(&(0..text.len())) });
        }
    }
}

/// A word as the text that it is in base64 or hexadecimal.
pub(super) fn as_text(word: &str) -> Option<String> {
    let bare = word.trim_end_matches('=');
    blob::decoded(bare.as_bytes(), bare.len() < word.len())
}

/// Decoded bytes as a text, if they are one: UTF-8, or UTF-16 as PowerShell encodes commands, without control
/// characters, at least half of it letters, digits and spaces. Random bytes hardly ever are.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let wide = bytes.len() >= 4 && bytes.iter().skip(1).step_by(2).all(|byte| *byte == 0);
    let text = if wide {
        let pairs =
            bytes.chunks_exact(2).map(|pair| pair.iter().rev().fold(0, |n, b| n << 8 | u16::from(*b)));
        char::decode_utf16(pairs).collect::<Result<String, _>>().ok()?
    } else {
        String::from_utf8(bytes).ok()?
    };
    let (mut count, mut words) = (0_usize, 0_usize);
    for c in text.chars() {
        if is_unprintable(c) {
            return None;
        }
        count += 1;
        words += usize::from(c.is_alphanumeric() || c.is_whitespace());
    }
    if words * 2 >= count { Some(text) } else { None }
}

/// A control character that has no place in a text.
fn is_unprintable(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}
