//! The rules: phrases that hardly anybody writes but who wants to steer a model, in 24 languages.

use super::features::Port;
use crate::scan::patterns::{self, Case, Layout, Pattern};
use aho_corasick::AhoCorasick;
use indexmap::IndexMap;
use serde::Deserialize;
use std::ops::Range;
use std::sync::OnceLock;

#[cfg(test)]
mod tests;

const FILE: &str = include_str!("rules.toml");

/// Most matches of a rule that are looked at: beyond them a text is told by these.
const MAX_MATCHES: usize = 100;
/// Two different weak rules so near to each other, in bytes, count as a strong one.
const NEAR: usize = 400;
/// A quotation opens at most so many characters before a match that it quotes.
const QUOTE_REACH: usize = 3;

/// How much a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Strength {
    /// A finding by itself.
    Strong,
    /// A finding beside another one.
    Weak,
}

/// Which way a text must have come for a rule to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ports {
    All,
    User,
    Data,
}

impl Ports {
    fn has(self, port: Port) -> bool {
        match (self, port) {
            (Self::All, _) | (Self::User, Port::User) | (Self::Data, Port::Data) => true,
            (Self::User, Port::Data) | (Self::Data, Port::User) => false,
        }
    }
}

/// What an attack tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    AuthorityClaim,
    CodeInjection,
    EncodedInstruction,
    ExfilInstruction,
    FakeMarkup,
    InstructionOverride,
    JailbreakPersona,
    MultilingualOverride,
    PayloadSplitting,
    PromptExtraction,
    RefusalSuppression,
    SecretSolicitation,
    TaskInDocument,
    TaskInjection,
}

impl Kind {
    /// For people.
    fn reason(self) -> &'static str {
        match self {
            Self::AuthorityClaim => "claims a rank or a mode in which other rules hold",
            Self::CodeInjection => "asks for given code to be put into an answer",
            Self::EncodedInstruction => "asks for an encoded text to be decoded and obeyed",
            Self::ExfilInstruction => "asks for data or money to be sent somewhere",
            Self::FakeMarkup => "imitates the markup that separates instructions from data",
            Self::InstructionOverride | Self::MultilingualOverride => {
                "asks for instructions to be disregarded"
            }
            Self::JailbreakPersona => "gives the model a role without rules",
            Self::PayloadSplitting => "asks for a text to be put together from pieces",
            Self::PromptExtraction => "asks for the model's instructions",
            Self::RefusalSuppression => "forbids the model to refuse or to warn",
            Self::SecretSolicitation => "asks for a password or another secret",
            Self::TaskInDocument => "tells the reader of a document how to answer",
            Self::TaskInjection => "speaks to the model that reads a document",
        }
    }
}

/// A rule as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    class: Kind,
    strength: Strength,
    ports: Ports,
    needs: Vec<String>,
    pattern: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Written>,
}

struct Rule {
    id: &'static str,
    kind: Kind,
    strength: Strength,
    ports: Ports,
    pattern: String,
    /// Compiled when the rule is first asked: most rules never are.
    compiled: OnceLock<Result<Pattern, String>>,
}

/// The rules, and what tells quickly which of them can match.
pub(super) struct Rules {
    /// Words without which a rule does not match. One pass over a text says which rules are to be asked; a set of regular
    /// expressions could do without, at a hundredth of the speed.
    needs: AhoCorasick,
    /// Which rules need each of the words.
    of: Vec<Vec<usize>>,
    rules: Vec<Rule>,
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    /// Which rule, by its stable name.
    pub(super) rule: &'static str,
    /// What it means.
    pub(super) reason: &'static str,
    /// Where, in bytes of the text.
    pub(super) span: Range<usize>,
    /// A document's match that opens a quotation, a code span or a table cell, or a request's inside a quotation: it may
    /// only describe, or be what is to be translated.
    pub(super) quoted: bool,
}

impl Rules {
    /// Reads the shipped rules, which takes some milliseconds.
    pub(super) fn shipped() -> Result<Self, String> {
        Self::read(FILE)
    }

    fn read(file: &str) -> Result<Self, String> {
        let file: File = toml::from_str(file).map_err(|e| format!("the rules cannot be read: {e}"))?;
        let (mut needs, mut rules) = (IndexMap::<String, Vec<usize>>::new(), Vec::new());
        for (n, rule) in file.rule.into_iter().enumerate() {
            let Written { id, class: kind, strength, ports, needs: words, pattern } = rule;
            for word in words {
                needs.entry(word).or_default().push(n);
            }
            // Once in a process: a finding's rule is a name that lives as long as the process.
            let (id, pattern) = (id.leak(), loosened(&pattern));
            rules.push(Rule { id, kind, strength, ports, pattern, compiled: OnceLock::new() });
        }
        let (words, of): (Vec<String>, Vec<Vec<usize>>) = needs.into_iter().unzip();
        // They are in lower case, as what they are searched in.
        let needs = patterns::markers(&words, Case::Told, Layout::Compact);
        let needs = needs.map_err(|e| format!("the rules cannot be indexed: {e}"))?;
        Ok(Self { needs, of, rules })
    }

    /// Every strong rule that matches, and a pair of weak ones, at its first match that is not quoted.
    ///
    /// # Errors
    /// When a rule cannot be compiled.
    pub(super) fn matches(&self, text: &str, port: Port) -> Result<Vec<Match>, String> {
        let (mut strong, mut weak) = (Vec::new(), Vec::new());
        for rule in self.candidates(text).into_iter().filter_map(|n| self.rules.get(n)) {
            if !rule.ports.has(port) {
                continue;
            }
            let found = rule.compiled()?.find(text, MAX_MATCHES).into_iter().map(|span| Match {
                rule: rule.id,
                reason: rule.kind.reason(),
                quoted: match port {
                    Port::Data => opens_quotation(text, span.start),
                    Port::User => is_quoted(text, span.start),
                },
                span,
            });
            match rule.strength {
                Strength::Strong => strong.extend(found.min_by_key(|found| found.quoted)),
                Strength::Weak => weak.extend(found),
            }
        }
        strong.extend(pair(weak));
        Ok(strong)
    }

