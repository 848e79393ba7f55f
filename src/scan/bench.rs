//! Measuring the scanners, for `sentinel bench scan`: over texts of 4 KB of the kinds that people have, made up in code.

mod texts;

#[cfg(test)]
mod tests;

use super::injection::RulesAlone;
use super::{Active, Scanner, Text};
use crate::kernel::port::{Border, Crossing, ScannerFailure};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a measured text is, in bytes; it may have a character less.
pub const TEXT_BYTES: usize = 4_096;
/// The kinds of texts that are mixed, in equal parts.
pub const KINDS: [&str; 8] =
    ["prose", "another language", "mail", "README", "code", "log", "JSON", "shell help"];
/// Texts of each kind.
const OF_EACH: u32 = 25;
/// The scanner of which only the rules are run where prose is measured without the model.
const WITH_MODEL: &str = "injection";
/// How much prose one scanner reads at a time, in bytes: what a worker's answer can be long.
const PROSE_BYTES: usize = 16_384;

/// What was measured.
#[derive(Debug)]
pub struct Measured {
    /// All scanners over one mixed text each.
    pub texts: Vec<Duration>,
    /// Each scanner over one mixed text each.
    pub by_scanner: Vec<(&'static str, Vec<Duration>)>,
    /// What passes all scanners, the injection rules but not their model, one after the other on one thread, in MB/s of
    /// plain prose.
    pub prose_mb_per_s: f64,
    /// The same, all scanners.
    pub prose_with_model_mb_per_s: f64,
}

/// The texts that are measured: mixed, in a fixed order.
pub fn mixed() -> Vec<String> {
    (0..OF_EACH).flat_map(|n| (0..KINDS.len()).map(move |kind| texts::of(kind, n, TEXT_BYTES))).collect()
}

/// Shows a text of each kind to all scanners, so that what they make at first use is there; how long that took.
///
/// # Errors
/// When they cannot be run.
pub fn first_use(scanners: &Active) -> Result<Duration, ScannerFailure> {
    let texts: Vec<String> = (0..KINDS.len()).map(|kind| texts::of(kind, 0, TEXT_BYTES)).collect();
    let begun = Instant::now();
    texts.iter().try_for_each(|text| each(scanners, text).map(drop))?;
    Ok(begun.elapsed())
}

fn each(scanners: &Active, text: &str) -> Result<Vec<super::Scanned>, ScannerFailure> {
    scanners.each(black_box(text), &Crossing::at(Border::ToolOutput))
}

/// Measures `rounds` rounds over all texts.
///
/// # Errors
/// When the scanners cannot be run.
pub fn measure(scanners: &Active, rounds: u32) -> Result<Measured, ScannerFailure> {
    let texts = mixed();
    let mut all = Vec::new();
    let mut by_scanner: Vec<(&'static str, Vec<Duration>)> = Vec::new();
    for text in std::iter::repeat_n(&texts, rounds as usize).flatten() {
        let begun = Instant::now();
        let said = each(scanners, text)?;
        all.push(begun.elapsed());
        for one in said {
            match by_scanner.iter_mut().find(|(name, _)| *name == one.scanner) {
                Some((_, times)) => times.push(one.took),
                None => by_scanner.push((one.scanner, vec![one.took])),
            }
        }
    }
    Ok(Measured {
        texts: all,
        by_scanner,
        prose_mb_per_s: prose(&without_model(scanners), rounds),
        prose_with_model_mb_per_s: prose(&scanners.list().collect::<Vec<_>>(), rounds),
    })
}

/// All scanners, the one with the model without it.
fn without_model(scanners: &Active) -> Vec<&dyn Scanner> {
    let mut list: Vec<&dyn Scanner> = scanners.list().collect();
    for scanner in list.iter_mut().filter(|scanner| scanner.name() == WITH_MODEL) {
        *scanner = &RulesAlone;
    }
    list
}

/// Megabytes of plain prose a second through these scanners, on this thread.
fn prose(scanners: &[&dyn Scanner], rounds: u32) -> f64 {
    let texts: Vec<String> = (0..8).map(|n| texts::of(0, n, PROSE_BYTES)).collect();
    let crossing = Crossing::at(Border::ToolOutput);
    let begun = Instant::now();
    let mut bytes = 0;
    for text in std::iter::repeat_n(&texts, rounds as usize).flatten() {
        let text = Text::new(black_box(text));
        for scanner in scanners {
            // What it found, or that it could not say, is not what is measured.
            let _said = black_box(scanner.scan(&text, &crossing));
        }
        bytes += text.raw().len();
    }
    #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
    let megabytes = bytes as f64 / 1e6;
    megabytes / begun.elapsed().as_secs_f64().max(1e-9)
}
