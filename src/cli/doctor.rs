//! `sentinel doctor`: what was tried of each control and what happened, for people and for programs.

use super::Exit;
use super::screen::{Screen, Tone, safe};
use crate::doctor::Control;
use clap::Args;

#[cfg(test)]
mod tests;

/// How wide a line of text is, in characters.
const WIDTH: usize = 110;

/// What `sentinel doctor` takes.
#[derive(Debug, Clone, Copy, Args)]
#[command(after_help = "Examples:
  sentinel doctor
  sentinel doctor --json | jq '.controls[] | select(.required and (.active | not))'
  sentinel doctor --live        asks the planner and the worker once each; the planner may cost a cent or two")]
pub struct DoctorArgs {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Ask the real planner and the real worker too
    #[arg(long)]
    pub live: bool,
}

/// Prints what was found. A required control that is not active is a finding.
pub fn report(args: DoctorArgs, controls: &[Control]) -> Exit {
    let screen = Screen::stdout();
    if args.json {
        screen.line(&serde_json::json!({ "controls": controls }).to_string());
    } else {
        text(controls, &screen).iter().for_each(|line| screen.line(line));
    }
    exit(controls)
}

fn exit(controls: &[Control]) -> Exit {
    if controls.iter().any(Control::fails) { Exit::Refusal } else { Exit::Done }
}

/// One control a paragraph: state, name, evidence, and below it what to do.
fn text(controls: &[Control], screen: &Screen) -> Vec<String> {
    let names = controls.iter().map(|control| control.name.len()).max().unwrap_or(0);
    let indent = " ".repeat("FAIL".len() + 2 + names + 2);
    let mut lines = Vec::new();
    for control in controls {
        let (tone, state) = match (control.active, control.fails()) {
            (true, _) => (Tone::Good, "ok  "),
            (false, true) => (Tone::Bad, "FAIL"),
            (false, false) => (Tone::Faint, "–   "),
        };
        let mut evidence = wrapped(&safe(&control.evidence), WIDTH.saturating_sub(indent.len())).into_iter();
        let first = evidence.next().unwrap_or_default();
        lines.push(format!("{}  {:names$}  {first}", screen.tone(tone, state), control.name));
        lines.extend(evidence.map(|line| format!("{indent}{line}")));
        if let Some(remedy) = control.remedy.as_ref().filter(|_| control.fails()) {
            let remedy = wrapped(&format!("→ {}", safe(remedy)), WIDTH.saturating_sub(indent.len()));
            lines.extend(remedy.iter().map(|line| format!("{indent}{}", screen.tone(Tone::Strong, line))));
        }
    }
    let failed = controls.iter().filter(|control| control.fails()).count();
    let active = controls.iter().filter(|control| control.active).count();
    lines.push(match failed {
        0 => format!("{active} controls are active, and all that are required"),
        1 => format!("{active} controls are active; 1 that is required is not"),
        n => format!("{active} controls are active; {n} that are required are not"),
    });
    lines
}

/// Lines of at most `width` characters, broken between words; a longer word stays whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
