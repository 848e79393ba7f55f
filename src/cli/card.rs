//! The approval card: exactly what will happen, where it comes from, and which rule asks.

use super::graph;
use super::screen::{Screen, Tone, safe, snippet};
use crate::kernel::gate::question::{Question, Shown};
use crate::kernel::port::Assessment;
use crate::kernel::record::RecordedArg;
use serde_json::Value as Json;

/// The card as text.
pub fn render(id: &str, question: &Question, screen: &Screen) -> String {
    let mut lines = vec![String::new()];
    match &question.shown {
        Shown::Plan { request, plan, graph, assessment } => {
            lines.push(screen.tone(Tone::Warn, &format!("── Question {id}: may this plan run? ──")));
            lines.push(format!("You asked: {}", snippet(request, 300)));
            lines.extend(numbered(plan));
            lines.push(graph::render(graph, screen));
            lines.push(graph::summary(graph));
            if let Some(Assessment { risk, reason }) = assessment {
                let words = snippet(reason, 300);
                lines.push(
                    screen.tone(Tone::Warn, &format!("A model's words: a risk of {risk} in 100: {words}")),
                );
            }
        }
        Shown::Call { call, site, line, tool, effect, args, pc } => {
            lines.push(screen.tone(Tone::Warn, &format!("── Question {id}: may this happen? ──")));
            lines.push(format!("{call} ({site}, line {line} of the plan): {tool}, which can {effect}"));
            lines.extend(args.iter().flat_map(|arg| argument(arg, screen)));
            if !pc.is_trusted() {
                lines.push(format!("  the plan came here by way of something {pc}"));
            }
        }
        Shown::Confirm { question: text, label, .. } => {
            lines.push(screen.tone(Tone::Warn, &format!("── Question {id}: the plan asks you ──")));
            lines.extend(safe(text).lines().map(|l| format!("    │ {l}")));
            if !label.is_trusted() {
                lines.push(format!("  (this text is {label})"));
            }
        }
        Shown::Reply { text, label, findings } => {
            lines.push(screen.tone(Tone::Warn, &format!("── Question {id}: may this reply leave? ──")));
            lines.extend(safe(text).lines().map(|l| format!("    │ {l}")));
            lines.push(format!("  (this text is {label})"));
            lines.extend(findings.iter().map(|f| format!("  found in it: {} ({})", f.reason, f.rule)));
        }
    }
    if !question.reasons.is_empty() {
        lines.push("Asked because:".to_owned());
        lines.extend(question.reasons.iter().map(|r| format!("  {}: {}", r.policy, safe(&r.text))));
    }
    lines.push(screen.tone(Tone::Faint, &format!("bound to {}", question.digest.short())));
    lines.join("\n")
}

fn argument(arg: &RecordedArg, screen: &Screen) -> Vec<String> {
    let text = match &arg.value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let tone = if arg.label.is_trusted() { Tone::Plain } else { Tone::Warn };
    let mut lines = vec![screen.tone(tone, &format!("  {} = ({})", arg.name, arg.label))];
    // All of it: what is not shown is not approved.
    lines.extend(safe(&text).lines().map(|l| format!("    │ {l}")));
    lines
}

fn numbered(plan: &str) -> Vec<String> {
    plan.lines().enumerate().map(|(i, line)| format!("  {:>3} │ {}", i + 1, safe(line))).collect()
}
