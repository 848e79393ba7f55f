//! Takes found parts out of a text. Pure: what is found where is the caller's, and so is the key.

#[cfg(test)]
mod tests;

use ring::hmac;
use std::collections::HashMap;
use std::ops::Range;

/// What a part is replaced by.
#[derive(Debug, Clone)]
pub enum Redaction<'k> {
    /// As many asterisks as it has characters.
    Mask,
    /// `[kind:0123456789ab]`: 48 bits of HMAC-SHA-256. Equal parts are equal in all texts of one key, and who lacks the
    /// key cannot try values.
    Hash(&'k [u8]),
    /// `[kind-1]`: equal parts are equal within this text.
    Token,
}

/// The text with its parts replaced. A part is a span in bytes and what kind of thing it is, such as a finding's rule.
///
/// Parts may be in any order. Of parts that overlap, everything that any of them covers is taken out as one, under the
/// kind of the first; a span that cuts a character takes all of it.
pub fn redact(text: &str, parts: &[(Range<usize>, &str)], by: &Redaction<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut tokens: HashMap<(String, &str), usize> = HashMap::new();
    let mut at = 0;
    for (span, kind) in merged(text, parts) {
        out.push_str(text.get(at..span.start).unwrap_or_default());
        at = span.end;
        let part = text.get(span).unwrap_or_default();
        match by {
            Redaction::Mask => out.extend(part.chars().map(|_| '*')),
            Redaction::Hash(key) => {
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), part.as_bytes());
                let hex: String = tag.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
                out.push_str(&format!("[{kind}:{hex}]"));
            }
            Redaction::Token => {
                let next = tokens.keys().filter(|(of, _)| of == kind).count() + 1;
                let number = tokens.entry((kind.to_owned(), part)).or_insert(next);
                out.push_str(&format!("[{kind}-{number}]"));
            }
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// The parts in order, whole characters, none touching another's characters.
fn merged<'p>(text: &str, parts: &[(Range<usize>, &'p str)]) -> Vec<(Range<usize>, &'p str)> {
    let whole = |span: &Range<usize>| text.floor_char_boundary(span.start)..text.ceil_char_boundary(span.end);
    let mut all: Vec<_> =
        parts.iter().map(|(span, kind)| (whole(span), *kind)).filter(|(span, _)| !span.is_empty()).collect();
    all.sort_by_key(|(span, _)| (span.start, span.end));
    let mut out: Vec<(Range<usize>, &str)> = Vec::with_capacity(all.len());
    for (span, kind) in all {
        match out.last_mut() {
            Some((last, _)) if span.start < last.end => last.end = last.end.max(span.end),
            _ => out.push((span, kind)),
        }
    }
    out
}
