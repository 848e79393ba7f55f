//! Rotates letters back (ROT13) where a word says that they were rotated.

use super::Part;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::sync::LazyLock;

/// `ignore`, `disregard`, `previous`, `instruct`, `password`, `system`, `reveal`, `secret`, `override`, `execute`,
/// `forget`, `rm -rf`, `/bin/sh`, `/bin/bash`, `etc/passwd`, rotated: no word of any language that we know.
const ROTATED: [&str; 15] = [
    "vtaber",
    "qvfertneq",
    "cerivbhf",
    "vafgehpg",
    "cnffjbeq",
    "flfgrz",
    "erirny",
    "frperg",
    "bireevqr",
    "rkrphgr",
    "sbetrg",
    "ez -es",
    "/ova/fu",
    "/ova/onfu",
    "rgp/cnffjq",
];

/// A DFA of some hundred states, made in well under a millisecond.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let kind = Some(AhoCorasickKind::DFA);
    AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(ROTATED).ok()
});

/// The paragraphs with such a word, rotated back.
pub(super) fn back(text: &str) -> Vec<Part> {
    let Some(words) = WORDS.as_ref() else { return Vec::new() };
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(found) = words.find(aho_corasick::Input::new(text).range(at..)) {
        let before = text.get(at..found.start()).unwrap_or_default();
        let start = before.rfind("\n\n").map_or(at, |blank| at + blank + 2);
        let after = text.get(found.end()..).unwrap_or_default();
        let end = after.find("\n\n").map_or(text.len(), |blank| found.end() + blank);
        let rotated = text.get(start..end).unwrap_or_default().chars().map(rotate).collect();
        parts.push(Part { rotated: true, ..Part::whole(start..end, rotated) });
        at = end;
    }
    parts
}

fn rotate(c: char) -> char {
    match c {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(c) + 13).unwrap_or(c),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(c) - 13).unwrap_or(c),
        _ => c,
    }
}
