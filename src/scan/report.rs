//! What all scanners said about one text, as people and programs read it: the same for the command line and for HTTP.

use super::Scanned;
use crate::kernel::port::{Class, Finding, Severity};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// All of it. Fields may be added; none is renamed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The gravest severity of any finding; none when nothing was found.
    pub worst: Option<Severity>,
    /// How long all scanners took together, in microseconds.
    pub took_us: u64,
    /// One for each scanner, in the order in which they ran.
    pub scanners: Vec<Told>,
}

/// What one scanner said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// Which scanner.
    pub scanner: &'static str,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// What it found, in its own order.
    pub findings: Vec<Located>,
}

/// A finding with its place in lines. It never quotes the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Located {
    /// What kind of thing it is.
    pub class: Class,
    /// How much it matters.
    pub severity: Severity,
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The line of the first byte, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// The line of the end.
    pub end_line: usize,
    /// The column of the end: one past the last character.
    pub end_column: usize,
    /// Which rule, by its stable name.
    pub rule: Arc<str>,
    /// What it means.
    pub reason: String,
}

impl Report {
    /// The report on what the scanners said about this text.
    pub fn of(text: &str, all: Vec<Scanned>) -> Self {
        let ends = all.iter().flat_map(|one| &one.findings).flat_map(|f| [f.start, f.end]);
        let places = places(text, ends.collect());
        let at = |byte: usize| places.get(&byte).copied().unwrap_or((1, 1));
        let locate = |found: Finding| {
            let ((line, column), (end_line, end_column)) = (at(found.start), at(found.end));
            let Finding { class, severity, start, end, rule, reason, .. } = found;
            Located { class, severity, start, end, line, column, end_line, end_column, rule, reason }
        };
        let told = |one: Scanned| Told {
            scanner: one.scanner,
            took_us: micros(one.took),
            findings: one.findings.into_iter().map(locate).collect(),
        };
        let took = all.iter().map(|one| one.took).sum();
        let scanners: Vec<Told> = all.into_iter().map(told).collect();
        let worst = scanners.iter().flat_map(|told| &told.findings).map(|found| found.severity).max();
        Self { worst, took_us: micros(took), scanners }
    }
}

/// Whole microseconds.
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Line and column of each of these bytes, in one pass over the text however many there are.
fn places(text: &str, mut wanted: Vec<usize>) -> HashMap<usize, (usize, usize)> {
    wanted.sort_unstable();
    wanted.dedup();
    let mut left = wanted.into_iter().peekable();
    let (mut line, mut column) = (1, 1);
    let mut found = HashMap::new();
    for (at, c) in text.char_indices() {
        while left.next_if(|byte| *byte <= at).map(|byte| found.insert(byte, (line, column))).is_some() {}
        if left.peek().is_none() {
            return found;
        }
        (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    found.extend(left.map(|byte| (byte, (line, column))));
    found
}
