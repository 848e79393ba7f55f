//! Finds dangerous shell commands: what a text would do if it were run, read off the shell's syntax tree and held against rules.
//!
//! Where a machine would run the text, all of it is a command. Anywhere else only what is written as one is read (a fenced
//! block, code in a line, a prompt, a line that begins with a known program), and counts one step less: an article that
//! shows `rm -rf /` is honest. A command that only looks around (`whoami`, `ps`) is none of this scanner's business.

mod act;
mod program;
mod rules;
pub(super) mod snippet;

#[cfg(test)]
mod tests;

use super::{Hit, Reading, ScanError, Scanner, Text, crowd};
use crate::kernel::port::{Class, Crossing, Severity};
use crate::shell::{Finding, MAX_COMMAND, command_facts};
use rules::{Rule, Rules, rules};
use std::ops::Range;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Command;

/// Most bytes of one text that are parsed as commands, in all its readings. Honest texts hold a few hundred.
const MAX_PARSED: usize = 64 << 10;
/// Most pieces that are parsed.
const MAX_PIECES: usize = 1000;
/// Most lines that are parsed as one: a tree has a bound of its own on programs.
const MAX_LINES: usize = 100;
/// Most findings; a text with more is told by these.
const MAX_HITS: usize = 50;
/// Says that a text which a machine would run was not read to its end. Padding must hide nothing.
const UNREAD: &str = "command-unread";

impl Scanner for Command {
    fn name(&self) -> &'static str {
        "command"
    }

    fn scan(&self, text: &Text<'_>, crossing: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let rules = rules().map_err(|why| ScanError(format!("its rules do not compile: {why}")))?;
        let mut scan = Scan {
            rules,
            executed: crossing.executed,
            left: MAX_PARSED,
            pieces: MAX_PIECES,
            hits: Vec::new(),
        };
        for reading in text.readings() {
            scan.reading(reading);
        }
        Ok(scan.hits)
    }
}

/// Everything about one scan.
struct Scan {
    rules: &'static Rules,
    executed: bool,
    /// Bytes and pieces that may still be parsed.
    left: usize,
    pieces: usize,
    hits: Vec<Hit>,
}

impl Scan {
    fn reading(&mut self, reading: &Reading<'_>) {
        let text = reading.text();
        // Shells put words together from pieces, so what is run is always read.
        if !self.executed && !self.rules.could_hold(text) {
            return;
        }
        let pieces = if self.executed { whole(text) } else { snippet::snippets(text) };
        for span in pieces {
            self.piece(reading, span);
        }
    }

    /// A piece that cannot be read as a whole may hold lines that can.
    fn piece(&mut self, reading: &Reading<'_>, span: Range<usize>) {
        if self.read(reading, &span) {
            return;
        }
        let code = reading.text().get(span.clone()).unwrap_or_default();
        let lines: Vec<Range<usize>> = snippet::logical_lines(code).collect();
        for line in lines.into_iter().filter(|line| line.len() < code.len()) {
            self.read(reading, &(span.start + line.start..span.start + line.end));
        }
    }

    /// Whether it could be read.
    fn read(&mut self, reading: &Reading<'_>, span: &Range<usize>) -> bool {
        let code = reading.text().get(span.clone()).unwrap_or_default();
        if !self.executed && !self.rules.could_hold(code) {
            return true;
        }
        if self.hits.len() >= MAX_HITS {
            return true;
        }
        if code.len() > self.left || self.pieces == 0 {
            self.unread(reading, span);
            return true;
        }
        self.left -= code.len();
        self.pieces -= 1;
        let facts = command_facts(code);
        for rule in self.rules.of(code, &facts.findings, &act::acts(&facts)) {
            self.hit(reading, span, rule);
        }
        !facts.findings.contains(&Finding::Unreadable)
    }

    fn unread(&mut self, reading: &Reading<'_>, span: &Range<usize>) {
        let span = reading.in_raw(span);
        if let Some(told) = self.hits.iter_mut().find(|hit| hit.rule == UNREAD) {
            told.span = crowd::over(&told.span, &span);
        } else if self.executed {
            let reason = "it is too long to be read as commands to its end".into();
            let (class, severity) = (Class::Command, Severity::Medium);
            self.hits.push(Hit { class, severity, span, rule: UNREAD.into(), reason });
        }
    }

    fn hit(&mut self, reading: &Reading<'_>, span: &Range<usize>, rule: &'static Rule) {
        let severity = if self.executed { Some(rule.severity) } else { one_less(rule.severity) };
        let Some(severity) = severity else { return };
        let span = reading.in_raw(span);
        // The readings of a text, and a text and its lines, hold the same commands.
        let is_told =
            |hit: &Hit| hit.rule == rule.id && hit.span.start < span.end && span.start < hit.span.end;
        if self.hits.len() >= MAX_HITS || self.hits.iter().any(is_told) {
            return;
        }
        let (rule, reason) = (rule.id.as_str().into(), rule.reason.as_str().into());
        self.hits.push(Hit { class: Class::Command, severity, span, rule, reason });
    }
}

/// What something counts that is shown and not run.
pub(super) fn one_less(severity: Severity) -> Option<Severity> {
    match severity {
        Severity::High => Some(Severity::Medium),
        Severity::Medium => Some(Severity::Note),
        Severity::Note => None,
    }
}

/// A text that is run, in pieces that can be read: at most [`MAX_COMMAND`] bytes, at most [`MAX_LINES`] lines, cut where lines end.
fn whole(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    // One more than is read, so that the rest is told of.
    while start < text.len() && pieces.len() <= MAX_PIECES {
        let rest = text.get(start..).unwrap_or_default();
        let lines = rest.match_indices('\n').nth(MAX_LINES).map_or(MAX_COMMAND, |(at, _)| at + 1);
        let most = rest.floor_char_boundary(MAX_COMMAND.min(lines));
        let end = match rest.get(..most).and_then(|head| head.rfind('\n')) {
            _ if rest.len() <= most => rest.len(),
            Some(line) => line + 1,
            None => most.max(1),
        };
        pieces.push(start..start + end);
        start += end;
    }
    pieces
}
