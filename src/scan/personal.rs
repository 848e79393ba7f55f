//! Finds data about people: mail addresses, phone numbers, cards, accounts, social security numbers, addresses of machines.
//!
//! One pass over the text lists the groups of digits; each recogniser looks at those of its shape, checks the sum where
//! there is one, and at the words beside them where the shape alone says little. Names and places are not looked for.

mod card;
mod iban;
mod ip;
mod mail;
mod numbers;
mod phone;
mod ssn;

#[cfg(test)]
mod tests;

use super::{Hit, ScanError, Scanner, Text};
use crate::kernel::port::{Class, Crossing, Severity};
use numbers::Numbers;
use std::ops::Range;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Personal;

impl Scanner for Personal {
    fn name(&self) -> &'static str {
        "personal"
    }

    fn scan(&self, text: &Text<'_>, _: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let mut all = Vec::new();
        for reading in text.readings() {
            let in_raw = |(kind, span)| (kind, reading.in_raw(&span));
            all.extend(find(reading.text()).into_iter().map(in_raw));
        }
        Ok(apart(all).into_iter().map(into_hit).collect())
    }
}

/// A kind of data, from the one that gives way to the one that wins where two are found at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Phone,
    Ip,
    Mail,
    Ssn,
    Card,
    Iban,
}

/// Everything found in a text; places may overlap.
fn find(text: &str) -> Vec<(Kind, Range<usize>)> {
    let mut all: Vec<(Kind, Range<usize>)> = Vec::new();
    let mut add = |kind, spans: Vec<Range<usize>>| all.extend(spans.into_iter().map(|span| (kind, span)));
    let numbers = Numbers::of(text);
    add(Kind::Iban, iban::find(text));
    add(Kind::Mail, mail::find(text));
    add(Kind::Card, card::find(text, &numbers));
    add(Kind::Ssn, ssn::find(text, &numbers));
    add(Kind::Ip, ip::find(text, &numbers));
    add(Kind::Phone, phone::find(text, &numbers));
    all
}

/// One finding for each place: of those that overlap, the one whose check says most.
fn apart(mut all: Vec<(Kind, Range<usize>)>) -> Vec<(Kind, Range<usize>)> {
    all.sort_by_key(|(kind, span)| (span.start, std::cmp::Reverse(*kind)));
    let mut out: Vec<(Kind, Range<usize>)> = Vec::with_capacity(all.len());
    for (kind, span) in all {
        match out.last_mut() {
            Some((last, held)) if held.end > span.start => {
                if kind > *last {
                    (*last, *held) = (kind, span);
                }
            }
            _ => out.push((kind, span)),
        }
    }
    out
}

fn into_hit((kind, span): (Kind, Range<usize>)) -> Hit {
    let (rule, severity, reason) = match kind {
        Kind::Mail => ("mail", Severity::Note, "a mail address"),
        Kind::Ip => ("ip", Severity::Note, "the address of a machine, which may be a person's"),
        Kind::Phone => ("phone", Severity::Note, "what looks like a phone number"),
        Kind::Card => ("card", Severity::Medium, "the number of a payment card, with the right check digit"),
        Kind::Iban => ("iban", Severity::Medium, "the number of a bank account, with the right check digits"),
        Kind::Ssn => ("ssn", Severity::Medium, "what looks like a US social security number"),
    };
    Hit { class: Class::Personal, severity, span, rule: rule.into(), reason: reason.into() }
}
