use super::*;
use crate::kernel::catalogue::{Catalogue, Effect, Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Integrity, Label, Readers, Source};
use crate::kernel::port::{ApprovalMode, ArgFacts, CallFacts, PlanFacts, Policy, Verdict};
use crate::kernel::principal::Principal;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

fn param(name: &str, ty: Type, critical: bool, role: Role) -> Param {
    Param { name: name.into(), ty, required: true, doc: "".into(), critical, role }
}

fn tool(name: &str, effect: Effect, params: Vec<Param>) -> Tool {
    Tool {
        name: name.into(),
        doc: "".into(),
        params,
        returns: Type::Str,
        effect,
        effect_with: vec![],
        output: Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public: false },
        fields: vec![],
        origin: Origin::Tool,
        idempotent: false,
    }
}

/// The file tools as the decision tables expect them.
fn office() -> Catalogue {
    let path = |critical| param("path", Type::Str, critical, Role::Path);
    Catalogue::new([
        tool("today", Effect::Read, vec![]),
        tool("file_read", Effect::Read, vec![path(false)]),
        tool("list_dir", Effect::Read, vec![path(false)]),
        tool("mkdir", Effect::Write, vec![path(true)]),
        tool("file_write", Effect::Write, vec![path(true), param("content", Type::Str, false, Role::Data)]),
    ])
}

fn shipped() -> Engine {
    load(Path::new("policies"), &office()).unwrap_or_else(|e| panic!("{e}"))
}

fn arg(name: &str, label: Label, value: Option<Json>) -> ArgFacts {
    ArgFacts {
        name: name.into(),
        label,
        value,
        critical: name == "path",
        role: if name == "path" { Role::Path } else { Role::Data },
    }
}

fn judge(engine: &Engine, name: &str, args: &[ArgFacts]) -> Verdict {
    let tool = engine.catalogue().get(name).unwrap().clone();
    let (principal, pc) = (Principal::new("ann"), Label::trusted());
    let facts = CallFacts {
        principal: &principal,
        channel: "cli",
        trust_level: 0,
        tool: &tool,
        effect: tool.effect,
        args,
        pc: &pc,
    };
    engine.judge_call(&facts).unwrap()
}

fn ids(verdict: &Verdict) -> (&'static str, Vec<&str>) {
    let (name, reasons) = match verdict {
        Verdict::Allow(r) => ("allow", r),
        Verdict::Ask(r) => ("ask", r),
        Verdict::Deny(r) => ("deny", r),
    };
    (name, reasons.iter().map(|r| r.policy.as_str()).collect())
}

fn stranger() -> Label {
    Label::untrusted_from(Source::File("inbox/a.txt".into()), Capacity::Text)
}

#[test]
fn three_outcomes() {
    let engine = shipped();
    let write = |path: &str| {
        judge(
            &engine,
            "file_write",
            &[arg("path", Label::trusted(), Some(json!(path))), arg("content", stranger(), Some(json!("x")))],
        )
    };
    assert_eq!(ids(&write("reports/summary.md")), ("allow", vec!["write-allowed"]));
    assert_eq!(ids(&write("outbox/pay.csv")), ("ask", vec!["outbox-untrusted"]));
    assert_eq!(ids(&write("../etc/passwd")), ("deny", vec!["path-leaves-workspace"]));
}
