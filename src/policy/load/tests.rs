use super::*;
use crate::kernel::catalogue::{Effect, Grant, Origin, Tool, Type};
use crate::kernel::label::{Capacity, Integrity};

/// `look` reads; `meet` writes, and sends when it has guests.
fn catalogue() -> Catalogue {
    let tool = |name: &str, effect, effect_with| Tool {
        name: name.into(),
        doc: "".into(),
        params: vec![],
        returns: Type::Str,
        effect,
        effect_with,
        output: Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public: false },
        fields: vec![],
        origin: Origin::Tool,
        idempotent: false,
    };
    let guests = vec![("guests".into(), Effect::Egress)];
    Catalogue::new([tool("look", Effect::Read, vec![]), tool("meet", Effect::Write, guests)])
}

/// The faults of one file as `line:column message | hint`.
fn faults(text: &str) -> Vec<String> {
    let Err(PolicyErrors(errors)) = Engine::new(vec![("t.cedar".into(), text.into())], &catalogue()) else {
        panic!("{text} was accepted")
    };
    assert!(errors.iter().all(|e| e.hint.is_some()), "{errors:?}");
    let shown =
        |e: &PolicyError| format!("{}:{} {} | {}", e.line, e.column, e.message, e.hint.clone().unwrap());
    errors.iter().map(shown).collect()
}

#[track_caller]
fn assert_fault(text: &str, at: &str, message: &str, hint: &str) {
    let faults = faults(text);
    let found = faults.iter().any(|f| f.starts_with(at) && f.contains(message) && f.contains(hint));
    assert!(found, "{faults:#?}");
}

const OK: &str = "@id(\"ok\") permit (principal, action, resource);\n";

#[test]
fn every_fault_of_every_file_is_told_with_its_place() {
    let sources = vec![
        ("b.cedar".to_owned(), "@id(\"x\") permit (principal;".to_owned()),
        ("a.cedar".to_owned(), format!("{OK}forbid (principal, action, resource);")),
    ];
    let errors = Engine::new(sources, &catalogue()).unwrap_err();
    let places: Vec<_> = errors.0.iter().map(|e| (e.file.as_str(), e.line, e.column)).collect();
    // The forbid has neither a reason nor an id.
    assert_eq!(places, [("a.cedar", 2, 1), ("a.cedar", 2, 1), ("b.cedar", 1, 27)]);
}

#[test]
fn a_fault_is_shown_with_its_line_and_a_caret() {
    let text = format!(
        "{OK}@id(\"ü\")\npermit (principal, action in Action::\"call\", resource) when {{ \"ü\" == context.flw }};"
    );
    let errors = Engine::new(vec![("t.cedar".into(), text)], &catalogue()).unwrap_err().to_string();
    assert_eq!(
        errors,
        "t.cedar:2:1: this policy has no proper @id\n  |\n2 | @id(\"ü\")\n  | ^^^^^^^^\n  hint: write \
         @id(\"what-it-decides\") above it: small letters, digits and hyphens, at most 64, unique in all files"
    );
}

#[test]
fn ids_and_reasons_are_required() {
    assert_fault("permit (principal, action, resource);", "1:1", "no proper @id", "@id(");
    assert_fault(
        "@id(\"No Good\") permit (principal, action, resource);",
        "1:1",
        "no proper @id",
        "small letters",
    );
    for taken in ["default-deny", "person", "expired", "planner"] {
        let policy = format!("@id(\"{taken}\") permit (principal, action, resource);");
        assert_fault(&policy, "1:1", "no proper @id", "@id(");
    }
    assert_fault(&format!("{OK}{OK}"), "2:1", "the id ok is taken by t.cedar:1", "id of its own");
    let forbid = "@id(\"no\") forbid (principal, action, resource);";
    assert_fault(forbid, "1:1", "the forbid no has no @reason", "@reason(");
    assert_fault(&forbid.replace("forbid", "@reason(\" \") forbid"), "1:1", "no @reason", "@reason(");
}

