//! A conversation at the moment of a request, and the verdict about it.

use super::mark::{Marks, folded};
use super::rule::{RULES, View, tiers};
use super::turn::{Caught, Turn, Words};
use super::{BLOCK, FADE_PER_MINUTE, MOST_TURNS, TTL_MILLIS, WARN};
use crate::kernel::analysis::{Analysis, Concern, Weight};
use crate::kernel::finding::Finding;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Turns that are read as one text with the request.
const READ_TOGETHER: usize = 8;
/// Most points of one request, and of a conversation's first, which is never more than half a warning.
const MOST_AT_ONCE: f64 = 5.0;
const MOST_AT_FIRST: f64 = 1.5;
/// Highest score: three minutes of silence and it no longer blocks.
const HIGHEST: f64 = 10.0;
const MINUTE_MILLIS: i64 = 60_000;

/// The turns before a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    turns: Vec<Arc<Turn>>,
    /// When the request was made, Unix milliseconds.
    now: i64,
}

impl Conversation {
    /// A request with nothing before it.
    pub fn begins(now: i64) -> Self {
        Self { turns: Vec::new(), now }
    }

    /// The turns that count at `now`, oldest first: none from before a long silence.
    pub fn until(now: i64, turns: &[Arc<Turn>]) -> Self {
        let mut live: Vec<Arc<Turn>> = Vec::new();
        for turn in turns {
            if live.last().is_some_and(|before| silence(before.ended, turn.asked) >= TTL_MILLIS) {
                live.clear();
            }
            live.push(turn.clone());
        }
        if live.last().is_some_and(|before| silence(before.ended, now) >= TTL_MILLIS) {
            live.clear();
        }
        live.drain(..live.len().saturating_sub(MOST_TURNS as usize));
        Self { turns: live, now }
    }

    /// What earlier turns left of the score.
    pub fn score(&self) -> f64 {
        let mut score = 0.0;
        let mut ended = None;
        for turn in &self.turns {
            score =
                turn.score.unwrap_or_else(|| faded(score, silence(ended.unwrap_or(turn.asked), turn.asked)));
            ended = Some(turn.ended);
        }
        ended.map_or(0.0, |ended| faded(score, silence(ended, self.now)))
    }

    /// The last turns and the request as one text, and the pieces that they hand over put together: what scanners are to look
    /// at once more, since a payload may be split. None where there is nothing to put together.
    pub fn together(&self, words: &Words) -> Option<String> {
        let first = self.turns.len().saturating_sub(READ_TOGETHER);
        let past = self.turns.get(first..).unwrap_or_default();
        let before = past.iter().map(|turn| &turn.words);
        let all: Vec<&Words> = before.filter(|words| !words.excerpt.is_empty()).chain([words]).collect();
        if all.len() < 2 {
            return None;
        }
        let texts: Vec<&str> = all.iter().map(|words| words.excerpt.as_str()).collect();
        let stitched = self.stitched(words);
        Some(format!("{}\n\n{stitched}", texts.join("\n")))
    }

    /// The pieces of two turns or more, one after the other: without and with blanks between.
    fn stitched(&self, words: &Words) -> String {
        let first = self.turns.len().saturating_sub(READ_TOGETHER);
        let past = self.turns.get(first..).unwrap_or_default();
        let all = past.iter().map(|turn| &turn.words).chain([words]);
        let handed: Vec<&[String]> =
            all.map(|words| words.pieces.as_slice()).filter(|p| !p.is_empty()).collect();
        if handed.len() < 2 {
            return String::new();
        }
        let flat: Vec<&str> = handed.into_iter().flatten().map(String::as_str).collect();
        format!("{}\n{}", flat.concat(), flat.join(" "))
    }

    /// Weighs a request. `findings` are the scanners' about it, `across` those about [`Conversation::together`].
    pub fn analyse(&self, words: &Words, findings: &[Finding], across: &[Finding]) -> Analysis {
        let (tiers, tier, thread) = tiers(&self.turns, words);
        let caught = Caught::of(findings);
        let known = |rule: &Arc<str>| {
            caught.rules.contains(rule) || self.turns.iter().any(|turn| turn.caught.rules.contains(rule))
        };
        let across = Caught::of(across).rules.iter().any(|rule| !known(rule));
        let (stitched, _) = Marks::of(&folded(&self.stitched(words)));
        let view =
            View { past: &self.turns, tiers: &tiers, words, tier, thread, caught: &caught, across, stitched };
        let mut left = if self.turns.is_empty() { MOST_AT_FIRST } else { MOST_AT_ONCE };
        let mut reasons = Vec::new();
        for (rule, points) in RULES {
            let Some((points, why)) = points(&view) else { continue };
            let points = points.min(left);
            if points > 0.0 {
                left -= points;
                reasons.push(Weight { rule: Arc::from(rule), points, why: why.to_owned() });
            }
        }
        let added: f64 = reasons.iter().map(|reason| reason.points).sum();
        let score = (self.score() + added).min(HIGHEST);
        let verdict = match () {
            () if score >= BLOCK => Concern::Block,
            () if score >= WARN => Concern::Warn,
            () => Concern::Pass,
        };
        Analysis { score, verdict, reasons }
    }
}

/// Whole minutes of silence until a score is below a bound.
pub fn minutes_until_below(score: f64, bound: f64) -> u32 {
    (0..).find(|minutes| score - FADE_PER_MINUTE * f64::from(*minutes) < bound).unwrap_or_default()
}

/// A score after so long a silence.
fn faded(score: f64, millis: i64) -> f64 {
    let minutes = u32::try_from(millis / MINUTE_MILLIS).unwrap_or(if millis < 0 { 0 } else { u32::MAX });
    (score - FADE_PER_MINUTE * f64::from(minutes)).max(0.0)
}

/// A clock that was set back makes no silence.
fn silence(ended: i64, asked: i64) -> i64 {
    asked.saturating_sub(ended).max(0)
}
