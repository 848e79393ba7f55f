//! `sentinel bench scan`: what screening costs.

use super::{Figure, percentile, resident_mb};
use crate::scan::{Active, bench};

/// How often all texts are scanned.
const ROUNDS: u32 = 10;

/// Measures the scanners that every text of a run passes.
///
/// # Errors
/// When they cannot be run.
pub fn scan() -> Result<Vec<Figure>, String> {
    let failed = |e: crate::kernel::port::ScannerFailure| e.to_string();
    let scanners = Active::new();
    // The texts are made before and after, so that they are not taken for rules.
    drop(bench::mixed());
    let before = resident_mb();
    let first = bench::first_use(&scanners).map_err(failed)?;
    let rules = resident_mb() - before;
    let mut measured = bench::measure(&scanners, ROUNDS).map_err(failed)?;
    let mut figures = vec![
        Figure::new("text_4k_p50", percentile(&mut measured.texts, 0.5), "us"),
        Figure::new("text_4k_p99", percentile(&mut measured.texts, 0.99), "us"),
        Figure::new("plain_prose_without_model", measured.prose_mb_per_s, "MB/s"),
        Figure::new("plain_prose", measured.prose_with_model_mb_per_s, "MB/s"),
        Figure::new("first_use", first.as_secs_f64() * 1e3, "ms"),
        Figure::new("resident_of_rules", rules, "MB"),
    ];
    for (scanner, times) in &mut measured.by_scanner {
        figures.push(Figure::new(format!("{scanner}_4k_p50"), percentile(times, 0.5), "us"));
        figures.push(Figure::new(format!("{scanner}_4k_p99"), percentile(times, 0.99), "us"));
    }
    Ok(figures)
}
