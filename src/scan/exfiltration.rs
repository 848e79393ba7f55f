//! Finds links and images that carry data away, and words that ask for one.
//!
//! Ordinary links and badges pass: what counts is what an address carries and to whom, not that there is one.

mod carried;
mod link;

#[cfg(test)]
mod tests;

use super::{Hit, ScanError, Scanner, Text};
use crate::kernel::port::{Class, Crossing, Severity};
use carried::Rule;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exfiltration;

/// Most findings; a text with more is told by these.
const MAX_HITS: usize = 100;

const INSTRUCTION: Rule = (
    "link-instruction",
    Severity::Medium,
    "words that ask to put what was said, or a secret, into an address or image",
);

/// To put something said or secret ... into an address; or to make an address ... that holds it.
const INSTRUCTIONS: &str = r"(?xi)
    \b(?:append|add|put|insert|embed|encode|attach|include|place|pass|concatenate|substitute|replace|fill|send|render|display|show|output|load|fetch|visit|open|print)\b
    [^\n]{0,120}?
    \b(?:conversation|chat\ history|chat\ log|previous\ messages|message\ history|system\ prompt|secrets?|api\ keys?|credentials?|passwords?|private\ data|personal\ data
        |user(?:'s|s)?\ (?:data|message|prompt|input|e-?mail|name|question|query)|access\ token|summary\ of|everything\ (?:above|so\ far)|context)\b
    [^\n]{0,120}?
    (?: \b(?:url|query\ (?:string|param\w*)|markdown\ image|image\ (?:url|link|tag)|tracking\ pixel|<img)\b | \?\w{1,12}= )";

/// One pattern: about a millisecond at the first text that speaks of an address.
static ASKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(INSTRUCTIONS).ok());

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
    let links = link::links(text).ok_or_else(broken)?;
    let judged = links.into_iter().filter_map(|link| Some((carried::judge(&link, asked)?, link.span)));
    let mut found: Vec<_> = judged.take(MAX_HITS).collect();
    let asks = ASKS.as_ref().ok_or_else(broken)?;
    found.extend(asks.find_iter(text).take(MAX_HITS).map(|hit| (INSTRUCTION, hit.range())));
    Ok(found)
}

/// Adds a hit, unless the same place was told of: several readers and readings see the same link.
fn add(hits: &mut Vec<Hit>, (rule, severity, reason): Rule, span: Range<usize>) {
    let known = hits.iter_mut().find(|hit| hit.span.start < span.end && span.start < hit.span.end);
    if let Some(known) = known {
        if known.severity >= severity {
            return;
        }
        (known.rule, known.severity, known.reason) = (rule.into(), severity, reason.into());
    } else if hits.len() < MAX_HITS {
        hits.push(Hit {
            class: Class::Exfiltration,
            severity,
            span,
            rule: rule.into(),
            reason: reason.into(),
        });
    }
}
