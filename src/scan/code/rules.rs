//! The rules as data, and whether one holds of a fact.

use super::language::Language;
use super::syntax::{Fact, Shape};
use crate::kernel::port::Severity;
use crate::scan::patterns::Pattern;
use aho_corasick::AhoCorasick;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

#[cfg(test)]
mod tests;

/// A rule as `rules.toml` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// The stable name.
    pub(super) id: String,
    /// The weakness, the same in all languages: what the echo scanner compares.
    pub(super) weakness: String,
    pub(super) languages: Vec<Language>,
    /// The number of the Common Weakness Enumeration.
    pub(super) cwe: u16,
    pub(super) severity: Severity,
    /// Whether code that repeats it is an echo; too common a thing is none.
    #[serde(default = "yes")]
    pub(super) echo: bool,
    /// One of these is in the code whenever the rule holds, so that most code is never parsed.
    pub(super) words: Vec<String>,
    pub(super) shape: Shape,
    /// What the head must be like.
    pub(super) head: String,
    /// What some part must be like.
    pub(super) with: Option<String>,
    /// What no part may be like, nor the head.
    pub(super) without: Option<String>,
    /// These parts (from 0) must not be fixed.
    #[serde(default)]
    pub(super) varies: Vec<usize>,
    /// Some part must not be fixed.
    #[serde(default)]
    pub(super) some_varies: bool,
    /// The first part must be fixed.
    #[serde(default)]
    pub(super) fixed: bool,
    /// Fewest parts.
    #[serde(default)]
    pub(super) parts: usize,
    /// What the lines around it must be like.
    pub(super) near: Option<String>,
    /// What the piece of code must not be like anywhere: a check, a safe setting.
    pub(super) unless: Option<String>,
    /// What it means, for people.
    pub(super) reason: String,
    /// Code in the first of the languages that it holds of, for the test.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are there for readers and for the tests"))]
    pub(super) bad: String,
    /// The same done well, for the test.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are there for readers and for the tests"))]
    pub(super) good: String,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Table {
    rule: Vec<Row>,
}

/// A rule with its expressions compiled.
pub(super) struct Rule {
    pub(super) row: Row,
    /// The reason with the weakness's number.
    pub(super) reason: Cow<'static, str>,
    head: Pattern,
    with: Option<Pattern>,
    without: Option<Pattern>,
    near: Option<Pattern>,
    unless: Option<Pattern>,
}

/// All rules.
pub(super) struct Rules {
    pub(super) all: Vec<Rule>,
    finder: AhoCorasick,
    /// Per word of the finder: the rules that it belongs to.
    of_word: Vec<Vec<usize>>,
}

/// Compiled at the first use. Why it failed is kept, for the scanner to say.
static RULES: LazyLock<Result<Rules, String>> = LazyLock::new(|| compile(include_str!("rules.toml")));

/// The rules.
///
/// # Errors
/// When the table does not compile, which the tests rule out.
pub(super) fn rules() -> Result<&'static Rules, &'static str> {
    RULES.as_ref().map_err(String::as_str)
}

fn compile(table: &str) -> Result<Rules, String> {
    let table: Table = toml::from_str(table).map_err(|why| why.to_string())?;
    let mut words: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, row) in table.rule.iter().enumerate() {
        row.words.iter().for_each(|word| words.entry(word).or_default().push(at));
    }
    let (words, of_word): (Vec<&str>, Vec<Vec<usize>>) = words.into_iter().unzip();
    let finder = AhoCorasick::new(words).map_err(|why| why.to_string())?;
    let all = table.rule.into_iter().map(Rule::of).collect::<Result<_, _>>()?;
    Ok(Rules { all, finder, of_word })
}

impl Rules {
    /// Which rules could hold in a text, by the words in it, in the order of the table.
    pub(super) fn candidates(&self, text: &str) -> Vec<&Rule> {
        let mut seen = vec![false; self.all.len()];
        for found in self.finder.find_overlapping_iter(text) {
            for rule in self.of_word.get(found.pattern().as_usize()).into_iter().flatten() {
                if let Some(seen) = seen.get_mut(*rule) {
                    *seen = true;
                }
            }
        }
        self.all.iter().zip(seen).filter(|(_, seen)| *seen).map(|(rule, _)| rule).collect()
    }

    /// How many words of rules a text has.
    pub(super) fn words(&self, text: &str) -> usize {
        self.finder.find_overlapping_iter(text).count()
    }

    /// Where the first word of a rule stands in a text.
    pub(super) fn first_word(&self, text: &str) -> Option<usize> {
        self.finder.find(text).map(|found| found.start())
    }

    /// Whether any rule could hold in a text.
    pub(super) fn could_hold(&self, text: &str) -> bool {
        self.finder.is_match(text)
    }
}

impl Rule {
    fn of(row: Row) -> Result<Self, String> {
        let optional = |text: &Option<String>| text.as_deref().map(Pattern::of_short_bytes).transpose();
        Ok(Self {
            reason: format!("{} (CWE-{})", row.reason, row.cwe).into(),
            head: Pattern::of_short_bytes(&row.head)?,
            with: optional(&row.with)?,
            without: optional(&row.without)?,
            near: optional(&row.near)?,
            unless: optional(&row.unless)?,
            row,
        })
    }

    /// Whether it is about this language and not excused by the rest of the code.
    pub(super) fn applies(&self, language: Language, code: &str) -> bool {
        let excused = || self.unless.as_ref().is_some_and(|unless| unless.is_match(code.as_bytes()));
        self.row.languages.contains(&language) && !excused()
    }

    /// Whether it holds of a fact of this code.
    pub(super) fn holds(&self, fact: &Fact<'_>, code: &str) -> bool {
        let row = &self.row;
        let head = fact.head.as_bytes();
        if row.shape != fact.shape || fact.parts.len() < row.parts || !self.head.is_match(head) {
            return false;
        }
        let varies = |n: &usize| fact.parts.get(*n).is_some_and(|part| !part.fixed);
        if !row.varies.iter().all(varies) || (row.some_varies && fact.parts.iter().all(|part| part.fixed)) {
            return false;
        }
        if row.fixed && !fact.parts.first().is_some_and(|part| part.fixed) {
            return false;
        }
        let some_part = |is: &Pattern| fact.parts.iter().any(|part| is.is_match(part.text.as_bytes()));
        if self.with.as_ref().is_some_and(|with| !some_part(with)) {
            return false;
        }
        if self.without.as_ref().is_some_and(|without| some_part(without) || without.is_match(head)) {
            return false;
        }
        let near = |near: &Pattern| near.is_match(around(code, &fact.span).as_bytes());
        self.near.as_ref().is_none_or(near)
    }
}

/// Bytes before and after a fact that count as near.
const NEAR: usize = 240;

/// The code around a span: what names and comments near it say is often what it is for.
fn around<'t>(code: &'t str, span: &Range<usize>) -> &'t str {
    let start = code.floor_char_boundary(span.start.saturating_sub(NEAR));
    let end = code.ceil_char_boundary(span.end.min(span.start + NEAR) + NEAR);
    code.get(start..end).unwrap_or_default()
}
