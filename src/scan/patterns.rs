//! How the rules about commands and paths are compiled: bytes, within bounds of memory.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{RegexSet, RegexSetBuilder};

/// Largest cache of a set while it runs, in bytes.
const CACHE: usize = 1 << 20;

/// Whether upper and lower case are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Told,
    Ignored,
}

/// A set of patterns of at most `size` bytes once compiled.
///
/// # Errors
/// When one does not compile, or all are too large.
pub(super) fn set(patterns: Vec<String>, case: Case, size: usize) -> Result<RegexSet, String> {
    RegexSetBuilder::new(patterns)
        .unicode(false)
        .case_insensitive(case == Case::Ignored)
        .size_limit(size)
        .dfa_size_limit(CACHE)
        .build()
        .map_err(|e| e.to_string())
}

/// The words of which a text must hold one before patterns are tried on it, in either case.
///
/// # Errors
/// When there are too many.
pub(super) fn markers(words: &[String]) -> Result<AhoCorasick, String> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .map_err(|e| e.to_string())
}
