//! Finds words that are meant to steer a model: rules, and a small linear model that judges window by window.
//!
//! The two fail in different places and so check each other: a rule counts when the model does not speak against it. Both together
//! are as good as certain, either alone likely. `injection/MODEL.md` is the model's card, with what was measured and what it
//! misses. It is a tripwire: about half of the attacks that nobody has seen before pass it, and labels must hold those.

pub mod features;
pub mod model;
mod rules;
pub mod windows;

#[cfg(test)]
mod tests;

use super::{Hit, ScanError, Scanner, Text};
use crate::kernel::port::{Border, Class, Crossing, Severity};
use features::{Features, Port};
use model::{Judged, Model};
use rules::{Match, Rules};
use std::sync::LazyLock;

/// The trained weights; `examples/train_tripwire` makes them.
pub const MODEL: &[u8] = include_bytes!("injection/model.bin");

/// The sources of the texts that the model learned from: our own, and packages by name. What is measured on one of these flatters.
pub const LEARNED_FROM: [&str; 11] = [
    "own",
    "inspect_evals",
    "Django",
    "django_allauth",
    "wagtail",
    "langchain_classic",
    "llama_index_core",
    "dspy",
    "haystack_ai",
    "semantic_kernel",
    "fschat",
];

/// Read at the first scan, in some milliseconds.
static RULES: LazyLock<Result<Rules, String>> = LazyLock::new(Rules::shipped);

/// The scores from which the model takes a unit for an attack. Chosen where the honest corpus (`tests/corpus/honest`), which the
/// model never saw, costs least for what is missed; MODEL.md has the table.
fn threshold(port: Port) -> f32 {
    match port {
        Port::User => 0.0,
        Port::Data => 0.30,
    }
}

/// The model alone is worth a suspicion from so far above the threshold: in documents it finds next to nothing that rules do not (10 of
/// 620 attacks), and was half of what honest ones were suspected for.
fn alone_margin(port: Port) -> f32 {
    match port {
        Port::User => 0.0,
        Port::Data => 0.15,
    }
}

/// A rule is certain down to so far below the threshold: two that agree need less than one alone.
fn certain_margin(port: Port) -> f32 {
    match port {
        Port::User => 0.10,
        Port::Data => 0.18,
    }
}

/// A strong rule counts down to so far below the threshold.
const RULE_MARGIN: f32 = 0.9;
/// And one whose match a document quotes, down to here: articles about attacks quote them.
const QUOTED_MARGIN: f32 = 0.3;
/// The model's score is worth a note from so far below the threshold.
const NOTE_MARGIN: f32 = 0.15;

/// The name of the model's findings.
const MODEL_RULE: &str = "model";
const MODEL_REASON: &str = "reads like words that are meant to steer a model";

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Injection;

impl Scanner for Injection {
    fn name(&self) -> &'static str {
        "injection"
    }

    fn scan(&self, text: &Text<'_>, crossing: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let rules = RULES.as_ref().map_err(|why| ScanError(why.clone()))?;
        let model = Model::read(MODEL).map_err(|e| ScanError(e.to_string()))?;
        let port = port(crossing.border);
        let mut hits: Vec<Hit> = Vec::new();
        for reading in text.readings() {
            let found = rules.matches(reading.text(), port).map_err(ScanError)?;
            let judged = model.judge(&Features::of(reading.text(), port), port);
            for mut hit in decide(found, judged, port, threshold(port)) {
                hit.span = reading.in_raw(&hit.span);
                let same = hits.iter_mut().find(|other| other.rule == hit.rule);
                match same {
                    Some(other) if other.severity < hit.severity => *other = hit,
                    Some(_) => {}
                    None => hits.push(hit),
                }
            }
        }
        Ok(hits)
    }
}

/// The rules by themselves, for measuring what they cost without the model.
#[derive(Debug, Clone, Copy)]
pub(super) struct RulesAlone;

impl Scanner for RulesAlone {
    fn name(&self) -> &'static str {
        "injection-rules"
    }

    fn scan(&self, text: &Text<'_>, crossing: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let rules = RULES.as_ref().map_err(|why| ScanError(why.clone()))?;
        let mut hits = Vec::new();
        for reading in text.readings() {
            let found = rules.matches(reading.text(), port(crossing.border)).map_err(ScanError)?;
            let hit = |found: Match| Hit {
                class: Class::Injection,
                severity: Severity::Medium,
                span: reading.in_raw(&found.span),
                rule: found.rule.into(),
                reason: found.reason.into(),
            };
            hits.extend(found.into_iter().map(hit));
        }
        Ok(hits)
    }
}

fn port(border: Border) -> Port {
    match border {
        Border::Request => Port::User,
        Border::Plan | Border::Answer | Border::ToolOutput | Border::ToolArgument | Border::Reply => {
            Port::Data
        }
    }
}

/// What rules and model say together.
fn decide(found: Vec<Match>, judged: Option<Judged>, port: Port, threshold: f32) -> Vec<Hit> {
    let Some(Judged { score, span }) = judged else { return Vec::new() };
    let mut hits = Vec::with_capacity(found.len() + 1);
    let hit = |severity, span, rule: &'static str, reason: &'static str| Hit {
        class: Class::Injection,
        severity,
        span,
        rule: rule.into(),
        reason: reason.into(),
    };
    if score > threshold - NOTE_MARGIN {
        let is_likely = score > threshold + alone_margin(port);
        let severity = if is_likely { Severity::Medium } else { Severity::Note };
        hits.push(hit(severity, span, MODEL_RULE, MODEL_REASON));
    }
    for Match { rule, reason, span, quoted } in found {
        let margin = if quoted && port == Port::Data { QUOTED_MARGIN } else { RULE_MARGIN };
        let severity = match () {
            () if score > threshold - certain_margin(port) && !quoted => Severity::High,
            () if score > threshold - margin => Severity::Medium,
            () => Severity::Note,
        };
        hits.push(hit(severity, span, rule, reason));
    }
    hits
}
