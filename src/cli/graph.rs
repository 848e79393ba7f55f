//! The flow graph as text.

use super::screen::{Screen, Tone, snippet};
use crate::kernel::id::Site;
use crate::kernel::plan::FlowGraph;
use crate::kernel::plan::graph::{CallNode, Flow, Prediction};
use crate::kernel::record::CallKind;

/// Every call with what flows in and what policy will say, a few lines each.
pub fn render(graph: &FlowGraph, screen: &Screen) -> String {
    let mut lines: Vec<String> = graph.calls.iter().flat_map(|call| call_lines(call, screen)).collect();
    lines.push(match &graph.reply {
        Some(reply) => format!("reply    {}", origin(reply)),
        None => "reply    (the plan says nothing)".to_owned(),
    });
    lines.join("\n")
}

/// One line that says what to expect.
pub fn summary(graph: &FlowGraph) -> String {
    let count = |wanted| graph.calls.iter().filter(|c| c.prediction == wanted).count();
    let (ask, never) = (count(Prediction::Ask), count(Prediction::Never));
    let calls = graph.calls.len();
    match (ask, never) {
        (0, 0) => format!("{calls} call sites, all allowed"),
        (_, 0) => format!("{calls} call sites; {ask} will ask a person"),
        _ => format!("{calls} call sites; {ask} will ask a person, {never} can never pass"),
    }
}

fn call_lines(call: &CallNode, screen: &Screen) -> Vec<String> {
    let (word, tone) = match call.prediction {
        Prediction::Allow => ("allow", Tone::Good),
        Prediction::Ask => ("ASK", Tone::Warn),
        Prediction::Never => ("NEVER", Tone::Bad),
    };
    let what = match call.kind {
        CallKind::Tool => format!("{} ({})", call.name, call.effect),
        CallKind::Ask => "ask (quarantined worker)".to_owned(),
        CallKind::Confirm => "confirm (the user)".to_owned(),
    };
    let head = format!("{:<8} line {:<4} {what:<34} ", call.site.to_string(), call.line);
    let mut lines = vec![head + &screen.tone(tone, word)];
    for arg in call.args.iter().filter(|a| a.name.as_ref() != "type") {
        let mark = if arg.critical { " (critical)" } else { "" };
        lines.push(format!("           {}{mark}: {}", arg.name, origin(arg)));
    }
    if !call.pc.label.is_trusted() {
        lines.push(format!("           reached by way of {}", origin(&call.pc)));
    }
    if call.prediction != Prediction::Allow {
        lines.extend(call.reasons.iter().map(|r| format!("           because {}: {}", r.policy, r.text)));
    }
    lines
}

fn origin(flow: &Flow) -> String {
    if let Some(value) = &flow.value {
        return snippet(&value.to_string(), 70);
    }
    let steps: Vec<String> = flow.from.iter().map(|Site(n)| n.to_string()).collect();
    let from = match steps.as_slice() {
        [] => String::new(),
        [one] => format!("step {one}, "),
        many => format!("steps {}, ", many.join(" ")),
    };
    format!("{from}{}", snippet(&flow.label.to_string(), 90))
}
