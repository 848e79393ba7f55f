//! The rules about commands: patterns over what a command does, and some over how it is written.

use crate::kernel::port::Severity;
use crate::scan::patterns::{self, Case, Layout, Set};
use crate::shell::Finding;
use aho_corasick::AhoCorasick;
use indexmap::IndexMap;
use serde::Deserialize;
use std::sync::LazyLock;

const FILE: &str = include_str!("rules.toml");

/// Largest compiled set of patterns, in bytes.
const SIZE: usize = 8 << 20;

/// A rule as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) severity: Severity,
    pub(super) reason: String,
    /// Findings of the reader that are enough.
    #[serde(default)]
    found: Vec<String>,
    #[serde(default)]
    act: Vec<String>,
    #[serde(default)]
    beside: Vec<String>,
    #[serde(default)]
    text: Vec<String>,
    /// Commands that the rule must find.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are there for readers and for the tests"))]
    pub(super) attacks: Vec<String>,
    /// Commands in which no rule may find anything.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are there for readers and for the tests"))]
    pub(super) honest: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    markers: Vec<String>,
    names: IndexMap<String, String>,
    rule: Vec<Rule>,
}

/// A pattern's place: the rule, and what it is of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Of {
    rule: usize,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Act,
    Beside,
}

/// The rules, compiled.
pub(super) struct Rules {
    pub(super) all: Vec<Rule>,
    /// Which findings of the reader are enough for which rule.
    found: Vec<(Finding, usize)>,
    acts: Set,
    of_acts: Vec<Of>,
    texts: Set,
    of_texts: Vec<usize>,
    /// Words of which a text that is only shown must hold one: programs that rules name, and signs.
    markers: AhoCorasick,
}

/// Compiled at the first scan, in some ten milliseconds.
static RULES: LazyLock<Result<Rules, String>> = LazyLock::new(|| Rules::read(FILE));

/// The rules of the file.
///
/// # Errors
/// When they do not compile.
pub(super) fn rules() -> Result<&'static Rules, &'static str> {
    RULES.as_ref().map_err(String::as_str)
}

impl Rules {
    fn read(file: &str) -> Result<Self, String> {
        let file: File = toml::from_str(file).map_err(|e| e.to_string())?;
        let (mut found, mut of_acts, mut of_texts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut acts, mut texts) = (Vec::new(), Vec::new());
        for (rule, row) in file.rule.iter().enumerate() {
            for name in &row.found {
                let known = Finding::ALL.iter().find(|(_, known)| known == name);
                let (finding, _) = known.ok_or_else(|| format!("{}: no finding is called {name}", row.id))?;
                found.push((*finding, rule));
            }
            for (part, written) in [(Part::Act, &row.act), (Part::Beside, &row.beside)] {
                acts.extend(written.iter().map(|pattern| expanded(pattern, &file.names)));
                of_acts.extend(written.iter().map(|_| Of { rule, part }));
            }
            texts.extend(row.text.iter().cloned());
            of_texts.extend(row.text.iter().map(|_| rule));
        }
        let set = |written: Vec<String>| Set::new(&written, Case::Told, SIZE);
        let markers = patterns::markers(&file.markers, Case::Ignored, Layout::Compact)?;
        Ok(Self { all: file.rule, found, acts: set(acts)?, of_acts, texts: set(texts)?, of_texts, markers })
    }

    /// Whether a rule could hold in a text. One pass; a text without any marker costs nothing else.
    pub(super) fn could_hold(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        self.markers.find_overlapping_iter(text).any(|found| {
            // `rm` is none in `form`.
            let (start, end) = (found.start(), found.end());
            let starts = start == 0 || !is_letter(start) || !is_letter(start - 1);
            starts && (!is_letter(end - 1) || !is_letter(end))
        })
    }

    /// The rules that hold in a command, given as it is written, as what was found in it, and as what it does.
    pub(super) fn of<'r>(
        &'r self,
        code: &str,
        findings: &std::collections::BTreeSet<Finding>,
        acts: &[String],
    ) -> Vec<&'r Rule> {
        let count = self.all.len();
        let (mut held, mut beside) = (vec![false; count], vec![false; count]);
        let mark = |flags: &mut Vec<bool>, rule: usize| {
            if let Some(flag) = flags.get_mut(rule) {
                *flag = true;
            }
        };
        for act in acts {
            for n in self.acts.matches(act.as_bytes()) {
                match self.of_acts.get(n) {
                    Some(Of { rule, part: Part::Act }) => mark(&mut held, *rule),
                    Some(Of { rule, part: Part::Beside }) => mark(&mut beside, *rule),
                    None => {}
                }
            }
        }
        let rows = self.all.iter().zip(held.iter_mut().zip(beside));
        rows.for_each(|(row, (held, beside))| *held &= beside || row.beside.is_empty());
        for n in self.texts.matches(code.as_bytes()) {
            self.of_texts.get(n).into_iter().for_each(|rule| mark(&mut held, *rule));
        }
        for (_, rule) in self.found.iter().filter(|(finding, _)| findings.contains(finding)) {
            mark(&mut held, *rule);
        }
        self.all.iter().zip(held).filter_map(|(row, held)| held.then_some(row)).collect()
    }
}

/// A pattern with its stand-ins put in.
fn expanded(pattern: &str, names: &IndexMap<String, String>) -> String {
    names.iter().fold(pattern.to_owned(), |pattern, (name, stands_for)| {
        pattern.replace(&format!("{{{name}}}"), stands_for)
    })
}
