//! Finds weaknesses in code: a rule set over syntax trees.
//!
//! The trees come from tree-sitter itself and not from `ast-grep-core`: its patterns are code of one grammar that must parse
//! alone (`strcpy($A, $B)` is a type in C's), so nine languages would need each rule nine times, and its parser cannot
//! be given a bound. Our rules ask for a few shapes that all languages have. The grammars are C, in our process: the parser
//! is bounded in steps, and what it reads in length.

pub(super) mod fence;
mod language;
mod rules;
mod syntax;
mod trial;

#[cfg(test)]
mod tests;

use super::{Hit, ScanError, Scanner, Text};
use crate::kernel::port::{Class, Crossing};
use fence::{Block, blocks};
use language::{Language, languages};
use rules::{Rule, Rules, rules};
use std::ops::Range;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code;

impl Scanner for Code {
    fn name(&self) -> &'static str {
        "code"
    }

    fn scan(&self, text: &Text<'_>, _: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let hit = |weakness: Weakness| Hit {
            class: Class::InsecureCode,
            severity: weakness.rule.row.severity,
            span: weakness.span,
            rule: weakness.rule.row.id.as_str().into(),
            reason: weakness.rule.reason.as_ref().into(),
        };
        let mut found = weaknesses(text.raw())?;
        found.extend(decoded(text, &found)?);
        Ok(found.into_iter().map(hit).collect())
    }
}

/// The weaknesses that only the other readings of a text show: code in base64, say, or with look-alikes in its names.
///
/// A reading is parsed when it has more words of the rules than the part of the raw text that it comes from; most have not.
///
/// # Errors
/// When there are no rules.
fn decoded(text: &Text<'_>, known: &[Weakness]) -> Result<Vec<Weakness>, ScanError> {
    let mut found: Vec<Weakness> = Vec::new();
    let mut left = MAX_DECODED;
    for reading in text.readings().iter().skip(1) {
        let words = reading.text();
        let from = text.raw().get(reading.in_raw(&(0..words.len()))).unwrap_or_default();
        let rules = known_rules()?;
        if words.len() > left || rules.words(words) <= rules.words(from) {
            continue;
        }
        left -= words.len();
        for mut weakness in weaknesses(words)? {
            weakness.span = reading.in_raw(&weakness.span);
            let same = |other: &Weakness| {
                other.rule.row.id == weakness.rule.row.id
                    && other.span.start < weakness.span.end
                    && weakness.span.start < other.span.end
            };
            if !known.iter().chain(&found).any(same) {
                found.push(weakness);
            }
        }
    }
    Ok(found)
}

/// A place where a rule holds.
#[derive(Clone)]
pub(super) struct Weakness {
    rule: &'static Rule,
    /// Where, in bytes of the text.
    pub(super) span: Range<usize>,
}

impl Weakness {
    /// What is weak, the same in all languages; nothing for what is too common to be worth comparing.
    pub(super) fn fingerprint(&self) -> Option<&'static str> {
        self.rule.row.echo.then_some(self.rule.row.weakness.as_str())
    }
}

/// Longest piece of code that is parsed at once; a longer block is cut at a line's end.
const MAX_PIECE: usize = 8 * 1024;
/// Most code of one text that is parsed: what is behind it is not looked at, so that no text takes long.
const MAX_CODE: usize = 64 * 1024;
/// Most of its other readings that is looked at in all.
const MAX_DECODED: usize = 64 * 1024;

/// All weaknesses of the code in a text.
///
/// # Errors
/// When there are no rules.
fn weaknesses(text: &str) -> Result<Vec<Weakness>, ScanError> {
    let per_block = weaknesses_of(text, &|| blocks(text))?;
    Ok(per_block.into_iter().flat_map(|(_, weaknesses)| weaknesses).collect())
}

/// The blocks of a text, each with its weaknesses; none when the text has no word of any rule.
///
/// # Errors
/// When there are no rules.
pub(super) fn weaknesses_of<'t>(
    text: &'t str,
    blocks: &dyn Fn() -> Vec<Block<'t>>,
) -> Result<Vec<(Block<'t>, Vec<Weakness>)>, ScanError> {
    let rules = known_rules()?;
    if !rules.could_hold(text) {
        return Ok(Vec::new());
    }
    let mut left = MAX_CODE;
    let blocks = blocks().into_iter();
    Ok(blocks.map(|block| (block.clone(), in_block(rules, text, &block, &mut left))).collect())
}