    /// The rules that could match, in their order.
    fn candidates(&self, text: &str) -> Vec<usize> {
        let mut wanted = vec![false; self.rules.len()];
        for found in self.needs.find_overlapping_iter(&simplified(text)) {
            for n in self.of.get(found.pattern().as_usize()).into_iter().flatten() {
                if let Some(wanted) = wanted.get_mut(*n) {
                    *wanted = true;
                }
            }
        }
        wanted.iter().enumerate().filter_map(|(n, wanted)| wanted.then_some(n)).collect()
    }
}

/// In lower case, with a blank for each run of white space.
fn simplified(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut blank = false;
    let mut rest = text;
    while !rest.is_empty() {
        // Runs of ASCII go byte by byte, which is several times as fast.
        let ascii = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (plain, other) = rest.split_at_checked(ascii).unwrap_or((rest, ""));
        for byte in plain.bytes() {
            let space = matches!(byte, b'\t'..=b'\r' | b' ');
            if !(space && blank) {
                out.push(if space { ' ' } else { char::from(byte.to_ascii_lowercase()) });
            }
            blank = space;
        }
        let foreign = other.bytes().position(|byte| byte.is_ascii()).unwrap_or(other.len());
        let (foreign, after) = other.split_at_checked(foreign).unwrap_or((other, ""));
        if !foreign.is_empty() {
            out.extend(foreign.chars().flat_map(char::to_lowercase));
            blank = false;
        }
        rest = after;
    }
    out
}

impl Rule {
    fn compiled(&self) -> Result<&Pattern, String> {
        let compile = || {
            let pattern = Pattern::of_text(&self.pattern);
            pattern.map_err(|e| format!("the rule {} cannot be compiled: {e}", self.id))
        };
        self.compiled.get_or_init(compile).as_ref().map_err(Clone::clone)
    }
}

/// The first two different weak rules that are close to each other, as one match.
fn pair(mut weak: Vec<Match>) -> Option<Match> {
    weak.sort_by_key(|found| found.span.start);
    let mut neighbours = weak.iter().zip(weak.iter().skip(1));
    let near = |(a, b): &(&Match, &Match)| a.rule != b.rule && b.span.start - a.span.start < NEAR;
    let (first, second) = neighbours.find(near)?;
    let span = first.span.start..second.span.end.max(first.span.end);
    Some(Match { span, quoted: false, ..first.clone() })
}

/// Whether a quotation, a code span or a table cell opens just before a match.
fn opens_quotation(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().chars().rev().take(QUOTE_REACH);
    before.into_iter().any(|c| matches!(c, '"' | '“' | '‘' | '`' | '|' | '«' | '\''))
}

/// How far before a request's match its quotation may open, in bytes.
const QUOTATION: usize = 1000;

/// Whether a place stands inside a quotation that opened in its paragraph. Documents are not asked so: whoever wrote one
/// could put quotation marks around everything.
fn is_quoted(text: &str, at: usize) -> bool {
    let from = text.ceil_char_boundary(at.saturating_sub(QUOTATION));
    let before = text.get(from..at).unwrap_or_default();
    let before = before.rsplit("\n\n").next().unwrap_or_default();
    let next = |open: Option<char>, c| match (open, c) {
        (None, '"' | '“' | '„' | '«' | '「' | '『') => Some(c),
        (Some('"'), '"') | (Some('„'), '“') | (Some(_), '”' | '»' | '」' | '』') => None,
        _ => open,
    };
    before.chars().fold(None, next).is_some()
}

/// Letters of all scripts, and little else: Unicode's own class has 750 ranges, of which each use takes a hundred kilobytes.
const LETTERS: &str = r"0-9A-Za-z_\x{AA}\x{B5}\x{BA}\x{C0}-\x{1FFF}\x{200C}\x{200D}\x{2C00}-\x{2DFF}\x{3040}-\x{FEFF}\x{FF10}-\x{10FFFF}";

/// Makes a written pattern one that is fast and reads across lines.
///
/// A blank becomes white space. Word borders are those of ASCII, because with Unicode's the automaton gives up at the first
/// character that is not ASCII and something far slower takes over. `\w`, `\d` and `\s` are ASCII's; where the pattern itself holds other letters, [`LETTERS`].
fn loosened(pattern: &str) -> String {
    let ascii = pattern.is_ascii();
    let mut out = String::with_capacity(pattern.len() * 2);
    let (mut in_class, mut escaped) = (false, false);
    for c in pattern.chars() {
        match c {
            'b' if escaped => {
                out.pop();
                out.push_str(r"(?-u:\b)");
            }
            'w' | 'd' | 's' if escaped => {
                out.pop();
                let letters = match c {
                    'w' if ascii => "0-9A-Za-z_",
                    'w' => LETTERS,
                    'd' => "0-9",
                    _ if ascii => r"\t-\r ",
                    _ => r"\t-\r \x{A0}\x{2000}-\x{200A}\x{3000}",
                };
                let (open, close) = if in_class { ("", "") } else { ("[", "]") };
                out.extend([open, letters, close]);
            }
            ' ' if !in_class => out.push_str(r"(?:[\t-\r ]+)"),
            '[' if !escaped => {
                in_class = true;
                out.push(c);
            }
            ']' if !escaped => {
                in_class = false;
                out.push(c);
            }
            c => out.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    out
}
