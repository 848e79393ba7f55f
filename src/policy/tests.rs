use super::*;
use crate::kernel::catalogue::{Catalogue, Effect, Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Integrity, Label, Readers, Source};
use crate::kernel::port::{ArgFacts, CallFacts, Policy, PolicyFailure, Verdict};
use crate::kernel::principal::Principal;
use serde_json::{Value as Json, json};
use std::path::Path;

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

fn try_judge(engine: &Engine, name: &str, args: &[ArgFacts]) -> Result<Verdict, PolicyFailure> {
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
    engine.judge_call(&facts)
}

fn judge(engine: &Engine, name: &str, args: &[ArgFacts]) -> Verdict {
    try_judge(engine, name, args).unwrap_or_else(|e| panic!("{e}"))
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

/// The decision tables that stand beside the shipped rules.
#[expect(clippy::disallowed_methods, reason = "tests read the repository's own tables")]
fn tables() -> Vec<(String, String)> {
    let files = std::fs::read_dir("tests/policies").unwrap().map(|e| e.unwrap().path());
    let mut read: Vec<_> =
        files.map(|p| (p.display().to_string(), std::fs::read_to_string(p).unwrap())).collect();
    read.sort();
    read
}

fn rows(engine: &Engine) -> Vec<table::RowResult> {
    let run =
        |(file, text): &(String, String)| table::run(text, engine).unwrap_or_else(|e| panic!("{file}: {e}"));
    tables().iter().flat_map(run).collect()
}

/// The shipped files without one policy.
fn without(engine: &Engine, id: &str) -> Vec<(String, String)> {
    let rest = |(file, text): &(String, String)| {
        let set: cedar_policy::PolicySet = text.parse().unwrap();
        let kept = set.policies().filter(|p| p.annotation("id") != Some(id));
        (file.clone(), kept.map(|p| p.to_string()).collect::<Vec<_>>().join("\n"))
    };
    engine.sources().iter().map(rest).collect()
}

#[test]
fn every_row_holds() {
    let rows = rows(&shipped());
    let broken: Vec<_> = rows.iter().filter(|r| !r.holds()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(rows.len() >= 60, "only {} rows", rows.len());
}

#[test]
fn every_shipped_rule_decides_some_row_and_not_another() {
    let engine = shipped();
    let rows = rows(&engine);
    for info in engine.policies() {
        let names = |row: &&table::RowResult| row.expected.policies.contains(&info.id);
        assert!(rows.iter().any(|r| names(&r)), "no row expects {}", info.id);
        assert!(!rows.iter().all(|r| names(&r)), "every row expects {}", info.id);
    }
}

#[test]
fn removing_any_shipped_rule_changes_a_row() {
    let engine = shipped();
    for info in engine.policies() {
        let weaker = Engine::new(without(&engine, &info.id), &office()).unwrap();
        assert_eq!(weaker.policies().len() + 1, engine.policies().len());
        assert!(rows(&weaker).iter().any(|r| !r.holds()), "removing {} changes no row", info.id);
    }
}

#[test]
fn shipped_rules_fit_an_empty_catalogue_and_warn_of_nothing() {
    for catalogue in [Catalogue::default(), office()] {
        let engine = shipped().over(&catalogue).unwrap();
        assert_eq!(engine.warnings(), &[]);
    }
}

#[test]
fn an_unknown_tool_or_effect_fails() {
    let (engine, principal, pc) = (shipped(), Principal::new("ann"), Label::trusted());
    let (other, today) = (tool("other", Effect::Read, vec![]), tool("today", Effect::Read, vec![]));
    for (tool, effect) in [(&other, Effect::Read), (&today, Effect::Write)] {
        let facts = CallFacts {
            principal: &principal,
            channel: "cli",
            trust_level: 0,
            tool,
            effect,
            args: &[],
            pc: &pc,
        };
        let failure = engine.judge_call(&facts).unwrap_err();
        assert!(failure.0.contains(tool.name.as_ref()), "{failure}");
    }
}

fn one(policy: &str) -> Result<Engine, PolicyErrors> {
    Engine::new(vec![("test.cedar".to_owned(), policy.to_owned())], &office())
}

#[test]
fn without_a_permit_everything_is_denied() {
    let engine = one("@id(\"plans\") permit (principal, action == Action::\"run_plan\", resource);").unwrap();
    assert_eq!(ids(&judge(&engine, "today", &[])), ("deny", vec!["default-deny"]));
}

#[test]
fn a_permit_that_needs_approval_asks_and_names_itself() {
    let engine = one("@id(\"ok\") permit (principal, action, resource) when { context.approved };").unwrap();
    assert_eq!(ids(&judge(&engine, "today", &[])), ("ask", vec!["ok"]));
}

#[test]
fn denials_name_only_what_no_approval_lifts() {
    let engine = one("@id(\"all\") permit (principal, action, resource);
         @id(\"soft\") @reason(\"s\") forbid (principal, action, resource) unless { context.approved };
         @id(\"hard\") @reason(\"h\") forbid (principal, action, resource);")
    .unwrap();
    assert_eq!(ids(&judge(&engine, "today", &[])), ("deny", vec!["hard"]));
}

#[test]
fn a_forbid_that_errors_is_a_failure_and_quotes_no_value() {
    // Overflow is the one error that strict validation cannot exclude.
    let engine = one("@id(\"all\") permit (principal, action, resource);
         @id(\"sum\") @reason(\"s\") forbid (principal, action in Action::\"call:pay\", resource)
         when { context.args.amount has value && context.args.amount.value * 2 > 10 };");
    // The office has no such tool: a rule on an unknown tool is an error of its own.
    assert!(engine.unwrap_err().to_string().contains("call:pay"));
    let pay = tool("pay", Effect::Egress, vec![param("amount", Type::Int, true, Role::Data)]);
    let engine = Engine::new(
        vec![(
            "t.cedar".into(),
            "@id(\"all\") permit (principal, action, resource);
             @id(\"sum\") @reason(\"s\") forbid (principal, action in Action::\"call:pay\", resource)
             when { context.args.amount has value && context.args.amount.value * 2 > 10 };"
                .into(),
        )],
        &Catalogue::new([pay]),
    )
    .unwrap();
    let value = |v: Json| [ArgFacts { critical: true, ..arg("amount", Label::trusted(), Some(v)) }];
    assert_eq!(ids(&judge(&engine, "pay", &value(json!(6)))), ("deny", vec!["sum"]));
    assert_eq!(ids(&judge(&engine, "pay", &value(json!(5)))), ("allow", vec!["all"]));
    let failure = try_judge(&engine, "pay", &value(json!(i64::MAX))).unwrap_err();
    assert!(failure.0.contains("sum") && !failure.0.contains("9223372036854775807"), "{failure}");
    let failure = try_judge(&engine, "pay", &value(json!("geheim"))).unwrap_err();
    assert!(failure.0.contains("amount") && !failure.0.contains("geheim"), "{failure}");
}

#[test]
fn rules_see_values_of_every_form() {
    let args = [
        ("flag", Type::Bool, json!(true), "value"),
        ("count", Type::Int, json!(7), "value == 7"),
        ("total", Type::Decimal, json!("12.50"), "value.greaterThan(decimal(\"12.4999\"))"),
        ("ratio", Type::Float, json!(1e300), "value.greaterThan(decimal(\"922337203685477.5806\"))"),
        ("small", Type::Float, json!(-1e-300), "value == decimal(\"0.0000\")"),
        ("day", Type::Date, json!("2026-11-21"), "value == \"2026-11-21\""),
        ("maybe", Type::Union(vec![Type::None, Type::Str]), json!("x"), "value == \"x\""),
        (
            "to",
            Type::Union(vec![Type::Str, Type::List(Box::new(Type::Str))]),
            json!("bob"),
            "value.contains(\"bob\")",
        ),
        ("big", Type::Int, json!(u64::MAX), "value == 9223372036854775807"),
    ];
    for (name, ty, value, holds) in args {
        let catalogue = Catalogue::new([tool("t", Effect::Read, vec![param(name, ty, false, Role::Data)])]);
        let policy = format!(
            "@id(\"seen\") permit (principal, action in Action::\"call:t\", resource)
             when {{ context.args.{name} has value && context.args.{name}.{holds} }};"
        );
        let engine =
            Engine::new(vec![("t.cedar".into(), policy)], &catalogue).unwrap_or_else(|e| panic!("{e}"));
        let judged = judge(&engine, "t", &[arg(name, Label::trusted(), Some(value))]);
        assert_eq!(ids(&judged), ("allow", vec!["seen"]), "{name}");
        for silent in [Some(Json::Null), None] {
            let judged = judge(&engine, "t", &[arg(name, Label::trusted(), silent)]);
            assert_eq!(ids(&judged), ("deny", vec!["default-deny"]), "{name}");
        }
    }
}

#[test]
fn rules_see_the_label_of_an_argument() {
    let engine = one(
        "@id(\"seen\") permit (principal == User::\"ann\", action in Action::\"call:file_write\", resource == Tool::\"file_write\")
         when { !context.args.content.trusted && context.args.content.kind == \"text\" && context.args.content.rank >= 6
           && context.args.content.sources.contains(\"file inbox/a.txt\") && !context.args.content.public
           && context.args.content.readers == [\"ann\"] && context.args.path.critical && !context.args.content.critical
           && context.args.path has path && context.args.path.path.canonical == \"a/b.md\" && context.args.path.path.root == \"a\"
           && context.flow.tainted_args == [\"content\"] && context.flow.source_kinds == [\"file\"] && context.flow.private
           && !context.flow.leaves_readers && context.effect == \"write\" && context.channel == \"cli\" };",
    )
    .unwrap_or_else(|e| panic!("{e}"));
    let content = stranger().narrowed_to(&Readers::only(Principal::new("ann")));
    let args =
        [arg("path", Label::trusted(), Some(json!("a//./b.md"))), arg("content", content, Some(json!("x")))];
    assert_eq!(ids(&judge(&engine, "file_write", &args)), ("allow", vec!["seen"]));
}

#[test]
fn the_version_changes_with_a_policy_and_with_the_catalogue() {
    let base = one("@id(\"a\") permit (principal, action, resource);").unwrap();
    let again = one("@id(\"a\") permit (principal, action, resource);").unwrap();
    let edited = one("@id(\"a\") permit (principal, action in Action::\"call\", resource);").unwrap();
    assert_eq!(base.version(), again.version());
    assert_ne!(base.version(), edited.version());
    assert_ne!(base.version(), base.over(&Catalogue::default()).unwrap().version());
}

#[test]
fn what_if_names_both_evaluations() {
    let engine = shipped();
    let (principal, pc, tool) =
        (Principal::new("ann"), Label::trusted(), engine.catalogue().get("file_write").unwrap());
    let args = [
        arg("path", Label::trusted(), Some(json!("outbox/a.csv"))),
        arg("content", stranger(), Some(json!("x"))),
    ];
    let facts = CallFacts {
        principal: &principal,
        channel: "cli",
        trust_level: 0,
        tool,
        effect: tool.effect,
        args: &args,
        pc: &pc,
    };
    let what = engine.what_if(&facts).unwrap();
    let named = |reasons: &[crate::kernel::port::Reason]| {
        reasons.iter().map(|r| r.policy.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (named(&what.as_is), named(&what.approved)),
        (vec!["outbox-untrusted".into()], vec!["write-allowed".into()])
    );
    assert_eq!(ids(&what.verdict).0, "ask");
}