fn known_rules() -> Result<&'static Rules, ScanError> {
    rules().map_err(|why| ScanError(format!("its rules do not compile: {why}")))
}

/// The weaknesses of one block, in the order of the code.
fn in_block(rules: &'static Rules, text: &str, block: &Block<'_>, left: &mut usize) -> Vec<Weakness> {
    let mut found = Vec::new();
    let mut start = block.span.start;
    while start < block.span.end && *left > 0 {
        let code = text.get(start..block.span.end).unwrap_or_default();
        let code = piece(code, MAX_PIECE);
        *left = left.saturating_sub(in_piece(rules, block.info, code, start, &mut found));
        start += code.len().max(1);
    }
    found.sort_by_key(|weakness| weakness.span.start);
    found
}

/// The beginning of at most so many bytes, cut at the last line's end in it.
fn piece(code: &str, most: usize) -> &str {
    if code.len() <= most {
        return code;
    }
    let begin = code.get(..code.floor_char_boundary(most)).unwrap_or_default();
    begin.rfind('\n').and_then(|end| begin.get(..=end)).unwrap_or(begin)
}

/// How many times its length a piece counts that the parser was given up on: a text made to be slow gets few of them.
const TANGLED: usize = 8;

/// Reads a piece; how much of [`MAX_CODE`] that takes.
fn in_piece(
    rules: &'static Rules,
    info: Option<&str>,
    code: &str,
    at: usize,
    found: &mut Vec<Weakness>,
) -> usize {
    let (all, candidates) = (rules, rules.candidates(code));
    if candidates.is_empty() {
        return 0;
    }
    let mut cost = 0;
    let before = found.len();
    for language in languages(info, code) {
        let rules: Vec<&'static Rule> =
            candidates.iter().copied().filter(|rule| rule.applies(language, code)).collect();
        if rules.is_empty() {
            continue;
        }
        // What a fence names is read as that; a guess is tried first.
        if info.is_none() && trial::is_foreign(code, language) {
            cost += code.len() + in_windows(all, language, code, at, found);
            if found.len() > before {
                break;
            }
            continue;
        }
        let is_read = in_language(&rules, code, language, at, found);
        cost += if is_read { code.len() } else { code.len() * TANGLED };
        // What the likelier language explains needs no second reading.
        if found.len() > before {
            break;
        }
    }
    cost
}

/// How much of a piece that begins with something else is read around a word of a rule.
const WINDOW: usize = 640;
/// How many such places of one piece are tried. Each takes some tenths of a millisecond.
const MAX_TRIALS: usize = 3;

/// Reads the code in a piece whose beginning is none of it: from the lines on that hold a word of a rule. How much of [`MAX_CODE`]
/// that takes.
fn in_windows(
    rules: &'static Rules,
    language: Language,
    code: &str,
    at: usize,
    found: &mut Vec<Weakness>,
) -> usize {
    let (mut start, mut cost) = (0, 0);
    for _ in 0..MAX_TRIALS {
        let rest = code.get(start..).unwrap_or_default();
        let Some(word) = rules.first_word(rest) else { break };
        let line = rest.get(..word).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let window = piece(rest.get(line..).unwrap_or_default(), WINDOW);
        if trial::begins_foreign(window, language) {
            start +=
                word + rest.get(word..).and_then(|after| after.find('\n')).map_or(rest.len(), |end| end + 1);
            continue;
        }
        let mut held = rules.candidates(window);
        held.retain(|rule| rule.applies(language, code));
        let is_read = in_language(&held, window, language, at + start + line, found);
        cost += if is_read { 0 } else { window.len() * TANGLED };
        start += line + window.len().max(1);
    }
    cost
}

/// Whether the piece could be read.
fn in_language(
    rules: &[&'static Rule],
    code: &str,
    language: Language,
    at: usize,
    found: &mut Vec<Weakness>,
) -> bool {
    syntax::each(code, language, &mut |fact| {
        for rule in rules.iter().filter(|rule| rule.holds(fact, code)) {
            let span = at + fact.span.start..at + fact.span.end;
            // A chain of calls is one weakness, and told once, unless the inner one says more.
            let is_told = |other: &Weakness| {
                other.rule.row.weakness == rule.row.weakness
                    && other.rule.row.echo >= rule.row.echo
                    && other.rule.row.severity >= rule.row.severity
                    && other.span.start <= span.start
                    && span.end <= other.span.end
            };
            if !found.iter().rev().take(8).any(is_told) {
                found.push(Weakness { rule, span });
            }
        }
    })
}
