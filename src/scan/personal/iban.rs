//! Numbers of bank accounts: a country, check digits, and that country's form.

use iban::Iban;
use std::ops::Range;

/// Shortest and longest IBAN of any country, without spaces.
const SHORTEST: usize = 15;
const LONGEST: usize = 34;

/// Every IBAN.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, four) in bytes.windows(4).enumerate() {
        let [a, b, c, d] = four else { continue };
        let begins =
            c.is_ascii_digit() && d.is_ascii_digit() && a.is_ascii_alphabetic() && b.is_ascii_alphabetic();
        let inside = at > 0 && bytes.get(at - 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if begins && !inside && found.last().is_none_or(|last| last.end <= at) {
            found.extend(longest(text, at));
        }
    }
    found
}

/// The IBAN that begins here. Its country says how long it is, so at most one length is right.
fn longest(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut held = String::with_capacity(LONGEST);
    let mut end = at;
    while held.len() < LONGEST {
        match bytes.get(end) {
            Some(b) if b.is_ascii_alphanumeric() => held.push(char::from(b.to_ascii_uppercase())),
            // One space or dash, and then more of it.
            Some(b' ' | b'-') if bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric) => {}
            _ => break,
        }
        end += 1;
        let whole = !bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if whole && held.len() >= SHORTEST && held.parse::<Iban>().is_ok() {
            return Some(at..end);
        }
    }
    None
}
