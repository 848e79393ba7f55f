//! US social security numbers: three, two and four digits, of the ranges that are given out.

use super::numbers::{Numbers, digits, near};
use std::ops::Range;

const WORDS: &[&str] =
    &["ssn", "ssns", "social security", "social-security", "social insurance", "taxpayer", "itin"];
/// Words that say that digits of this shape are something else.
const OTHER: &[&str] = &[
    "order", "invoice", "part", "isbn", "tel", "phone", "fax", "ticket", "case", "serial", "version", "ref",
    "sku", "model",
];

/// Every number.
pub(super) fn find(text: &str, numbers: &Numbers<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for groups in numbers.tails() {
        let dashed = numbers.shaped(groups, &[3, 2, 4], b"-");
        let loose =
            || numbers.shaped(groups, &[3, 2, 4], b" .").or_else(|| numbers.shaped(groups, &[9], b""));
        let (span, clear) = match dashed {
            Some(span) => (span, true),
            None => match loose() {
                Some(span) => (span, false),
                None => continue,
            },
        };
        if !numbers.stands_alone(&span) || !is_given(&digits(text, &span)) {
            continue;
        }
        let named = near(text, &span, 50, 20, WORDS);
        if named || clear && !near(text, &span, 25, 0, OTHER) {
            found.push(span);
        }
    }
    found
}

/// Areas 000, 666 and 900 and above, group 00 and serial 0000 are never given out (SSA, since 2011).
fn is_given(number: &str) -> bool {
    let part = |range: Range<usize>| number.get(range).unwrap_or_default();
    let area = part(0..3);
    !(area == "000" || area == "666" || area.starts_with('9') || part(3..5) == "00" || part(5..9) == "0000")
}