#[test]
fn strict_validation_refuses_what_cannot_be_right() {
    let when = |scope: &str, test: &str| {
        format!("@id(\"a\")\npermit (principal, {scope}, resource)\nwhen {{ {test} }};")
    };
    let group = "action in Action::\"write\"";
    assert_fault(&when(group, "context.flow.trustd"), "3:8", "`flow.trustd`", "did you mean `trusted`");
    assert_fault(&when(group, "context.args.path.trusted"), "3:8", "`args.path`", "call:NAME");
    assert_fault(&when("action", "context.flow.trusted"), "3:8", "run_plan", "did you mean");
    assert_fault(
        &when("action == Action::\"call:lok\"", "true"),
        "2:30",
        "unrecognized action",
        "\"call:look\"",
    );
    assert_fault(&when("action in Action::\"send\"", "true"), "2:30", "unrecognized action", "egress");
    assert_fault("@id(\"a\") permit (principal is Usr, action, resource);", "1:31", "`Usr`", "`User`");
    assert_fault(
        "@id(\"a\") permit (principal == ?principal, action, resource);",
        "1:1",
        "template",
        "?principal",
    );
    // Told once, for an action that people know, not for each action of the group.
    let faults = faults(&when(group, "context.flow.trustd"));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("call:meet") && faults[0].contains("(and 1 more like it)"), "{faults:?}");
    let typed = when(group, "context.trust_level == \"high\"");
    let errors = Engine::new(vec![("t.cedar".into(), typed)], &catalogue()).unwrap_err();
    assert_eq!((errors.0.len(), errors.0[0].line), (1, 3), "{errors}");
}

#[test]
fn naming_a_tool_of_several_effects_with_equals_would_never_hold() {
    let of = |operator: &str| {
        format!("@id(\"a\") permit (principal, action {operator} Action::\"call:meet\", resource);")
    };
    assert_fault(&of("=="), "1:1", "what meet does depends on its arguments", "call:meet/egress");
    assert!(Engine::new(vec![("t.cedar".into(), of("in"))], &catalogue()).is_ok());
}

#[test]
fn a_rule_that_can_never_apply_is_a_warning() {
    let text = format!("{OK}@id(\"never\") permit (principal, action, resource) when {{ 1 == 2 }};");
    let engine = Engine::new(vec![("t.cedar".into(), text)], &catalogue()).unwrap();
    assert_eq!(engine.warnings().len(), 1);
    assert_eq!(engine.warnings()[0].line, 2);
}

#[test]
fn no_policy_at_all_is_a_fault() {
    assert_fault("// nothing", "1:1", "there is no policy", "everything is denied");
}

#[test]
fn folders_are_read_or_said_to_be_unreadable() {
    let error = load(Path::new("no/such/folder"), &catalogue()).unwrap_err();
    assert!(error.to_string().contains("no/such/folder") && error.to_string().contains("hint: "), "{error}");
    let empty = tempfile::tempdir().unwrap();
    let error = load(empty.path(), &catalogue()).unwrap_err();
    assert!(error.to_string().contains("there is no policy"), "{error}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test makes files for the loader to read")]
fn only_cedar_files_count_and_they_must_be_text() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.cedar"), OK).unwrap();
    std::fs::write(dir.path().join("notes.txt"), "not a policy").unwrap();
    let engine = load(dir.path(), &catalogue()).unwrap();
    assert_eq!(engine.policies().iter().map(|p| (p.id.as_str(), p.line)).collect::<Vec<_>>(), [("ok", 1)]);
    std::fs::write(dir.path().join("b.cedar"), b"\xff\xfe").unwrap();
    let error = load(dir.path(), &catalogue()).unwrap_err();
    assert!(error.to_string().contains("b.cedar") && error.to_string().contains("UTF-8"), "{error}");
}

#[test]
fn a_file_that_is_not_utf_8_is_told_with_the_place() {
    let fault = text("t.cedar", b"// \xc3\xbc\n@id(\"\xff\")").unwrap_err();
    assert_eq!(
        fault.to_string(),
        "t.cedar:2:6: this is not UTF-8 text\n  |\n2 | @id(\"\u{fffd}\")\n  |      ^\n  hint: save the file as UTF-8"
    );
    assert_eq!(text("t.cedar", "// ü".as_bytes()).unwrap(), "// ü");
}

/// What a rule does is told from the rule: whether an approval lifts it.
#[test]
fn what_each_rule_does_is_told_from_its_text() {
    let text = "@id(\"one\") permit (principal, action, resource);\n\
        @id(\"two\") @reason(\"r\") forbid (principal, action, resource) when { context.trust_level > 2 } unless { context.approved };\n\
        @id(\"three\") @reason(\"context.approved\") forbid (principal, action, resource) when { context.trust_level > 3 };\n\
        @id(\"four\") permit (principal, action == Action::\"finding:block\", resource) when { context.severity >= 3 };\n";
    let engine = Engine::new(vec![("t.cedar".into(), text.into())], &catalogue()).unwrap();
    let told: Vec<(&str, &str)> =
        engine.policies().iter().map(|info| (info.id.as_str(), info.role.as_str())).collect();
    assert_eq!(told, [("one", "allows"), ("two", "asks"), ("three", "forbids"), ("four", "screens")]);
    assert!(engine.policies()[0].text.starts_with("@id(\"one\") permit"), "{:?}", engine.policies()[0]);
}
