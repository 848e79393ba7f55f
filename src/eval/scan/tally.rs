//! What is counted, and how long it took.

use super::row::Row;
use crate::kernel::port::{Finding, Severity};
use crate::scan::Scanned;
use indexmap::IndexMap;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::time::Duration;

/// Most sources or categories that are told apart; all others are one.
const MOST_NAMES: usize = 10_000;
/// Under which name those are.
pub(super) const OTHERS: &str = "(others)";

/// Rows, and how they came out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows that are attacks.
    pub attack: u64,
    /// Rows that are honest.
    pub benign: u64,
    /// Attacks that were caught.
    pub caught: u64,
    /// Honest rows that were taken for attacks.
    pub flagged: u64,
    /// Honest rows with a grave finding of any class: the delivered policy blocks requests for most of those.
    pub benign_high: u64,
}

impl Counts {
    pub(super) fn take(&mut self, is_attack: bool, caught: bool, is_high: bool) {
        if is_attack {
            self.attack += 1;
            self.caught += u64::from(caught);
        } else {
            self.benign += 1;
            self.flagged += u64::from(caught);
            self.benign_high += u64::from(is_high);
        }
    }

    /// Share of the attacks that were caught; none without attacks.
    pub fn recall(&self) -> Option<f64> {
        share(self.caught, self.attack)
    }

    /// Share of the honest rows that were taken for attacks; none without honest rows.
    pub fn false_alarms(&self) -> Option<f64> {
        share(self.flagged, self.benign)
    }

    /// Share of attacks among what was taken for one; none when nothing was.
    pub fn precision(&self) -> Option<f64> {
        share(self.caught, self.caught + self.flagged)
    }
}

/// To four digits.
#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| rounded(part as f64 / whole as f64))
}

/// The mean of so many figures, to four digits.
#[expect(clippy::cast_precision_loss, reason = "counts of sources")]
pub(super) fn mean(sum: f64, of: usize) -> f64 {
    rounded(sum / of.max(1) as f64)
}

fn rounded(figure: f64) -> f64 {
    (figure * 10_000.0).round() / 10_000.0
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            attack: u64,
            benign: u64,
            recall: Option<f64>,
            false_alarms: Option<f64>,
            precision: Option<f64>,
            caught: u64,
            flagged: u64,
            benign_high: u64,
        }
        let Self { attack, benign, caught, flagged, benign_high } = *self;
        let (recall, false_alarms, precision) = (self.recall(), self.false_alarms(), self.precision());
        Shown { attack, benign, recall, false_alarms, precision, caught, flagged, benign_high }
            .serialize(serializer)
    }
}

/// Adds a row under a name, or under [`OTHERS`] when there are too many names.
pub(super) fn under<'m>(names: &'m mut IndexMap<String, Counts>, name: &str) -> &'m mut Counts {
    let name = if names.len() >= MOST_NAMES && !names.contains_key(name) { OTHERS } else { name };
    names.entry(name.to_owned()).or_default()
}

/// What one scanner did over all rows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ScannerCounts {
    /// Attacks in which it found something of at least medium severity.
    pub attack: u64,
    /// Honest rows in which it did.
    pub benign: u64,
    /// Honest rows in which it found something grave.
    pub benign_high: u64,
    /// How long it took over a row.
    pub latency_us: Latencies,
}

impl ScannerCounts {
    pub(super) fn take(&mut self, row: &Row, said: &Scanned) {
        let worst = worst(&said.findings);
        let found = u64::from(worst >= Some(Severity::Medium));
        if row.is_attack {
            self.attack += found;
        } else {
            self.benign += found;
            self.benign_high += u64::from(worst == Some(Severity::High));
        }
        self.latency_us.take(said.took);
    }
}

pub(super) fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|found| found.severity).max()
}

/// The parts of one type that rows mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// How many there are.
    pub spans: u64,
    /// How many of them a finding of the right kind lies over.
    pub found: u64,
}

impl Serialize for Marked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            spans: u64,
            found: u64,
            recall: Option<f64>,
        }
        let Self { spans, found } = *self;
        Shown { spans, found, recall: share(found, spans) }.serialize(serializer)
    }
}

impl Marked {
    /// Share of the parts that were found.
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.spans)
    }
}

/// Durations, to three digits, in a room that does not grow with their number.
#[derive(Debug, Clone, Default)]
pub struct Latencies {
    /// How often each was seen, by microseconds.
    seen: BTreeMap<u64, u64>,
    count: u64,
}

impl Latencies {
    pub(super) fn take(&mut self, time: Duration) {
        let us = crate::scan::report::micros(time);
        let step = 10_u64.pow(us.checked_ilog10().unwrap_or(0).saturating_sub(2));
        *self.seen.entry(us / step * step).or_default() += 1;
        self.count += 1;
    }

    /// The duration that `percent` of them do not exceed, in microseconds; 0 when there are none.
    pub fn percentile(&self, percent: u64) -> u64 {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut below = 0;
        let reaches = |(_, times): &(&u64, &u64)| {
            below += **times;
            below >= rank
        };
        self.seen.iter().find(reaches).map_or(0, |(us, _)| *us)
    }
}

impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            p50: u64,
            p95: u64,
            p99: u64,
        }
        let at = |percent| self.percentile(percent);
        Shown { p50: at(50), p95: at(95), p99: at(99) }.serialize(serializer)
    }
}
