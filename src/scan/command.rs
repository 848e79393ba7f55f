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

use super::crowd::Crowd;
use super::reading::How;
use super::{Hit, Reading, ScanError, Scanner, Text};
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
/// Most findings, and one more of each severity that would go untold; a text with more is told by the gravest.
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
            hits: Crowd::default(),
        };
        for reading in text.readings() {
            scan.reading(reading);
        }
        Ok(scan.hits.kept(MAX_HITS))
    }
}

/// Everything about one scan.
struct Scan {
    rules: &'static Rules,
    executed: bool,
    /// Bytes and pieces that may still be parsed.
    left: usize,
    pieces: usize,
    hits: Crowd,
}

impl Scan {
    fn reading(&mut self, reading: &Reading<'_>) {
        let text = reading.text();
        // Shells put words together from pieces, so what is run is always read.
        if !self.executed && !self.rules.could_hold(text) {
            return;
        }
        if !self.executed {
            for span in snippet::snippets(text) {
                self.piece(reading, span);
            }
            return;
        }
        for Piece { span, is_complete } in whole(text) {
            if !is_complete {
                self.unread(reading, &span);
            }
            self.piece(reading, span);
        }
    }

    /// A piece that cannot be read as a whole may hold lines that can.
    fn piece(&mut self, reading: &Reading<'_>, span: Range<usize>) {
        if self.read(reading, &span) {
            return;
        }
        let code = reading.text().get(span.clone()).unwrap_or_default();
        // What was decoded need not be a command.
        if reading.how() == How::Raw && could_run(code) {
            self.unread(reading, &span);
        }
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
        if self.executed {
            let (class, severity, span) = (Class::Command, Severity::Medium, reading.in_raw(span));
            let reason = "it is too long or too tangled to be read as commands to its end".into();
            self.hits.widen(Hit { class, severity, span, rule: UNREAD.into(), reason });
        }
    }

    fn hit(&mut self, reading: &Reading<'_>, span: &Range<usize>, rule: &'static Rule) {
        let severity = if self.executed { Some(rule.severity) } else { one_less(rule.severity) };
        let Some(severity) = severity else { return };
        let span = reading.in_raw(span);
        let (rule, reason) = (rule.id.as_str().into(), rule.reason.as_str().into());
        self.hits.add(Hit { class: Class::Command, severity, span, rule, reason });
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

/// Whether a shell might run something of a text that is no command as a whole. A line that joins nothing (a file's name with a
/// quote or brackets in it) is refused by shells too.
fn could_run(code: &str) -> bool {
    code.trim().contains(['\n', '|', ';', '&', '<', '>', '$', '`'])
}

/// A stretch of a text that is run.
struct Piece {
    span: Range<usize>,
    /// Whether a command ends where it ends. A cut in two may make of a dangerous command two harmless ones.
    is_complete: bool,
}

/// A text that is run, in pieces that can be read: at most [`MAX_COMMAND`] bytes, at most [`MAX_LINES`] lines, cut where lines end
/// and, if it can be, where a command does.
fn whole(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = 0;
    // More than is read, so that the rest is told of.
    while start < text.len() && start <= MAX_PARSED && pieces.len() <= MAX_PIECES {
        let rest = text.get(start..).unwrap_or_default();
        let lines = rest.match_indices('\n').nth(MAX_LINES).map_or(MAX_COMMAND, |(at, _)| at + 1);
        let most = rest.floor_char_boundary(MAX_COMMAND.min(lines));
        let head = rest.get(..most).unwrap_or_default();
        let ends_command = |at: &usize| head.get(..*at).is_some_and(|before| !goes_on(before));
        let (end, is_complete) = match head.rmatch_indices('\n').map(|(at, _)| at).find(ends_command) {
            _ if rest.len() <= most => (rest.len(), true),
            Some(line) => (line + 1, true),
            None => (head.rfind('\n').map_or(most.max(1), |line| line + 1), false),
        };
        pieces.push(Piece { span: start..start + end, is_complete });
        start += end;
    }
    pieces
}

/// Whether the last command of some lines goes on in the next. What else may be open there (a quote, a bracket, a loop) makes
/// them unreadable.
fn goes_on(lines: &str) -> bool {
    let lines = lines.trim_end();
    lines.ends_with(['|', '\\']) || lines.ends_with("&&")
}
