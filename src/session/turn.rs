//! One request of a conversation and what became of it, as the rules see it.

use super::fragment::pieces;
use super::mark::{Marks, folded};
use super::sketch::Sketch;
use super::tongue::{self, Tongue};
use crate::kernel::analysis::{Analysis, Concern, Gist};
use crate::kernel::finding::{Class, Finding, Severity};
use crate::kernel::port::PLANNER_REFUSES;
use crate::kernel::record::{Entry, RunEnd};
use std::collections::BTreeSet;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Most characters of a request that are kept to be read with later ones: half from its beginning, half from its end.
const EXCERPT: usize = 1_000;
/// The rule of the injection scanner's findings that come from its model and no rule.
const GUESS: &str = "model";

/// What the words of one request say about themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    pub(super) marks: Marks,
    /// Different stems of subjects and of getting around things.
    pub(super) weight: u32,
    pub(super) tongue: Option<Tongue>,
    /// Lines that pretend to be a dialogue which never was.
    pub(super) faked: u32,
    pub(super) sketch: Sketch,
    pub(super) excerpt: String,
    pub(super) pieces: Vec<String>,
}

impl Words {
    /// Reads a request's text: linear in it.
    pub fn of(text: &str) -> Self {
        let folded = folded(text);
        let (marks, weight) = Marks::of(&folded);
        Self {
            marks,
            weight,
            tongue: tongue::of(&folded),
            faked: faked(text),
            sketch: Sketch::of(&folded),
            excerpt: excerpt(text),
            pieces: pieces(text),
        }
    }

    /// What a record may have of words that were not let in.
    pub fn gist(&self) -> Gist {
        Gist { marks: self.marks.names(), sketch: self.sketch.to_text() }
    }

    fn of_gist(gist: &Gist) -> Self {
        Self { marks: Marks::named(&gist.marks), sketch: Sketch::from_text(&gist.sketch), ..Self::of("") }
    }
}

/// What scanners found in a request that could matter later.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Caught {
    /// Words that steer a model, or hide.
    pub(super) steers: Option<Severity>,
    /// The injection model alone took it for an attack, which it does with some short honest requests.
    pub(super) guessed: bool,
    /// Commands, paths and addresses that carry data away.
    pub(super) reaches: Option<Severity>,
    /// Which rules say more than a note.
    pub(super) rules: BTreeSet<Arc<str>>,
}

impl Caught {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut caught = Self::default();
        for finding in findings {
            if &*finding.rule == GUESS {
                caught.guessed |= finding.severity >= Severity::Medium;
                continue;
            }
            let gravest = match finding.class {
                Class::Injection | Class::Hidden => &mut caught.steers,
                // A scanner that failed did not say that there is nothing.
                Class::Command | Class::Path | Class::Exfiltration | Class::Failed => &mut caught.reaches,
                Class::Credential | Class::Personal | Class::InsecureCode | Class::Echo | Class::Toxicity => {
                    continue;
                }
            };
            *gravest = (*gravest).max(Some(finding.severity));
            if finding.severity >= Severity::Medium {
                caught.rules.insert(finding.rule.clone());
            }
        }
        caught
    }

    /// The gravest of what was found.
    pub(super) fn gravest(&self) -> Option<Severity> {
        self.steers.max(self.reaches)
    }

    /// Whether something likely was found.
    pub(super) fn likely(&self) -> bool {
        self.gravest() >= Some(Severity::Medium)
    }
}

/// A request and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// When it was asked, and when the last thing about it was recorded: Unix milliseconds.
    pub(super) asked: i64,
    pub(super) ended: i64,
    pub(super) words: Words,
    pub(super) caught: Caught,
    /// A gate stopped it, or something of it, because of what it was, or the planner refused it; a person's no and silence
    /// do not count.
    pub(super) stopped: bool,
    /// No gate did, only the planner, which refuses some honest requests.
    pub(super) by_planner: bool,
    /// The score with it, where there is a record of one.
    pub(super) score: Option<f64>,
}

impl Turn {
    /// A task's records, each with its time, as a turn; none when it came to nothing before its request was looked at.
    pub fn from_entries<'e>(asked: i64, entries: impl IntoIterator<Item = (i64, &'e Entry)>) -> Option<Self> {
        let (mut words, mut caught, mut stopped, mut score) = (None, Caught::default(), false, None);
        let mut refused = false;
        let mut ended = asked;
        for (at, entry) in entries {
            ended = ended.max(at);
            match entry {
                Entry::RequestScreened { request, findings, .. } => {
                    words = Some(Words::of(request));
                    caught = Caught::of(findings);
                }
                Entry::RequestBlocked { findings, .. } => {
                    words = words.or_else(|| Some(Words::of("")));
                    caught = Caught::of(findings);
                    stopped = true;
                }
                Entry::Sketched { gist } => words = Some(Words::of_gist(gist)),
                Entry::Weighed { analysis } => {
                    score = Some(analysis.score);
                    stopped |= blocks_by_itself(analysis);
                }
                Entry::PlanRefused { reasons, .. } | Entry::CallRefused { reasons, .. } => {
                    stopped |= reasons.iter().any(|r| !matches!(r.policy.as_str(), "person" | "expired"));
                }
                Entry::HeldBack { .. } => stopped = true,
                Entry::Ended(RunEnd::Refused { reasons }) => {
                    refused |= reasons.iter().any(|r| r.policy == PLANNER_REFUSES);
                }
                Entry::Ended(RunEnd::Done | RunEnd::Failed { .. } | RunEnd::Stopped) => {}
                _ => {}
            }
        }
        let by_planner = refused && !stopped;
        stopped |= refused;
        words.map(|words| Self { asked, ended, words, caught, stopped, by_planner, score })
    }
}

/// INVARIANT: a request that was refused only because of what earlier ones left is held against nobody.
fn blocks_by_itself(analysis: &Analysis) -> bool {
    analysis.verdict == Concern::Block && !analysis.reasons.is_empty()
}

fn excerpt(text: &str) -> String {
    let count = text.chars().count();
    if count <= EXCERPT {
        return text.to_owned();
    }
    let half = EXCERPT / 2;
    let beginning = text.chars().take(half);
    beginning.chain("\n".chars()).chain(text.chars().skip(count - half)).collect()
}

/// Lines in which the model is made to have spoken, and questions that come with their answers.
fn faked(text: &str) -> u32 {
    const SPEAKERS: [&str; 12] = [
        "assistant:",
        "ai:",
        "bot:",
        "model:",
        "gpt:",
        "claude:",
        "assistent:",
        "asistente:",
        "ассистент:",
        "助手：",
        "助手:",
        "アシスタント:",
    ];
    let speaks = |line: &&str| {
        let line: String = line.trim_start_matches(['#', '*', '>', '[', ' ']).chars().take(16).collect();
        let line = line.to_lowercase();
        SPEAKERS.iter().any(|speaker| line.starts_with(speaker))
    };
    let lines = text.lines().filter(speaks).count();
    let answered = text.matches("Q: ").count().min(text.matches("A: ").count());
    u32::try_from(lines + answered).unwrap_or(u32::MAX)
}
