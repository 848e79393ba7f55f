//! Finds weaknesses of the code that a user gave, repeated in the code that comes back.
//!
//! Both sides are read by the rules of the code scanner; what is compared is the weakness, not the words, so that renaming,
//! or another language, does not hide it. Words that name a weakness are not code, so asking for a fix passes.

#[cfg(test)]
mod tests;

use super::code::fence::{Block, blocks};
use super::code::{Weakness, weaknesses_of};
use super::{Hit, ScanError, Scanner, Text};
use crate::kernel::port::{Border, Class, Crossing, Severity};
use std::collections::BTreeSet;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Echo;

impl Scanner for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn scan(&self, text: &Text<'_>, crossing: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        if crossing.asked.is_empty() || !matches!(crossing.border, Border::Answer | Border::Reply) {
            return Ok(Vec::new());
        }
        let given = given(crossing.asked)?;
        if given.is_empty() {
            return Ok(Vec::new());
        }
        repeated(text.raw(), &given)
    }
}

/// The fingerprints of the code that a user gave.
fn given(asked: &str) -> Result<BTreeSet<&'static str>, ScanError> {
    let whole = weaknesses_of(asked, &|| blocks(asked))?;
    let inline = weaknesses_of(asked, &|| inline(asked))?;
    Ok(whole.iter().chain(&inline).flat_map(|(_, found)| fingerprints(found)).collect())
}

fn fingerprints(found: &[Weakness]) -> impl Iterator<Item = &'static str> {
    found.iter().filter_map(Weakness::fingerprint)
}

/// Most pieces of code inside lines of words that are looked at.
const MAX_INLINE: usize = 50;

/// Code inside lines of words: between backticks, and what follows a colon.
fn inline(asked: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in asked.split_inclusive('\n') {
        let mut piece = |from: usize, to: usize| {
            let code = line.get(from..to).unwrap_or_default();
            if code.contains(['(', '=']) && found.len() < MAX_INLINE {
                found.push(Block { span: at + from..at + to, info: None, lead: "" });
            }
        };
        let ticks: Vec<usize> = line.match_indices('`').map(|(tick, _)| tick).collect();
        if let [open, close, ..] = ticks.as_slice()
            && ticks.len() < 20
        {
            piece(open + 1, *close);
            for pair in ticks.get(2..).unwrap_or_default().chunks_exact(2) {
                if let [open, close] = pair {
                    piece(open + 1, *close);
                }
            }
        } else if let Some(colon) = line.find(": ") {
            piece(colon + 2, line.len());
        }
        at += line.len();
    }
    found
}

/// What the answer's code repeats. Beside fenced code, what else looks like code is somebody's words about it.
fn repeated(text: &str, given: &BTreeSet<&'static str>) -> Result<Vec<Hit>, ScanError> {
    let code = || {
        let mut all = blocks(text);
        if all.iter().any(|block| block.info.is_some()) {
            all.retain(|block| block.info.is_some());
        }
        all
    };
    let found = weaknesses_of(text, &code)?;
    let mut hits = Vec::new();
    for (n, (block, weaknesses)) in found.iter().enumerate() {
        let later = found.get(n + 1..).unwrap_or_default();
        for weakness in weaknesses {
            let Some(fingerprint) = weakness.fingerprint().filter(|name| given.contains(name)) else {
                continue;
            };
            if is_replaced(block, fingerprint, later) {
                continue;
            }
            hits.push(Hit {
                class: Class::Echo,
                severity: Severity::Medium,
                span: weakness.span.clone(),
                rule: fingerprint.into(),
                reason: "repeats a weakness of the code that was given".into(),
            });
        }
    }
    Ok(hits)
}

/// Words before a block that is shown as what to replace.
const SHOWN_AS_BAD: [&str; 9] =
    ["before", "vulnerab", "insecure", "unsafe", "original", "instead of", "do not", "don't", "problem"];

/// Whether a block is shown as what to replace, and a later one is without the weakness.
fn is_replaced(block: &Block<'_>, fingerprint: &str, later: &[(Block<'_>, Vec<Weakness>)]) -> bool {
    let lead = block.lead.to_ascii_lowercase();
    let without = |(_, found): &(Block<'_>, Vec<Weakness>)| !fingerprints(found).any(|f| f == fingerprint);
    SHOWN_AS_BAD.iter().any(|word| lead.contains(word)) && later.iter().any(without)
}
