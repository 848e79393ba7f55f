use super::*;
use crate::kernel::id::{Digest, Site};
use crate::kernel::label::Label;
use crate::kernel::port::{Class, Finding, Reason, Severity, Verdict};
use crate::kernel::principal::Principal;
use crate::kernel::record::{CallKind, RecordedArg};
use serde_json::json;

const CANARY: &str = "CANARY";

fn asked(words: &str) -> Entry {
    Entry::RequestScreened {
        principal: Principal::new("ann"),
        channel: "cli".into(),
        request: words.to_owned(),
        findings: vec![Finding {
            scanner: "s".into(),
            class: Class::Hidden,
            severity: Severity::Note,
            start: 0,
            end: 1,
            rule: "r".into(),
            reason: CANARY.to_owned(),
        }],
    }
}

fn planned(text: &str) -> Entry {
    let digest = Digest::of(b"x");
    Entry::PlanChecked {
        text: text.to_owned(),
        digest,
        catalogue: digest,
        policy: digest,
        findings: Vec::new(),
    }
}

fn args() -> Vec<RecordedArg> {
    let label = Label::trusted();
    vec![RecordedArg {
        name: "path".into(),
        value: json!(CANARY),
        label,
        through: Vec::new(),
        findings: Vec::new(),
    }]
}

fn started(call: u32, name: &str) -> Entry {
    Entry::CallStarted {
        call: CallNo(call),
        site: Site(call),
        kind: CallKind::Tool,
        name: name.into(),
        digest: Digest::of(b"x"),
        args: args(),
        pc: Label::trusted(),
        verdict: Verdict::Allow(Vec::new()),
    }
}

fn returned(call: u32) -> Entry {
    Entry::CallReturned {
        call: CallNo(call),
        digest: Digest::of(b"x"),
        value: json!({"text": CANARY}),
        label: Label::trusted(),
        findings: Vec::new(),
        file: None,
        spans: Vec::new(),
    }
}

fn failed(call: u32) -> Entry {
    Entry::CallFailed {
        call: CallNo(call),
        digest: Digest::of(b"x"),
        message: CANARY.to_owned(),
        findings: Vec::new(),
    }
}

fn refused(call: u32, name: &str) -> Entry {
    Entry::CallRefused {
        call: CallNo(call),
        site: Site(call),
        line: 1,
        name: name.into(),
        digest: Digest::of(b"x"),
        args: args(),
        pc: Label::trusted(),
        reasons: vec![Reason { policy: "person".to_owned(), text: CANARY.to_owned() }],
    }
}

#[test]
fn a_turn_holds_words_plan_tools_and_states_and_nothing_that_a_document_wrote() {
    let entries = [
        asked("Read the mail."),
        planned("first()"),
        planned("second()"),
        started(1, "file_read"),
        returned(1),
        started(2, "ask"),
        failed(2),
        refused(3, "file_write"),
        started(4, "mkdir"),
        Entry::Ended(RunEnd::Failed { message: CANARY.to_owned() }),
    ];
    let turn = Turn::from_entries(&entries).unwrap();
    assert_eq!(turn.request, "Read the mail.");
    assert_eq!(turn.plan_outline, "second()");
    let steps = [
        ("file_read".into(), StepState::Done),
        ("ask".into(), StepState::Failed),
        ("file_write".into(), StepState::Refused),
        ("mkdir".into(), StepState::Started),
    ];
    assert_eq!(turn.steps, steps);
    assert_eq!(turn.end, TurnEnd::Failed);
    let shown = History { turns: vec![turn] }.show();
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(
        shown.contains("file_read done, ask failed, file_write refused, mkdir may have happened"),
        "{shown}"
    );
}

#[test]
fn a_blocked_request_is_no_turn() {
    let entry = Entry::RequestBlocked {
        principal: Principal::new("ann"),
        channel: "cli".into(),
        findings: Vec::new(),
    };
    assert_eq!(Turn::from_entries(&[entry]), None);
}

#[test]
fn the_newest_turns_are_kept_and_a_long_one_is_cut() {
    let turn = |n: usize| Turn {
        request: format!("request {n} {}", "x".repeat(5_000)),
        plan_outline: String::new(),
        steps: vec![("file_read".into(), StepState::Done); MAX_STEPS + 3],
        end: TurnEnd::Done,
    };
    let shown = History { turns: (0..10).map(turn).collect() }.show();
    assert!(shown.chars().count() <= MAX_CHARS + 10, "{}", shown.chars().count());
    assert!(shown.contains("request 9") && !shown.contains("request 0"), "{shown}");
    assert!(shown.find("request 8") < shown.find("request 9"));
    assert!(shown.contains("and 3 more"), "{shown}");
}
