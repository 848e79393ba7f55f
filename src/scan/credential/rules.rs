//! All rules, and the one pass that says where to look with which.

use super::rule::{Allowed, Pass, Row, Rule};
use super::{Found, assignment, connection, private_key};
use crate::scan::ScanError;
use crate::scan::patterns::{self, Case, Layout};
use aho_corasick::AhoCorasick;
use serde::Deserialize;
use std::ops::Range;

/// The rules of gitleaks; the file says which version and what was left out.
const GITLEAKS: &str = include_str!("gitleaks.toml");

/// Keywords that are rarer than the file's, which stand in every text: `ey` in `they`. An empty list drops the rule.
const TUNED: &[(&str, &[&str])] = &[
    ("jwt", &["eyj"]),
    ("kubernetes-secret-yaml", &["kind:"]),
    // Tokens of the form `s.` were replaced by `hvs.` in 2022; every sentence that ends in s would be looked at.
    ("vault-service-token", &["hvs."]),
    // `private_key.rs` reads keys without an end, and of one line, too.
    ("private-key", &[]),
    // Only meant for .tf files; `assignment.rs` does it everywhere.
    ("hashicorp-tf-password", &[]),
];

/// How far a pattern looks to the left of its keyword, and to the right; the right side goes on to the next blank.
const LEFT: usize = 128;
const RIGHT: usize = 600;
const RIGHT_NAMED: usize = 250;
const TO_BLANK: usize = 4096;
/// Most bytes that patterns read for one text, over all rules: 64 times what an honest megabyte of code needs.
const BUDGET: usize = 64 << 20;

/// The rules.
#[derive(Debug)]
pub(super) struct Rules {
    finder: AhoCorasick,
    uses: Vec<Vec<Use>>,
    rules: Vec<Rule>,
    globally: Pass,
    budget: usize,
}

/// What is tried where a keyword stands.
#[derive(Debug)]
enum Use {
    /// A rule's pattern; when the keyword is written like this.
    Rule(usize, Option<String>),
    Assignment,
    Connection,
    PrivateKey,
}

#[derive(Deserialize)]
struct File {
    allowlist: Allowed,
    rules: Vec<Row>,
}

impl Rules {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is no such file. A test reads it too.
    pub(super) fn read() -> Result<Self, ScanError> {
        let file: File =
            toml::from_str(GITLEAKS).map_err(|e| ScanError(format!("gitleaks.toml cannot be read: {e}")))?;
        let globally = Pass::new(&file.allowlist)?;
        let mut keywords: Vec<(String, Use)> = Vec::new();
        let mut rules = Vec::with_capacity(file.rules.len());
        for row in file.rules {
            let tuned = TUNED.iter().find(|(id, _)| *id == row.id).map(|(_, keywords)| *keywords);
            let words: Vec<String> = match tuned {
                Some(tuned) => tuned.iter().map(|word| (*word).to_owned()).collect(),
                None => row.keywords.clone(),
            };
            let rule = Rule::new(row);
            for word in words {
                let written = rule.written(&word);
                keywords.push((word, Use::Rule(rules.len(), written)));
            }
            rules.push(rule);
        }
        keywords.extend(assignment::NAMES.iter().map(|name| ((*name).to_owned(), Use::Assignment)));
        keywords.push(("://".to_owned(), Use::Connection));
        keywords.push(("-----begin".to_owned(), Use::PrivateKey));
        keywords.sort_by(|a, b| a.0.cmp(&b.0));
        let (mut words, mut uses): (Vec<String>, Vec<Vec<Use>>) = (Vec::new(), Vec::new());
        for (word, way) in keywords {
            match uses.last_mut() {
                Some(last) if words.last() == Some(&word) => last.push(way),
                _ => {
                    words.push(word);
                    uses.push(vec![way]);
                }
            }
        }
        let finder = patterns::markers(&words, Case::Ignored, Layout::Table)
            .map_err(|e| ScanError(format!("the keywords cannot be searched for: {e}")))?;
        Ok(Self { finder, uses, rules, globally, budget: BUDGET })
    }

