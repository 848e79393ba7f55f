//! Finds links and images that carry data away, and words that ask for one.
//!
//! Ordinary links and badges pass: what counts is what an address carries and to whom, not that there is one.

mod carried;
mod link;

#[cfg(test)]
mod tests;

use super::{Hit, ScanError, Scanner, Text, crowd};
use crate::kernel::port::{Class, Crossing, Severity};
use carried::Rule;
use regex::{Regex, RegexBuilder};
use std::ops::Range;
use std::sync::LazyLock;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exfiltration;

/// Most findings; the last one of a text with more covers the others.
const MAX_HITS: usize = 100;

/// Most links that are judged. Honest texts with more are lists of addresses.
const MAX_LINKS: usize = 4000;

const FLOOD: Rule =
    ("link-flood", Severity::Medium, "so many addresses that the ones from here on were not judged");
const INSTRUCTION: Rule = (
    "link-instruction",
    Severity::Medium,
    "words that ask to put what was said, or a secret, into an address or image",
);

/// Words for an address that is to be made. Letters and word borders are those of ASCII in all patterns of this scanner: with
/// Unicode's they take 20 MB.
const TARGET: &str = r"(?i)(?-u:\b)(?:urls?|query (?:string|param)|markdown image|image (?:url|link|tag)|tracking pixel)(?-u:\b)|\?[0-9A-Za-z_]{1,12}=|<img(?-u:\b)";
/// What is to be put into it, after a word for putting.
const ORDER: &str = r"(?xi)
    (?-u:\b)(?:append|add|put|insert|embed|encode|attach|include|place|pass|concatenate|substitute|replace|fill|send|render|display)(?-u:\b)
    .*
    (?-u:\b)(?:conversation|chat\ history|chat\ log|previous\ messages|message\ history|system\ prompt|secrets?|api\ keys?|credentials?|passwords?
        |private\ data|personal\ data|user(?:'s|s)?\ (?:data|messages?|prompt|input|e-?mail|name|question|query)|access\ token
        |summary\ of|everything\ (?:above|so\ far))(?-u:\b)";
/// Longest such sentence.
const SENTENCE: usize = 300;

/// Two patterns: about a millisecond at the first text with an address.
static ASKS: LazyLock<Option<(Regex, Regex)>> = LazyLock::new(|| Some((compile(TARGET)?, compile(ORDER)?)));

/// What a compiled pattern may remember of texts it has seen, in bytes.
const CACHE: usize = 256 << 10;

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).dfa_size_limit(CACHE).build().ok()
}

impl Scanner for Exfiltration {
    fn name(&self) -> &'static str {
        "exfiltration"
    }

    fn scan(&self, text: &Text<'_>, crossing: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let mut hits: Vec<Hit> = Vec::new();
        for reading in text.readings() {
            let words = reading.text();
            for (rule, span) in find(words, crossing.asked)? {
                add(&mut hits, rule, reading.in_raw(&span));
            }
        }
        Ok(hits)
    }
}

fn find(text: &str, asked: &str) -> Result<Vec<(Rule, Range<usize>)>, ScanError> {
    if !link::may_link(text) {
        return Ok(Vec::new());
    }
    let broken = || ScanError("its patterns do not compile".to_owned());
    let mut links = link::links(text).ok_or_else(broken)?;
    // What is not looked at is told as a whole, so that links in front of it do not hide it.
    let unjudged = links.split_off(links.len().min(MAX_LINKS)).into_iter().map(|link| link.span);
    let flood = unjudged.reduce(|all, span| crowd::over(&all, &span)).map(|span| (FLOOD, span));
    let judged = links.into_iter().filter_map(|link| Some((carried::judge(&link, asked)?, link.span)));
    let mut found: Vec<_> = judged.collect();
    found.extend(flood);
    found.extend(instructions(text).ok_or_else(broken)?);
    Ok(found)
}

/// Sentences that ask to put something said or secret into an address.
fn instructions(text: &str) -> Option<Vec<(Rule, Range<usize>)>> {
    let (target, order) = ASKS.as_ref()?;
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(hit) = target.find_at(text, at) {
        let from = text.ceil_char_boundary(hit.start().saturating_sub(SENTENCE));
        let before = text.get(from..hit.start()).unwrap_or_default();
        let line = before.rfind('\n').map_or(from, |end| from + end + 1);
        if let Some(asked) = text.get(line..hit.start()).and_then(|sentence| order.find(sentence)) {
            found.push((INSTRUCTION, line + asked.start()..hit.end()));
        }
        // Sentences overlap; a flood of targets must not read the same words again and again.
        at = text.ceil_char_boundary((hit.end() + SENTENCE / 8).min(text.len()));
        if found.len() >= MAX_HITS || at >= text.len() {
            break;
        }
    }
    Some(found)
}

/// Adds a hit, unless the same place was told of: several readers and readings see the same link.
fn add(hits: &mut Vec<Hit>, (rule, severity, reason): Rule, span: Range<usize>) {
    let known = hits.iter_mut().find(|hit| hit.span.start < span.end && span.start < hit.span.end);
    if let Some(known) = known {
        known.span = crowd::over(&known.span, &span);
        if known.severity >= severity {
            return;
        }
        (known.rule, known.severity, known.reason) = (rule.into(), severity, reason.into());
        return;
    }
    let reached = hits.len() >= MAX_HITS;
    match hits.iter_mut().rev().find(|hit| reached && hit.severity >= severity) {
        Some(last) => last.span = crowd::over(&last.span, &span),
        None => hits.push(Hit {
            class: Class::Exfiltration,
            severity,
            span,
            rule: rule.into(),
            reason: reason.into(),
        }),
    }
}
