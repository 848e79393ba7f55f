//! All parts of a text that have a form: what a formed span may answer.
//!
//! Listing them is stricter than intersecting the text with the form's expression: a number is never cut out of a
//! longer one, a check sum holds, and a text without any is known before the model is asked.

use crate::kernel::answer::Form;
use regex::Regex;

/// Longest part that a form matches, in bytes.
const LONGEST: usize = 400;

/// The parts of `text` that have the form, each once, in order. `None` when there are more than `most`.
pub(super) fn candidates(text: &str, form: Form, most: usize) -> Option<Vec<&str>> {
    let mut found: Vec<&str> = Vec::new();
    let mut covered = 0;
    for start in starts(text, form) {
        // "3" and "400.00" are amounts of their own in "3 400.00"; other forms are taken as long as they go.
        if form != Form::Amount && start < covered {
            continue;
        }
        for end in ends(text, start, form) {
            let Some(part) = text.get(start..end).filter(|part| form.matches(part)) else { continue };
            covered = end;
            if !found.contains(&part) {
                if found.len() == most {
                    return None;
                }
                found.push(part);
            }
            if form != Form::Amount {
                break;
            }
        }
    }
    Some(found)
}

/// Where a part may start: at a border, with a character that the form can start with.
fn starts(text: &str, form: Form) -> impl Iterator<Item = usize> {
    let opens = move |c: char| match form {
        Form::Iban => c.is_ascii_uppercase(),
        Form::Date | Form::Email => c.is_ascii_alphanumeric(),
        Form::Amount => c.is_ascii_digit() || c == '-',
        Form::Url => c == 'h',
        Form::Phone => c.is_ascii_digit() || c == '+' || c == '(',
    };
    text.char_indices().filter(move |(at, c)| opens(*c) && is_start(text, *at)).map(|(at, _)| at)
}

/// Whether no word or number runs across this place from the left.
fn is_start(text: &str, at: usize) -> bool {
    let mut before = text.get(..at).unwrap_or_default().chars().rev();
    match (before.next(), before.next()) {
        (Some(c), _) if c.is_alphanumeric() => false,
        (Some('.' | ',' | '/' | ':' | '\'' | '-' | '_' | '@'), Some(c)) => !c.is_alphanumeric(),
        _ => true,
    }
}

/// Where a part that starts at `start` may end, the longest first.
fn ends(text: &str, start: usize, form: Form) -> Vec<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let reach = match form {
        // The expression's own greed finds a URL's and an address's end; trailing punctuation is the sentence's.
        Form::Url | Form::Email => Regex::new(&format!("^(?:{})", form.pattern()))
            .ok()
            .and_then(|shape| shape.find(rest).map(|found| found.end()))
            .unwrap_or(0),
        Form::Iban => 50,
        Form::Date | Form::Phone => 40,
        Form::Amount => 24,
    };
    let reach = reach.min(LONGEST);
    let mut ends: Vec<usize> = rest
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= reach)
        .filter(|end| is_end(rest, *end, form))
        .map(|end| start + end)
        .collect();
    ends.reverse();
    ends
}

/// Whether no word or number runs across this place to the right.
fn is_end(rest: &str, at: usize, form: Form) -> bool {
    let last = rest.get(..at).and_then(|part| part.chars().next_back());
    let mut after = rest.get(at..).unwrap_or_default().chars();
    if form == Form::Url && last.is_some_and(|c| ".,;:!?)'".contains(c)) {
        return false;
    }
    match (after.next(), after.next()) {
        (Some(c), _) if c.is_alphanumeric() => false,
        (Some('.' | ',' | '/' | ':' | '\'' | '-'), Some(c)) => !c.is_ascii_digit(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
