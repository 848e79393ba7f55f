//! How well the scanners tell labelled texts apart: recall, false alarms and time, by class and by source.
//!
//! A row is caught when a scanner finds something *of the row's class* of at least the severity that counts for it
//! ([`class::ALL`]); what other scanners find in it is another matter, and is counted as such.

pub mod class;
mod row;
mod tally;
#[cfg(test)]
mod tests;
pub mod unseen;

pub use row::RowFault;
pub use tally::{Counts, Latencies, Marked, ScannerCounts};

use crate::kernel::port::{Class, Crossing, Finding, Severity};
use crate::scan::{Active, Scanned};
use class::Counting;
use indexmap::IndexMap;
use row::Row;
use serde::Serialize;
use std::io::{BufRead, Read};
use std::time::Instant;
use unseen::BySource;

/// Longest line, in bytes.
const MAX_LINE: u64 = 64 << 20;
/// How much of a missed text is shown, in characters.
const SHOWN_CHARS: usize = 160;

/// How rows are judged.
#[derive(Debug, Default)]
pub struct Options {
    /// What a row counts as whose own class says nothing.
    pub class: Option<(&'static Counting, String)>,
    /// A finding of any class of at least medium severity catches a row.
    pub any: bool,
    /// How many missed attacks and how many false alarms are told, at most.
    pub misses: usize,
}

/// The result, with stable names.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// How many rows there are.
    pub rows: u64,
    /// By the class as the rows call it.
    pub by_class: IndexMap<String, Counts>,
    /// By where the rows come from.
    pub by_source: IndexMap<String, Counts>,
    /// How that spreads over sources, those that the model learned from apart.
    pub leave_one_source_out: BySource,
    /// How long all scanners took over a row.
    pub latency_us: Latencies,
    /// By what the rows call their category.
    pub by_category: IndexMap<String, Counts>,
    /// By the type of what the attacks' `spans` mark, of the types that a scanner looks for.
    pub by_span: IndexMap<String, Marked>,
    /// Attacks whose `spans` are all of types that no scanner looks for, such as names.
    pub beyond: u64,
    /// What each scanner did, whatever the rows' class.
    pub by_scanner: IndexMap<&'static str, ScannerCounts>,
    /// Some of the rows that were judged wrongly.
    pub misses: Vec<Miss>,
}

/// A row that was judged wrongly.
#[derive(Debug, Clone, Serialize)]
pub struct Miss {
    /// Its line, from 1.
    pub line: u64,
    /// As it calls itself.
    pub id: String,
    /// `attack` when it was missed, `benign` when it was a false alarm.
    pub label: &'static str,
    /// Its class.
    pub class: String,
    /// Its category.
    pub category: String,
    /// Its source.
    pub source: String,
    /// Its beginning.
    pub text: String,
    /// Which rules found something in it.
    pub rules: Vec<String>,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum EvalFailure {
    /// A line is no row.
    #[error("{file}:{line}: {fault}")]
    Row {
        /// Which file.
        file: String,
        /// From 1.
        line: u64,
        /// What is wrong and what to do.
        fault: RowFault,
    },
    /// A line without an end.
    #[error("{file}:{line}: the line is longer than {MAX_LINE} bytes: one JSON object a line")]
    LongLine {
        /// Which file.
        file: String,
        /// From 1.
        line: u64,
    },
    /// There is no row.
    #[error(
        "{file} has no rows: one JSON object a line, such as {example}",
        example = r#"{"text": "...", "label": "attack", "class": "injection"}"#
    )]
    Empty {
        /// Which file.
        file: String,
    },
    /// The disk.
    #[error("cannot read {file}: {cause}; check the disk")]
    Read {
        /// Which file.
        file: String,
        /// The system's word for it.
        cause: std::io::Error,
    },
    /// The scanners could not be run.
    #[error("{0}; try again when the machine has threads to spare")]
    Scanners(#[from] crate::kernel::port::ScannerFailure),
}

