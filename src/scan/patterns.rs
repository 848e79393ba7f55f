//! How rules' patterns are compiled and run: in linear time, and within bounds of memory.
//!
//! They are the automata below `regex` itself, because that keeps a cache of each pattern for each thread with no bound over all of
//! them: some hundred rules came to 20 MB.

mod memory;

#[cfg(test)]
mod tests;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex_automata::meta::{Builder, Config, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::captures::Captures;
use regex_automata::util::iter::Searcher;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind, PatternSet};
use std::fmt;
use std::ops::Range;

/// Largest cache of one pattern while it runs, in bytes; a full one is begun anew.
const CACHE: usize = 256 << 10;
/// The same for a set, whose states are those of all its patterns: below this, sets of commands begin anew all the time.
const SET_CACHE: usize = 1 << 20;
/// Largest compiled pattern, in bytes, where a rule's file says nothing else.
const SIZE: usize = 4 << 20;

/// Whether upper and lower case are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Told,
    Ignored,
}

/// A pattern.
pub(super) struct Pattern {
    regex: Regex,
    memory: memory::Id,
}

impl Pattern {
    /// One over the characters of a text, in either case.
    ///
    /// # Errors
    /// When it does not compile, or is too large.
    pub(super) fn of_text(pattern: &str) -> Result<Self, String> {
        let config = Config::new().nfa_size_limit(Some(SIZE)).hybrid_cache_capacity(CACHE);
        Self::new(pattern, config, syntax::Config::new().case_insensitive(true))
    }

    /// One over bytes, with the classes of ASCII.
    ///
    /// # Errors
    /// When it does not compile, or is too large.
    pub(super) fn of_bytes(pattern: &str) -> Result<Self, String> {
        Self::new(pattern, bytes_config(SIZE, CACHE), bytes_syntax())
    }

    /// One over bytes that is only asked whether it matches, in short texts: a search for its literals first would cost more
    /// memory than the pattern, and gain nothing.
    ///
    /// # Errors
    /// When it does not compile, or is too large.
    pub(super) fn of_short_bytes(pattern: &str) -> Result<Self, String> {
        let config = bytes_config(SIZE, CACHE).which_captures(WhichCaptures::Implicit).auto_prefilter(false);
        Self::new(pattern, config, bytes_syntax())
    }

    fn new(pattern: &str, config: Config, syntax: syntax::Config) -> Result<Self, String> {
        let regex = Builder::new().configure(config).syntax(syntax).build(pattern);
        Ok(Self { regex: regex.map_err(|e| e.to_string())?, memory: memory::Id::next() })
    }

    /// Whether it matches from there on; what is before only counts for what stands beside a match.
    pub(super) fn is_match_at(&self, bytes: &[u8], at: usize) -> bool {
        let input = Input::new(bytes).range(at..).earliest(true);
        memory::with(self.memory, &self.regex, |cache| self.regex.search_half_with(cache, &input).is_some())
    }

    /// Whether it matches anywhere.
    pub(super) fn is_match(&self, bytes: &[u8]) -> bool {
        self.is_match_at(bytes, 0)
    }

    /// Its first matches, at most so many.
    pub(super) fn find(&self, text: &str, most: usize) -> Vec<Range<usize>> {
        let mut searcher = Searcher::new(Input::new(text));
        memory::with(self.memory, &self.regex, |cache| {
            let mut next = || searcher.advance(|input| Ok(self.regex.search_with(cache, input)));
            std::iter::from_fn(|| next().map(|found| found.range())).take(most).collect()
        })
    }

    /// The first match from there on, with its groups.
    pub(super) fn captures_at(&self, bytes: &[u8], at: usize) -> Option<Captures> {
        let input = Input::new(bytes).range(at..);
        let mut groups = self.regex.create_captures();
        memory::with(self.memory, &self.regex, |cache| {
            self.regex.search_captures_with(cache, &input, &mut groups);
        });
        groups.is_match().then_some(groups)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pattern")
    }
}

/// Patterns over bytes that are tried together.
pub(super) struct Set {
    regex: Regex,
    memory: memory::Id,
}

impl Set {
    /// A set of patterns of at most `size` bytes once compiled.
    ///
    /// # Errors
    /// When one does not compile, or all are too large.
    pub(super) fn new(patterns: &[String], case: Case, size: usize) -> Result<Self, String> {
        let config = bytes_config(size, SET_CACHE);
        let config = config.match_kind(MatchKind::All).which_captures(WhichCaptures::Implicit);
        let syntax = bytes_syntax().case_insensitive(case == Case::Ignored);
        let regex = Builder::new().configure(config).syntax(syntax).build_many(patterns);
        Ok(Self { regex: regex.map_err(|e| e.to_string())?, memory: memory::Id::next() })
    }

    /// Which of the patterns match, by their places.
    pub(super) fn matches(&self, bytes: &[u8]) -> Vec<usize> {
        let mut found = PatternSet::new(self.regex.pattern_len());
        let input = Input::new(bytes);
        memory::with(self.memory, &self.regex, |cache| {
            self.regex.which_overlapping_matches_with(cache, &input, &mut found);
        });
        found.iter().map(|pattern| pattern.as_usize()).collect()
    }

    /// Whether any of them matches.
    pub(super) fn is_match(&self, bytes: &[u8]) -> bool {
        let input = Input::new(bytes).earliest(true);
        memory::with(self.memory, &self.regex, |cache| self.regex.search_half_with(cache, &input).is_some())
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Set")
    }
}

fn bytes_config(size: usize, cache: usize) -> Config {
    Config::new().utf8_empty(false).nfa_size_limit(Some(size)).hybrid_cache_capacity(cache)
}

fn bytes_syntax() -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false)
}

/// How an automaton of words is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A table: the faster the fewer words there are, as one of many megabytes is never in the processor's cache.
    Table,
    /// A tenth of its memory, and half its speed where the table is small.
    Compact,
}

/// The words of which a text must hold one before patterns are tried on it.
///
/// # Errors
/// When there are too many.
pub(super) fn markers(words: &[String], case: Case, layout: Layout) -> Result<AhoCorasick, String> {
    let kind = match layout {
        Layout::Table => AhoCorasickKind::DFA,
        Layout::Compact => AhoCorasickKind::ContiguousNFA,
    };
    AhoCorasick::builder()
        .ascii_case_insensitive(case == Case::Ignored)
        .kind(Some(kind))
        .build(words)
        .map_err(|e| e.to_string())
}
