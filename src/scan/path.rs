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
use super::crowd::Crowd;
use super::{Hit, Reading, ScanError, Scanner, Text};
use crate::kernel::port::{Border, Class, Crossing, Severity};
use canonical::{Canonical, canonical};
use rules::{Rule, Rules, rules};
use std::ops::Range;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path;

/// Most findings, and one more of each severity that would go untold; a text with more is told by the gravest.
const MAX_HITS: usize = 50;
/// Most words of one reading that are looked at where it is only shown. Listings of a whole disk have more, and are told by
/// their beginning.
const MAX_WORDS: usize = 5000;
/// The same where a machine would use it: as many as the longest text that is read as commands can hold.
const MAX_USED_WORDS: usize = 32 << 10;
/// Longest word that may be a path, in bytes (Linux PATH_MAX).
const MAX_PATH: usize = 4096;
/// Says that a text which a machine would use was not read to its end. Padding must hide nothing.
const UNREAD: &str = "path-unread";

impl Scanner for Path {
    fn name(&self) -> &'static str {
        "path"
    }

    fn scan(&self, text: &Text<'_>, crossing: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let rules = rules().map_err(|why| ScanError(format!("its rules do not compile: {why}")))?;
        let mut hits = Crowd::default();
        for reading in text.readings() {
            match crossing.executed {
                true => read(rules, reading, crossing, all_words(reading.text()), &mut hits),
                false => read(rules, reading, crossing, marked_words(rules, reading.text()), &mut hits),
            }
        }
        Ok(hits.kept(MAX_HITS))
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

fn read(
    rules: &'static Rules,
    reading: &Reading<'_>,
    crossing: &Crossing<'_>,
    words: impl Iterator<Item = Range<usize>>,
    hits: &mut Crowd,
) {
    let text = reading.text();
    let is_input = matches!(crossing.border, Border::Request | Border::ToolArgument);
    let most = if crossing.executed { MAX_USED_WORDS } else { MAX_WORDS };
    let mut code: Option<Vec<Range<usize>>> = None;
    for (n, word) in words.enumerate() {
        if n >= most {
            unread(reading, crossing, word.start..text.len(), hits);
            return;
        }
        if word.len() > MAX_PATH {
            unread(reading, crossing, word, hits);
            continue;
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
            if let Some(severity) = severity {
                let (rule, reason) = (rule.id.as_str().into(), rule.reason.as_str().into());
                hits.add(Hit { class: Class::Path, severity, span, rule, reason });
            }
        }
    }
}

/// Tells of what was not looked at, where it matters: a person should see it first.
fn unread(reading: &Reading<'_>, crossing: &Crossing<'_>, span: Range<usize>, hits: &mut Crowd) {
    if crossing.executed {
        let (class, severity, span) = (Class::Path, Severity::Medium, reading.in_raw(&span));
        let reason = "it is too long for its paths to be read to its end".into();
        hits.widen(Hit { class, severity, span, rule: UNREAD.into(), reason });
    }
}

fn holds(code: &Range<usize>, word: &Range<usize>) -> bool {
    code.start <= word.start && word.end <= code.end
}

/// All words of a text. What a rule is about may be written so that nothing of the rule stands in it (`/etc//passwd`).
fn all_words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let words = text.split(|c: char| u8::try_from(c).is_ok_and(ends_word)).map(move |word| {
        let start = at;
        at = start + word.len() + 1;
        start..start + word.len()
    });
    words.filter(|word| !word.is_empty())
}

/// The words of a text in which something of a rule stands, or of a path that leads elsewhere than it seems.
fn marked_words<'t>(rules: &'static Rules, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let bytes = text.as_bytes();
    let mut done = 0;
    // INVARIANT: each byte is walked over once: what lies before `done` was looked at.
    rules.markers(text).filter_map(move |at| {
        if at < done {
            return None;
        }
        let before = bytes.get(done..at).unwrap_or_default();
        let start = before.iter().rposition(|byte| ends_word(*byte)).map_or(done, |n| done + n + 1);
        let after = bytes.get(at..).unwrap_or_default();
        let end = after.iter().position(|byte| ends_word(*byte)).map_or(bytes.len(), |n| at + n);
        done = end.max(at + 1);
        (end > start).then_some(start..end)
    })
}

/// What no path in a text goes on after. All are ASCII, so cuts are between characters.
fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'(' | b')' | b',')
}

/// A word, and what in it may be a path of its own: between `=`, `&` and `;`, and around a `:` that a root follows.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let trimmed = word.trim_start_matches(['@', '[', '{', '*']);
    let trimmed = trimmed.trim_end_matches([';', ':', '!', ']', '}', '*']);
    let whole = trimmed.strip_suffix(['.', '?']).filter(|rest| !rest.ends_with('.')).unwrap_or(trimmed);
    let values = whole.split(['=', '&', ';']).map(|value| value.trim_start_matches('@'));
    let parts = values.flat_map(|value| std::iter::once(value).chain(mounted(value)));
    std::iter::once(whole).chain(parts.filter(move |part| part.len() < whole.len()))
}

/// The paths of `/here:/there:ro`. Each byte is in two of them at most, so that long words cost no more than short ones.
fn mounted(value: &str) -> impl Iterator<Item = &str> {
    let is_root = |after: &str| after.starts_with(['/', '~', '.']) && !after.starts_with("//");
    let mut start = 0;
    let ends = value.match_indices(':').map(|(at, _)| at);
    let ends = ends.filter(move |at| value.get(at + 1..).is_some_and(is_root));
    let mut ends: Vec<usize> = ends.collect();
    if !ends.is_empty() {
        ends.push(value.len());
    }
    ends.into_iter().flat_map(move |end| {
        let path = value.get(start..end).unwrap_or_default();
        let options = path.split_once(':').filter(|_| start > 0).map(|(before, _)| before);
        start = end + 1;
        [Some(path), options].into_iter().flatten()
    })
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
