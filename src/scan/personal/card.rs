//! Numbers of payment cards: 12 to 19 digits with an issuer's beginning and length and a right check digit.

use super::numbers::{Numbers, digits, near};
use std::ops::Range;

/// How the digits are grouped on cards.
const GROUPED: &[&[usize]] = &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];
/// Words that say that a number is a card's.
const WORDS: &[&str] = &[
    "card",
    "cards",
    "cc",
    "credit",
    "debit",
    "visa",
    "mastercard",
    "master card",
    "amex",
    "american express",
    "maestro",
    "discover",
    "diners",
    "jcb",
    "unionpay",
    "pan",
    "payment",
    "pay",
    "kreditkarte",
    "karte",
    "carte",
    "tarjeta",
    "carta",
    "cartão",
    "kaart",
    "cvv",
    "cvc",
];
/// How far a word may be.
const BEFORE: usize = 60;
const AFTER: usize = 30;

/// Every card number.
pub(super) fn find(text: &str, numbers: &Numbers<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for groups in numbers.tails() {
        let Some(first) = groups.first() else { continue };
        let grouped = || GROUPED.iter().rev().find_map(|lens| numbers.shaped(groups, lens, b" -"));
        let span = match first.len() {
            12..=19 => Some(first.clone()),
            4 => grouped(),
            _ => None,
        };
        let Some(span) = span.filter(|span| numbers.stands_alone(span)) else { continue };
        let number = digits(text, &span);
        if !checks(&number) {
            continue;
        }
        // One number in ten has a right digit by chance: long ids and nanoseconds need more than that.
        let sure = span.len() > number.len() && is_issued(&number);
        let likely = number.len() >= 15 && is_issued(&number) && in_prose(text, &span);
        if sure || likely || near(text, &span, BEFORE, AFTER, WORDS) {
            found.push(span);
        }
    }
    found
}

/// Whether the last digit is the right one (ISO/IEC 7812-1, annex B), and the number more than one digit repeated.
fn checks(number: &str) -> bool {
    let sum: u32 = number
        .chars()
        .rev()
        .enumerate()
        .filter_map(|(at, c)| Some((at, c.to_digit(10)?)))
        .map(|(at, digit)| {
            let doubled = digit * 2;
            if at % 2 == 0 { digit } else { doubled / 10 + doubled % 10 }
        })
        .sum();
    let first = number.chars().next();
    sum.is_multiple_of(10) && number.chars().any(|c| Some(c) != first)
}

/// Whether an issuer gives out numbers that begin like this, of this length.
fn is_issued(number: &str) -> bool {
    let head = |len: usize| number.get(..len).and_then(|head| head.parse::<u32>().ok()).unwrap_or(0);
    let len = number.len();
    match head(4) {
        4000..=4999 => matches!(len, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => len == 16,
        3400..=3499 | 3700..=3799 => len == 15,
        3000..=3059 | 3600..=3699 | 3800..=3999 => len == 14,
        6011 | 6440..=6599 | 6200..=6299 => (16..=19).contains(&len),
        3528..=3589 => (16..=19).contains(&len),
        // JCB's first numbers.
        2131 | 1800 => len == 15,
        _ => false,
    }
}

/// Whether a number stands among words: not after a sign of code, not in a list.
fn in_prose(text: &str, span: &Range<usize>) -> bool {
    let before =
        text.get(..span.start).unwrap_or_default().trim_end_matches(['"', '\'', ' ']).chars().next_back();
    let after = text.get(span.end..).unwrap_or_default().trim_start_matches(['"', '\'', ' ']).chars().next();
    let word = |c: Option<char>| c.is_none_or(|c| c.is_alphabetic() || ".,:?!\n#".contains(c));
    word(before) && word(after) && before != Some(',')
}
