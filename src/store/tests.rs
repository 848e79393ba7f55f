//! What the tests of this folder share, and the tests of opening.

use super::*;
use crate::kernel::id::{CallNo, Digest, Site};
use crate::kernel::label::{Capacity, Label, Readers, Source};
use crate::kernel::port::{Class, Finding, Severity, Verdict};
use crate::kernel::principal::Principal;
use crate::kernel::record::{CallKind, QuestionEnd, RecordedArg, RunEnd};
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicI64, Ordering};

mod crash;
mod group;
mod open;

/// A store in a directory of its own, with a clock that ticks once per look.
pub(super) struct Fixture {
    pub store: Store,
    pub dir: tempfile::TempDir,
}

pub(super) fn clock() -> Clock {
    let ticks = AtomicI64::new(1_000);
    Arc::new(move || ticks.fetch_add(1, Ordering::Relaxed))
}

pub(super) fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    Fixture { store: Store::open(dir.path(), clock()).unwrap(), dir }
}

impl Fixture {
    /// Closes and opens again, as a restart does.
    pub(super) fn reopened(self) -> Self {
        let Self { store, dir } = self;
        drop(store);
        Self { store: Store::open(dir.path(), clock()).unwrap(), dir }
    }

    /// A writing connection past the store, as a tamperer has one.
    pub(super) fn tamper(&self, sql: &str) {
        let db = Connection::open(self.dir.path().join(FILE_NAME)).unwrap();
        db.execute_batch(
            "DROP TRIGGER record_is_append_only; DROP TRIGGER record_is_kept; PRAGMA foreign_keys = OFF;",
        )
        .unwrap();
        db.execute_batch(sql).unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "tests look at the store's own files")]
pub(super) fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "tests put something else in the store's place")]
pub(super) fn put(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

pub(super) fn run(name: &str) -> RunId {
    RunId::new(name)
}

pub(super) fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

pub(super) fn ann() -> Principal {
    Principal::new("ann")
}

pub(super) fn planned() -> Label {
    Label::trusted_from(Source::Planner)
}

pub(super) fn from_file(path: &str) -> Label {
    Label::untrusted_from(Source::File(path.into()), Capacity::Text)
}

pub(super) fn screened(request: &str) -> Entry {
    Entry::RequestScreened {
        principal: ann(),
        channel: "cli".into(),
        request: request.to_owned(),
        findings: Vec::new(),
    }
}

pub(super) fn checked(text: &str) -> Entry {
    let (catalogue, policy) = (digest("catalogue"), digest("policy"));
    Entry::PlanChecked {
        text: text.to_owned(),
        digest: digest(text),
        catalogue,
        policy,
        findings: Vec::new(),
    }
}

pub(super) fn approved(plan: &str) -> Entry {
    Entry::PlanApproved { digest: digest(plan), policy: digest("policy"), by: None, reasons: Vec::new() }
}

pub(super) fn started(call: u32, name: &str, args: &[(&str, Json, Label)]) -> Entry {
    let args = args.iter().map(|(name, value, label)| RecordedArg {
        name: (*name).into(),
        value: value.clone(),
        label: label.clone(),
        through: Vec::new(),
        findings: Vec::new(),
    });
    Entry::CallStarted {
        call: CallNo(call),
        site: Site(call),
        kind: CallKind::Tool,
        name: name.into(),
        digest: digest(&format!("call {call}")),
        args: args.collect(),
        pc: Label::trusted(),
        verdict: Verdict::Allow(Vec::new()),
    }
}

pub(super) fn returned(call: u32, value: Json, label: Label) -> Entry {
    Entry::CallReturned {
        call: CallNo(call),
        digest: digest(&format!("call {call}")),
        value,
        label,
        findings: vec![Finding {
            scanner: "unicode".into(),
            class: Class::Hidden,
            severity: Severity::Note,
            start: 1,
            end: 2,
            rule: "bidi".into(),
            reason: "turns text around".to_owned(),
        }],
        file: None,
        spans: Vec::new(),
    }
}

pub(super) fn failed(call: u32, message: &str) -> Entry {
    let digest = digest(&format!("call {call}"));
    Entry::CallFailed { call: CallNo(call), digest, message: message.to_owned(), findings: Vec::new() }
}

/// The end of a question about a call, at which ann put a value of her own in the place of `x`.
pub(super) fn edited(question: &str, value: Json) -> Entry {
    let label = Label::trusted_from(Source::User);
    Entry::Answered {
        question: digest(question),
        end: QuestionEnd::Superseded,
        by: Some(ann()),
        reason: Some("mine".to_owned()),
        edits: vec![RecordedArg {
            name: "x".into(),
            value,
            label,
            through: Vec::new(),
            findings: Vec::new(),
        }],
    }
}

/// A run that reads a file and writes another one, without its end.
pub(super) fn small_run() -> Vec<Entry> {
    vec![
        screened("copy it"),
        checked("file_write(path='b', content=file_read(path='a'))"),
        approved("file_write(path='b', content=file_read(path='a'))"),
        started(1, "file_read", &[("path", json!("a"), planned())]),
        returned(
            1,
            json!("some text"),
            from_file("a").join(&Label::trusted_from(Source::Tool("file_read".into()))),
        ),
        started(
            2,
            "file_write",
            &[("path", json!("b"), planned()), ("content", json!("some text"), from_file("a"))],
        ),
        returned(2, json!({"written": 9}), Label::trusted_from(Source::Tool("file_write".into()))),
    ]
}

pub(super) fn ended() -> Entry {
    Entry::Ended(RunEnd::Done)
}

pub(super) fn only_ann() -> Readers {
    Readers::only(ann())
}
