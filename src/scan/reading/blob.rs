//! Decodes words that are base64 or hexadecimal.

use super::{Part, readable};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use std::ops::Range;

/// Shortest word that is tried; below `SURE` only with padding, which nothing else ends with.
const SHORTEST: usize = 8;
const SURE: usize = 16;
/// From this length on a word may go on in the next line: writers of base64 break at 64 or 76.
const LINE: usize = 32;

/// Padding may be missing or too much, and the last bits anything: decoders of others are as lenient.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// Every word that is a text in base64 or hexadecimal.
pub(super) fn decode(text: &str) -> Vec<Part> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(word) = next_word(bytes, at) {
        let (end, lines) = lines_of(bytes, &word);
        at = end;
        let joined: Vec<u8> =
            lines.iter().filter_map(|line| bytes.get(line.clone())).flatten().copied().collect();
        if let Some(text) = decoded(&joined, padded(bytes, end)) {
            parts.push(Part::whole(word.start..end + padding(bytes, end), text));
            continue;
        }
        // A path or an address may hold it between its slashes.
        for line in lines {
            let mut start = line.start;
            let inside = bytes.get(line.clone()).unwrap_or_default();
            for piece in inside.split(|byte| !byte.is_ascii_alphanumeric()) {
                let span = start..start + piece.len();
                start = span.end + 1;
                if piece.len() < inside.len()
                    && let Some(text) = decoded(piece, padded(bytes, span.end))
                {
                    parts.push(Part::whole(span, text));
                }
            }
        }
    }
    parts
}

fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The next word of at least `SHORTEST` bytes. Looks at every eighth byte first: in prose a word ends before that.
fn next_word(bytes: &[u8], mut at: usize) -> Option<Range<usize>> {
    loop {
        let ahead = bytes.get(at..at + SHORTEST)?;
        match ahead.iter().rposition(|byte| !is_in_word(*byte)) {
            Some(last) => at += last + 1,
            None => {
                let rest = bytes.get(at + SHORTEST..).unwrap_or_default();
                let len = SHORTEST + rest.iter().take_while(|byte| is_in_word(**byte)).count();
                if len >= SURE || padded(bytes, at + len) {
                    return Some(at..at + len);
                }
                at += len;
            }
        }
    }
}

/// The lines over which a word goes on, and where the last one ends. A line that goes on is as long as the first, and
/// the one after it holds nothing else.
fn lines_of(bytes: &[u8], word: &Range<usize>) -> (usize, Vec<Range<usize>>) {
    let mut lines = vec![word.clone()];
    let mut last = word.clone();
    while last.len() >= LINE && last.len() == word.len() && !padded(bytes, last.end) {
        let rest = bytes.get(last.end..).unwrap_or_default();
        let gap = rest
            .iter()
            .take(32)
            .take_while(|byte| matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | b'>'))
            .count();
        if !rest.iter().take(gap).any(|byte| *byte == b'\n') {
            break;
        }
        let line = rest.get(gap..).unwrap_or_default();
        let len = line.iter().take(word.len() + 1).take_while(|byte| is_in_word(**byte)).count();
        let closed = line.get(len).is_none_or(|byte| matches!(byte, b'\r' | b'\n' | b'=' | b'"' | b'\''));
        if len == 0 || len > word.len() || !closed {
            break;
        }
        last = last.end + gap..last.end + gap + len;
        lines.push(last.clone());
    }
    (last.end, lines)
}

fn padding(bytes: &[u8], end: usize) -> usize {
    bytes.get(end..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b'=').count()
}

fn padded(bytes: &[u8], end: usize) -> bool {
    padding(bytes, end) > 0
}

pub(super) fn decoded(word: &[u8], padded: bool) -> Option<String> {
    if word.len() < SHORTEST || (word.len() < SURE && !padded) {
        return None;
    }
    let digits = word.strip_prefix(b"0x").unwrap_or(word);
    if digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit) {
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        if let Some(text) = digits.chunks_exact(2).map(pair).collect::<Option<Vec<u8>>>().and_then(readable) {
            return Some(text);
        }
    }
    // A single character more holds six bits of a byte: what was cut off is left out.
    let whole = if word.len() % 4 == 1 { word.len() - 1 } else { word.len() };
    let engine = if word.iter().any(|byte| matches!(byte, b'-' | b'_')) { URL_SAFE } else { STANDARD };
    engine.decode(word.get(..whole)?).ok().and_then(readable)
}
