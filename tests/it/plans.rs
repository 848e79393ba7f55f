//! The corpus: every plan of `tests/plans` does what its sidecar says, and pre-flight foretold it.

use sentinel::eval::case::{self, ExpectedRun};
use sentinel::eval::rehearse::{Otherwise, Rehearsal, rehearse};
use sentinel::eval::{Case, Judged};
use sentinel::flow::Outcome;
use sentinel::kernel::plan::FlowGraph;
use sentinel::kernel::plan::graph::Prediction;
use sentinel::kernel::record::Entry;
use sentinel::policy::{self, Engine};
use sentinel::tool::simulated::Unscripted;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

fn here(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

fn engine() -> Engine {
    let tools = sentinel::kernel::catalogue::Catalogue::new(sentinel::tool::builtin::tools());
    policy::load(&here("policies"), &tools).unwrap()
}

fn run(case: &Case, engine: &Engine) -> Rehearsal {
    let policy = engine.over(&case.catalogue).unwrap();
    rehearse(case, &policy, &case.honest(), Otherwise::Silence, Unscripted::Fails).unwrap()
}

fn ours() -> Vec<Case> {
    let all = case::load(&here("tests/plans")).unwrap();
    all.into_iter().filter(|c| !c.name.starts_with("agentdojo")).collect()
}

#[test]
fn every_plan_does_what_its_sidecar_says() {
    let engine = engine();
    let cases = ours();
    assert!(cases.len() >= 80, "{} plans", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let seen = run(case, &engine);
        for complaint in complaints(case, &seen) {
            wrong.push(format!("{}: {complaint}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} complaints\n{}", wrong.len(), wrong.join("\n"));
}

fn complaints(case: &Case, seen: &Rehearsal) -> Vec<String> {
    let mut out = Vec::new();
    match (case.sidecar.check.as_deref(), &seen.preflight) {
        (Some("ok"), Err(errors)) => out.push(format!("does not check:\n{errors}")),
        (Some("error"), Ok(_)) => out.push("checks, and should not".to_owned()),
        _ => {}
    }
    if let Err(errors) = &seen.preflight {
        for expected in &case.sidecar.errors {
            let found = errors.located().any(|((line, column), e)| {
                (expected.at.is_empty() || format!("{line}:{column}") == expected.at)
                    && e.to_string().contains(&expected.says)
            });
            if !found {
                out.push(format!(
                    "no fault at {} that says {:?}; found\n{errors}",
                    expected.at, expected.says
                ));
            }
        }
    }
    if let Ok(graph) = &seen.preflight {
        for (site, expected) in &case.sidecar.predicted {
            let node = graph.calls.iter().find(|c| c.site.0.to_string() == *site);
            let got = node.map(|c| prediction(c.prediction));
            if got != Some(expected.as_str()) {
                let why = node.map(|c| format!("{:?}", c.reasons)).unwrap_or_default();
                out.push(format!("step {site}: predicted {got:?}, expected {expected} {why}"));
            }
        }
    }
    if let Some(expected) = &case.sidecar.run {
        run_complaints(expected, seen, &mut out);
    }
    out.extend(surprises(seen));
    out
}

fn prediction(prediction: Prediction) -> &'static str {
    match prediction {
        Prediction::Allow => "allow",
        Prediction::Ask => "ask",
        Prediction::Never => "never",
    }
}

fn run_complaints(expected: &ExpectedRun, seen: &Rehearsal, out: &mut Vec<String>) {
    let (end, text) = match &seen.outcome {
        Ok(Outcome::Done(reply)) => ("done", reply.text().to_owned()),
        Ok(Outcome::Waiting { .. }) => ("waiting", String::new()),
        Ok(Outcome::Refused(reasons)) => ("refused", format!("{reasons:?}")),
        Ok(Outcome::HeldBack(_) | Outcome::Blocked(_)) => ("blocked", String::new()),
        Ok(Outcome::Failed(failure)) => ("failed", format!("{} {}", failure.fault, failure.detail)),
        Ok(Outcome::Faulty(errors)) => ("faulty", errors.to_string()),
        Ok(Outcome::Expired(_)) => ("expired", String::new()),
        Ok(Outcome::Stopped) => ("stopped", String::new()),
        Err(message) => ("broke", message.clone()),
    };
    if expected.end.as_deref().is_some_and(|wanted| wanted != end) {
        out.push(format!("ended {end} ({text}), expected {:?}", expected.end));
        return;
    }
    if let Some(calls) = &expected.calls {
        let fits =
            calls.len() == seen.judged.len() && calls.iter().zip(&seen.judged).all(|(c, j)| call_fits(c, j));
        if !fits {
            let got: Vec<String> = seen.judged.iter().map(shown).collect();
            out.push(format!("calls\n    {}\n  expected\n    {}", got.join("\n    "), calls.join("\n    ")));
        }
    }
    if end == "done" {
        if expected.answer.as_ref().is_some_and(|wanted| *wanted != text) {
            out.push(format!("answers {text:?}, expected {:?}", expected.answer));
        }
        for part in expected.answer_contains.iter().filter(|part| !text.contains(part.as_str())) {
            out.push(format!("answers {text:?}, expected {part:?} in it"));
        }
        let trusted = matches!(&seen.outcome, Ok(Outcome::Done(reply)) if reply.label().is_trusted());
        if expected.answer_trusted.is_some_and(|wanted| wanted != trusted) {
            out.push(format!("the answer's trust is {trusted}"));
        }
    }
    if let Some(says) = expected.error_says.as_ref().filter(|says| !text.contains(says.as_str())) {
        out.push(format!("says {text:?}, expected {says:?} in it"));
    }
    let redacted = match &seen.outcome {
        Ok(Outcome::Failed(failure)) => failure.fault.to_string(),
        _ => text,
    };
    for secret in expected.withheld.iter().filter(|s| redacted.contains(s.as_str())) {
        out.push(format!("{secret:?} stands in {redacted:?}"));
    }
}

/// `name arg=value ... verdict`; values with spaces are JSON strings.
fn call_fits(expected: &str, judged: &Judged) -> bool {
    let Some((head, verdict)) = expected.rsplit_once(' ') else { return false };
    let (name, mut rest) = head.split_once(' ').unwrap_or((head, ""));
    if name != judged.name.as_ref() || verdict != judged.verdict {
        return false;
    }
    while !rest.is_empty() {
        let Some((arg, after)) = rest.split_once('=') else { return false };
        let Some(found) = judged.args.iter().find(|a| a.name.as_ref() == arg) else { return false };
        let bare = match &found.value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let spelled = [bare, found.value.to_string()];
        let fits =
            |s: &&String| after.strip_prefix(s.as_str()).is_some_and(|r| r.is_empty() || r.starts_with(' '));
        let Some(spelled) = spelled.iter().find(fits) else { return false };
        rest = after.get(spelled.len()..).unwrap_or("").trim_start();
    }
    true
}

fn shown(judged: &Judged) -> String {
    let args: Vec<String> = judged.args.iter().map(|a| format!("{}={}", a.name, a.value)).collect();
    format!("{} {} {}", judged.name, args.join(" "), judged.verdict)
}

/// Where the run was less trusted, or asked more, than pre-flight had foretold.
fn surprises(seen: &Rehearsal) -> Vec<String> {
    let Ok(graph) = &seen.preflight else { return Vec::new() };
    let mut out = Vec::new();
    for judged in &seen.judged {
        let Some(node) = judged.site.and_then(|site| graph.at(site)) else { continue };
        for arg in &judged.args {
            let foretold = node.args.iter().find(|f| f.name == arg.name);
            if !foretold.is_some_and(|f| arg.label.is_within(&f.label)) {
                let foretold = foretold.map(|f| f.label.to_string()).unwrap_or_default();
                out.push(format!("{}: `{}` is {}, foretold {foretold}", node.site, arg.name, arg.label));
            }
        }
        if !judged.pc.is_within(&node.pc.label) {
            out.push(format!("{}: reached by {}, foretold {}", node.site, judged.pc, node.pc.label));
        }
        // A path that only the run knows may be judged more strictly than one that nobody knows yet.
        let late = node.args.iter().any(|a| a.value.is_none() && a.name.as_ref() == "path");
        if judged.verdict != "allow" && node.prediction == Prediction::Allow && !late {
            out.push(format!("{}: {} though foretold to be allowed", node.site, judged.verdict));
        }
    }
    outputs(seen, graph, &mut out);
    if let (Ok(Outcome::Done(reply)), Some(foretold)) = (&seen.outcome, &graph.reply)
        && !reply.label().is_within(&foretold.label)
    {
        out.push(format!("the reply is {}, foretold {}", reply.label(), foretold.label));
    }
    out
}

/// Where a call gave something less trusted than foretold.
fn outputs(seen: &Rehearsal, graph: &FlowGraph, out: &mut Vec<String>) {
    for entry in &seen.entries {
        let Entry::CallReturned { call, label, .. } = entry else { continue };
        let site = seen.entries.iter().find_map(|e| match e {
            Entry::CallStarted { call: started, site, .. } if started == call => Some(*site),
            _ => None,
        });
        let Some(node) = site.and_then(|site| graph.at(site)) else {
            out.push(format!("{call} gave something and never started"));
            continue;
        };
        if !label.is_within(&node.output) {
            out.push(format!("{}: gave {label}, foretold {}", node.site, node.output));
        }
    }
}

/// What pre-flight must say of one of AgentDojo's plans.
#[derive(serde::Deserialize)]
struct Foretold {
    predicted: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    why: std::collections::BTreeMap<String, String>,
}

#[test]
fn agentdojos_plans_check_and_each_question_is_explained() {
    let engine = engine();
    let all = case::load(&here("tests/plans")).unwrap();
    let theirs: Vec<&Case> = all.iter().filter(|c| c.name.starts_with("agentdojo")).collect();
    assert_eq!(theirs.len(), 56);
    let mut wrong = Vec::new();
    let (mut calls, mut questions) = (0, 0);
    for case in theirs {
        let (suite, task) = case.name.rsplit_once('/').unwrap();
        let file = here("tests/plans").join(suite).join("predicted.toml");
        let text = sentinel::egress::file::read_text(&file, 1 << 20).unwrap();
        let mut tables: std::collections::BTreeMap<String, Foretold> = toml::from_str(&text).unwrap();
        let expected = tables.remove(task).unwrap();
        let seen = run(case, &engine);
        let graph = match &seen.preflight {
            Ok(graph) => graph,
            Err(errors) => {
                wrong.push(format!("{}: does not check:\n{errors}", case.name));
                continue;
            }
        };
        assert_eq!(graph.calls.len(), expected.predicted.len(), "{}", case.name);
        for node in &graph.calls {
            calls += 1;
            let site = node.site.0.to_string();
            let (got, wanted) =
                (prediction(node.prediction), expected.predicted.get(&site).map(String::as_str));
            if wanted != Some(got) {
                wrong.push(format!(
                    "{} step {site}: {got}, expected {wanted:?} {:?}",
                    case.name, node.reasons
                ));
            }
            if node.prediction != Prediction::Allow {
                questions += 1;
                assert!(
                    !node.reasons.is_empty() && expected.why.contains_key(&site),
                    "{} step {site}",
                    case.name
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{} complaints\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((calls, questions), (162, 32), "call sites, and those that ask");
}

#[test]
fn an_attacker_who_answers_everything_reaches_nothing_in_the_corpus() {
    let report = sentinel::eval::adversary::run(&here("tests/plans"), &engine()).unwrap();
    assert_eq!(report.effects_outside_plan, 0, "{:#?}", report.failures);
    assert_eq!(report.captured_without_approval, 0, "{:#?}", report.failures);
    assert!(report.failures.is_empty(), "{:#?}", report.failures);
    assert!(report.plans >= 150 && report.effects > 1_000 && report.tasks_asked > 20, "{report:?}");
    println!("{report:?}");
}

#[test]
fn nothing_arrives_from_an_attacker_that_was_not_foretold() {
    let engine = engine();
    let adversary = sentinel::worker::Adversary::strategies().remove(0);
    let (mut wrong, mut calls) = (Vec::new(), 0);
    for case in case::load(&here("tests/plans")).unwrap() {
        let policy = engine.over(&case.catalogue).unwrap();
        for otherwise in [Otherwise::Deny, Otherwise::Approve] {
            let seen = rehearse(&case, &policy, &adversary, otherwise, Unscripted::MadeUp).unwrap();
            calls += seen.judged.len();
            wrong.extend(surprises(&seen).into_iter().map(|s| format!("{}: {s}", case.name)));
        }
    }
    assert!(calls > 1_000, "{calls} calls were compared");
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} surprises\n{}", wrong.len(), wrong.join("\n"));
}
