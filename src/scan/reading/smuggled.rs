//! Reads what invisible characters spell: tags stand for ASCII, variation selectors for bytes.

use super::{Part, readable};

/// Shortest run that is read.
const SHORTEST: usize = 4;

/// Every run of tags or of variation selectors, as what it spells.
pub(super) fn spell(text: &str) -> Vec<Part> {
    // The first byte of all tags and of most selectors.
    if memchr::memchr(0xf3, text.as_bytes()).is_none() {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut run: (usize, Vec<u8>) = (0, Vec::new());
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        if let Some(byte) = byte_of(c) {
            if run.1.is_empty() {
                run.0 = at;
            }
            run.1.push(byte);
            continue;
        }
        let (start, bytes) = std::mem::take(&mut run);
        if bytes.len() >= SHORTEST
            && let Some(text) = readable(bytes)
        {
            parts.push(Part::whole(start..at, text));
        }
    }
    parts
}

fn byte_of(c: char) -> Option<u8> {
    let byte = match c {
        '\u{e0020}'..='\u{e007e}' => u32::from(c) - 0xe0000,
        '\u{fe00}'..='\u{fe0f}' => u32::from(c) - 0xfe00,
        '\u{e0100}'..='\u{e01ef}' => u32::from(c) - 0xe0100 + 16,
        _ => return None,
    };
    u8::try_from(byte).ok()
}
