//! Finds paths that hold secrets or steer the system, and paths written so that a check does not see where they lead.
//!
//! What comes in (a request, a tool's argument) is read strictly: any mention counts. What goes out is read only where the text
//! is a command, a path or code, since words about `/etc/shadow` harm nobody. What a machine is about to use counts in full,
//! what is only shown one step less.

mod canonical;
mod rules;

#[cfg(test)]
mod tests;

use super::code::fence::blocks;
use super::command::{one_less, snippet};
use super::{Hit, Reading, ScanError, Scanner, Text};
use crate::kernel::port::{Border, Class, Crossing, Severity};
use canonical::{Canonical, canonical};
use rules::{Rule, Rules, rules};
use std::ops::Range;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path;

/// Most findings; a text with more is told by these.
const MAX_HITS: usize = 50;
/// Most words of one text that are looked at. Listings of a whole disk have more, and are told by their beginning.
const MAX_WORDS: usize = 5000;
/// Longest word that may be a path, in bytes (Linux PATH_MAX).
const MAX_PATH: usize = 4096;

impl Scanner for Path {
    fn name(&self) -> &'static str {
        "path"
    }

    fn scan(&self, text: &Text<'_>, crossing: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let rules = rules().map_err(|why| ScanError(format!("its rules do not compile: {why}")))?;
        let mut hits = Vec::new();
        for reading in text.readings() {
            read(rules, reading, crossing, &mut hits);
        }
        Ok(hits)
    }
}

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A machine would use it.
    Used,
    /// In code, in a command, or it is all there is.
    Code,
    /// In words.
    Words,
}

fn read(rules: &'static Rules, reading: &Reading<'_>, crossing: &Crossing<'_>, hits: &mut Vec<Hit>) {
    let text = reading.text();
    let is_input = matches!(crossing.border, Border::Request | Border::ToolArgument);
    let mut code: Option<Vec<Range<usize>>> = None;
    for word in words(rules, text) {
        if hits.len() >= MAX_HITS {
            return;
        }
        let shown = text.get(word.clone()).unwrap_or_default();
        let found: Vec<&'static Rule> = pieces(shown).flat_map(|piece| judge(rules, piece)).collect();
        if found.is_empty() {
            continue;
        }
        let place = match crossing.executed {
            true => Place::Used,
            false if code.get_or_insert_with(|| in_code(text)).iter().any(|code| holds(code, &word)) => {
                Place::Code
            }
            false => Place::Words,
        };
        for rule in found {
            let severity = match place {
                Place::Used => Some(rule.severity),
                _ if rule.is_tool && uses_keys(text, word.start) => None,
                Place::Words if !is_input || (rule.is_common && !shown.contains(['/', '\\'])) => None,
                Place::Code | Place::Words if is_input => {
                    Some(one_less(rule.severity).unwrap_or(Severity::Note))
                }
                Place::Code | Place::Words => one_less(rule.severity),
            };
            let span = reading.in_raw(&word);
            let is_told =
                |hit: &Hit| hit.rule == rule.id && hit.span.start < span.end && span.start < hit.span.end;
            if let Some(severity) = severity.filter(|_| !hits.iter().any(is_told)) {
                let (rule, reason) = (rule.id.as_str().into(), rule.reason.as_str().into());
                hits.push(Hit { class: Class::Path, severity, span, rule, reason });
            }
        }
    }
}

fn holds(code: &Range<usize>, word: &Range<usize>) -> bool {
    code.start <= word.start && word.end <= code.end
}

/// The words of a text in which something of a rule stands.
fn words<'t>(rules: &'static Rules, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let bytes = text.as_bytes();
    let mut done = 0;
    // INVARIANT: each byte is walked over once: what lies before `done` was looked at.
    let hits = rules.markers(text).filter_map(move |at| {
        if at < done {
            return None;
        }
        let before = bytes.get(done..at).unwrap_or_default();
        let start = before.iter().rposition(|byte| ends_word(*byte)).map_or(done, |n| done + n + 1);
        let after = bytes.get(at..).unwrap_or_default();
        let end = after.iter().position(|byte| ends_word(*byte)).map_or(bytes.len(), |n| at + n);
        done = end.max(at + 1);
        (end > start && end - start <= MAX_PATH).then_some(start..end)
    });
    hits.take(MAX_WORDS)
}

/// What no path in a text goes on after. All are ASCII, so cuts are between characters.
fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'(' | b')' | b',')
}

/// A word, and what in it may be a path of its own: after `=`, and after a `:` that a root follows.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let trimmed = word.trim_start_matches(['@', '[', '{', '*']);
    let trimmed = trimmed.trim_end_matches([';', ':', '!', ']', '}', '*']);
    let whole = trimmed.strip_suffix(['.', '?']).filter(|rest| !rest.ends_with('.')).unwrap_or(trimmed);
    let values = whole.split(['=', '&', ';']).skip(1).map(|value| value.trim_start_matches('@'));
    let mounts = whole.match_indices([':']).filter_map(|(at, _)| {
        let (before, after) = (whole.get(..at)?, whole.get(at + 1..)?);
        let is_root = after.starts_with(['/', '~', '.']) && !after.starts_with("//");
        Some([before, after]).filter(|_| is_root)
    });
    std::iter::once(whole).chain(values.take(8)).chain(mounts.take(4).flatten())
}

/// The rules that hold for a path.
fn judge(rules: &'static Rules, path: &str) -> Vec<&'static Rule> {
    let Canonical { path, leads } = canonical(path);
    rules.of(&path, &leads)
}

/// Where code is: fenced blocks, commands, and a text that is one word.
fn in_code(text: &str) -> Vec<Range<usize>> {
    let is_word = !text.trim().contains(|c: char| c.is_whitespace());
    let mut code = if is_word { std::iter::once(0..text.len()).collect() } else { snippet::snippets(text) };
    if text.contains("```") || text.contains("~~~") {
        code.extend(blocks(text).into_iter().filter(|block| block.info.is_some()).map(|block| block.span));
    }
    code
}

/// Whether the line of a word begins with a program that keys are there for: `ssh -i key`, `chmod 600 key`.
fn uses_keys(text: &str, at: usize) -> bool {
    let from = text.ceil_char_boundary(at.saturating_sub(200));
    let before = text.get(from..at).unwrap_or_default();
    let line = before.rsplit(['\n', '`', ';', '|', '&']).next().unwrap_or_default();
    let mut words =
        line.split_whitespace().filter(|word| !matches!(*word, "$" | "sudo" | "-" | "RUN" | "run:"));
    words.next().is_some_and(|program| {
        let known = [
            "ssh",
            "ssh-add",
            "ssh-keygen",
            "ssh-copy-id",
            "sftp",
            "chmod",
            "chown",
            "mkdir",
            "touch",
            "git",
            "ansible",
            "export",
        ];
        known.contains(&program)
    })
}