    /// The same rules, with another budget.
    #[cfg(test)]
    pub(super) fn within(self, budget: usize) -> Self {
        Self { budget, ..self }
    }

    /// Compiles every pattern now, and says how many there are.
    #[cfg(test)]
    pub(super) fn compile_all(&self) -> Result<usize, ScanError> {
        self.rules.iter().try_for_each(Rule::compile_now)?;
        Ok(self.rules.len())
    }

    /// Everything found in a text; places may overlap.
    ///
    /// # Errors
    /// When the text has so many keywords that patterns would read too much.
    pub(super) fn find(&self, text: &str) -> Result<Vec<Found>, ScanError> {
        let mut found = Vec::new();
        let windows = self.windows(text, &mut found);
        let mut read = 0;
        for (rule, window) in windows {
            read += window.len();
            if read > self.budget {
                return Err(ScanError(
                    "too many places look like the name of a key; split the text".to_owned(),
                ));
            }
            let Some(rule) = self.rules.get(rule) else { continue };
            let spans = rule.find(text, window, &self.globally)?;
            // Patterns read bytes: one with a dot may begin or end inside a character.
            let whole =
                |span: Range<usize>| text.floor_char_boundary(span.start)..text.ceil_char_boundary(span.end);
            let in_rule = |span| Found { rule: rule.id.into(), kind: rule.kind, span: whole(span) };
            found.extend(spans.into_iter().map(in_rule));
        }
        Ok(found)
    }

    /// Where to look with which pattern; what needs no pattern is found at once.
    fn windows(&self, text: &str, found: &mut Vec<Found>) -> Vec<(usize, Range<usize>)> {
        let bytes = text.as_bytes();
        let mut windows: Vec<(usize, Range<usize>)> = Vec::new();
        let mut last: Vec<Option<usize>> = vec![None; self.rules.len()];
        for seen in self.finder.find_overlapping_iter(text) {
            for way in self.uses.get(seen.pattern().as_usize()).into_iter().flatten() {
                match way {
                    Use::Assignment => found.extend(assignment::at(text, seen.range())),
                    Use::Connection => found.extend(connection::at(text, seen.start())),
                    Use::PrivateKey => found.extend(private_key::at(text, seen.start())),
                    Use::Rule(rule, written) => {
                        let as_written = |form: &String| bytes.get(seen.range()) == Some(form.as_bytes());
                        let named = self.rules.get(*rule).is_some_and(Rule::needs_operator);
                        if !written.as_ref().is_none_or(as_written)
                            || named && !operator_follows(bytes, seen.end())
                        {
                            continue;
                        }
                        let right = if named { RIGHT_NAMED } else { RIGHT };
                        let start = seen.start().saturating_sub(LEFT);
                        let known = last.get(*rule).copied().flatten().and_then(|at| windows.get_mut(at));
                        match known {
                            // Far enough already, or overlapping: no byte is read twice by one rule.
                            Some((_, window)) if window.end >= seen.end() + right => {}
                            Some((_, window)) if window.end > start => {
                                window.end = to_blank(bytes, seen.end() + right)
                            }
                            _ => {
                                if let Some(last) = last.get_mut(*rule) {
                                    *last = Some(windows.len());
                                }
                                windows.push((*rule, start..to_blank(bytes, seen.end() + right)));
                            }
                        }
                    }
                }
            }
        }
        windows
    }
}

/// The next blank, so that a window never cuts a token.
fn to_blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let blank = rest.iter().take(TO_BLANK).take_while(|b| !b.is_ascii_whitespace()).count();
    at.min(bytes.len()) + blank
}

/// Whether an operator follows a name, where the patterns of gitleaks allow one: after at most 20 characters of a name
/// and 3 blanks or quotes.
fn operator_follows(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    let between = |b: &u8| b.is_ascii_alphanumeric() || b"_.- \t\r\n'\"".contains(b);
    rest.iter().take(24).find(|b| !between(b)).is_some_and(|b| b"=>:|?,".contains(b))
}
