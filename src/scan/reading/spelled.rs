//! Joins what is spelled in small pieces: `i g n o r e`, `i.g.n.o.r.e`, a letter per line, and bytes as `69 67 6e`.

use super::{Part, readable};
use std::ops::Range;

/// Fewest pieces that make a stretch. Honest lists of single letters are as long; joined they say nothing.
const FEWEST: usize = 6;
/// Shortest stretch of that many pieces.
const SHORTEST: usize = 2 * FEWEST - 1;
/// Longest gap between two pieces.
const LONGEST_GAP: usize = 4;

/// Every stretch of small pieces, joined.
pub(super) fn join(text: &str) -> Vec<Part> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(start) = next_start(bytes, at) {
        let stretch: Vec<_> =
            if is_stretch(bytes, start) { stretch_at(bytes, start).collect() } else { Vec::new() };
        let rest = bytes.get(start..).unwrap_or_default();
        let word = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let end = stretch.last().map_or(start + word, |piece| piece.end);
        for pieces in stretch.chunk_by(|a, b| kind(bytes, a) == kind(bytes, b)) {
            if pieces.len() >= FEWEST
                && let (Some(first), Some(last)) = (pieces.first(), pieces.last())
                && let Some(joined) = joined(text, pieces)
            {
                parts.push(Part::whole(first.start..last.end, joined));
            }
        }
        at = end;
    }
    parts.extend(listed(text));
    parts
}

/// Where the next stretch may begin. Looks at three bytes out of nine first: three letters or digits in a row are in no
/// stretch.
fn next_start(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let ahead = bytes.get(at..at + SHORTEST)?;
        let windows = [8, 5, 2];
        let full = |last: &usize| {
            let window = ahead.get(last.saturating_sub(2)..=*last).unwrap_or_default();
            window.iter().all(u8::is_ascii_alphanumeric)
        };
        if let Some(last) = windows.iter().find(|last| full(last)) {
            at += last - 1;
            // Not in the middle of a word.
            at +=
                bytes.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            continue;
        }
        match ahead.iter().position(u8::is_ascii_alphanumeric) {
            Some(0) => return Some(at),
            Some(skip) => at += skip,
            None => at += ahead.len(),
        }
    }
}

/// Pieces of one or two letters or digits, in a row.
fn stretch_at(bytes: &[u8], start: usize) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let at = next?;
        let rest = bytes.get(at..).unwrap_or_default();
        let len = rest.iter().take(3).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if len == 0 || len > 2 {
            next = None;
            return None;
        }
        let gap = rest.iter().skip(len).take(LONGEST_GAP + 1);
        let gap = gap.take_while(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()).count();
        next = if gap == 0 || gap > LONGEST_GAP { None } else { Some(at + len + gap) };
        Some(at..at + len)
    })
}

/// Whether enough pieces begin here.
fn is_stretch(bytes: &[u8], start: usize) -> bool {
    stretch_at(bytes, start).take(FEWEST).count() == FEWEST
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// One letter or digit.
    Single,
    /// Two hexadecimal digits.
    Byte,
    /// Two other ones.
    Word,
}

fn kind(bytes: &[u8], piece: &Range<usize>) -> Kind {
    match bytes.get(piece.clone()) {
        Some([a, b]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => Kind::Byte,
        Some([_, _]) => Kind::Word,
        _ => Kind::Single,
    }
}

fn joined(text: &str, pieces: &[Range<usize>]) -> Option<String> {
    let words: Vec<&str> = pieces.iter().filter_map(|piece| text.get(piece.clone())).collect();
    if words.iter().all(|word| word.len() == 2) {
        return bytes_of(&words);
    }
    let letters =
        words.iter().filter(|word| word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic()));
    if letters.count() * 5 < words.len() * 4 {
        return None;
    }
    let gaps =
        pieces.iter().zip(pieces.iter().skip(1)).map(|(a, b)| text.get(a.end..b.start).unwrap_or_default());
    let usual = gaps.clone().next()?;
    let mut joined = String::new();
    for (word, gap) in words.iter().zip(gaps.map(Some).chain([None])) {
        joined.push_str(word);
        // Another gap than the usual one ends a word, or is a sign between two.
        let Some(gap) = gap.filter(|gap| *gap != usual) else { continue };
        let signs = gap.replace(usual, "");
        let signs = signs.trim();
        if signs.is_empty() || gap.starts_with(&usual.repeat(2)) {
            joined.push(' ');
        }
        joined.push_str(signs);
    }
    Some(joined)
}

fn bytes_of(words: &[&str]) -> Option<String> {
    let bytes = words.iter().map(|word| u8::from_str_radix(word, 16).ok()).collect::<Option<Vec<u8>>>()?;
    readable(bytes)
}

/// Lists such as `0x69, 0x67, 0x6e`.
fn listed(text: &str) -> Vec<Part> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(hit) = bytes.get(at..).and_then(|rest| memchr::memmem::find(rest, b"0x")) {
        let start = at + hit;
        let (mut end, mut next, mut words) = (start, start, Vec::new());
        while bytes.get(next..next + 2) == Some(b"0x") {
            let word =
                text.get(next + 2..next + 4).filter(|word| word.bytes().all(|b| b.is_ascii_hexdigit()));
            let Some(word) = word else { break };
            words.push(word);
            end = next + 4;
            let rest = bytes.get(end..).unwrap_or_default();
            next = end
                + rest
                    .iter()
                    .take(LONGEST_GAP)
                    .take_while(|b| matches!(b, b',' | b';' | b' ' | b'\n'))
                    .count();
        }
        if words.len() >= FEWEST
            && let Some(text) = bytes_of(&words)
        {
            parts.push(Part::whole(start..end, text));
        }
        at = end.max(start + 2);
    }
    parts
}