impl Report {
    /// Judges every row of a file, one after the other, and adds it to the report; `progress` hears of each.
    ///
    /// # Errors
    /// At the first line that is no row: figures of half a file mislead.
    pub fn read(
        &mut self,
        file: &str,
        mut source: impl BufRead,
        scanners: &Active,
        options: &Options,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), EvalFailure> {
        let (mut line, mut number, mut rows) = (Vec::new(), 0, 0);
        loop {
            line.clear();
            let read = source.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line);
            let read = read.map_err(|cause| EvalFailure::Read { file: file.to_owned(), cause })?;
            if read == 0 {
                break;
            }
            number += 1;
            if line.len() as u64 > MAX_LINE {
                return Err(EvalFailure::LongLine { file: file.to_owned(), line: number });
            }
            let words = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
            if words.is_empty() {
                continue;
            }
            let row = row::read(words, options.class.as_ref());
            let row = row.map_err(|fault| EvalFailure::Row { file: file.to_owned(), line: number, fault })?;
            self.judge(number, &row, scanners, options)?;
            rows += 1;
            progress(self.rows);
        }
        if rows == 0 { Err(EvalFailure::Empty { file: file.to_owned() }) } else { Ok(()) }
    }

    fn judge(
        &mut self,
        line: u64,
        row: &Row,
        scanners: &Active,
        options: &Options,
    ) -> Result<(), EvalFailure> {
        let crossing = Crossing { border: row.border, executed: row.executed, asked: &row.asked };
        let begun = Instant::now();
        let said = scanners.each(&row.text, &crossing)?;
        self.latency_us.take(begun.elapsed());
        for one in &said {
            self.by_scanner.entry(one.scanner).or_default().take(row, one);
        }
        let findings: Vec<Finding> = said.into_iter().flat_map(|Scanned { findings, .. }| findings).collect();
        let worst = tally::worst(&findings);
        let caught = match options.any {
            true => worst >= Some(Severity::Medium),
            false => row.class.0.caught(&findings),
        };
        self.rows += 1;
        let high = worst == Some(Severity::High);
        for (names, name) in [
            (&mut self.by_class, &row.class.1),
            (&mut self.by_source, &row.source),
            (&mut self.by_category, &row.category),
        ] {
            tally::under(names, name).take(row.is_attack, caught, high);
        }
        self.leave_one_source_out.take(row, options.any, caught, high);
        self.spans(row, &findings);
        if caught != row.is_attack {
            self.miss(line, row, &findings, options.misses);
        }
        Ok(())
    }

    /// Counts the parts that an attack marks.
    fn spans(&mut self, row: &Row, findings: &[Finding]) {
        if !row.is_attack {
            return;
        }
        for (kind, start, end) in &row.spans {
            let Some(rule) = rule_of(kind) else { continue };
            let lies_over = |found: &Finding| {
                found.class == Class::Personal
                    && *found.rule == *rule
                    && found.start < *end
                    && *start < found.end
            };
            let marked = self.by_span.entry(kind.clone()).or_default();
            marked.spans += 1;
            marked.found += u64::from(findings.iter().any(lies_over));
        }
        let is_beyond = !row.spans.is_empty() && row.spans.iter().all(|(kind, ..)| rule_of(kind).is_none());
        self.beyond += u64::from(is_beyond);
    }

    /// Keeps the first of each kind.
    fn miss(&mut self, line: u64, row: &Row, findings: &[Finding], most: usize) {
        let label = if row.is_attack { "attack" } else { "benign" };
        if self.misses.iter().filter(|miss| miss.label == label).count() >= most {
            return;
        }
        let told =
            |found: &Finding| format!("{}:{}:{}", found.class.as_str(), found.rule, found.severity.as_str());
        self.misses.push(Miss {
            line,
            id: row.id.clone(),
            label,
            class: row.class.1.clone(),
            category: row.category.clone(),
            source: row.source.clone(),
            text: row.text.chars().take(SHOWN_CHARS).collect(),
            rules: findings.iter().map(told).collect(),
        });
    }
}

/// The rule of the scanner for personal data that looks for a type of span, however a data set calls it.
fn rule_of(kind: &str) -> Option<&'static str> {
    let kind = kind.to_lowercase();
    let rules = ["card", "iban", "ssn", "mail", "phone"];
    rules.into_iter().find(|rule| kind.contains(rule)).or_else(|| {
        kind.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| matches!(word, "ip" | "ipv4" | "ipv6"))
            .then_some("ip")
    })
}
