//! Properties of the shipped rules over generated calls. Debug builds check every context against the schema, so a
//! context that does not fit it fails here too.

use super::*;
use crate::kernel::catalogue::{Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Integrity, Label, Readers, Source};
use crate::kernel::port::ArgFacts;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::LazyLock;

static SHIPPED: LazyLock<Engine> = LazyLock::new(|| {
    let tools = EFFECTS.map(|effect| Tool {
        name: format!("t-{effect}").into(),
        doc: "".into(),
        params: vec![
            param("path", Role::Path, Type::Str, true),
            param("to", Role::Recipient, Type::List(Box::new(Type::Str)), true),
            param("data", Role::Data, Type::Any, false),
        ],
        returns: Type::Str,
        effect,
        effect_with: vec![("data".into(), Effect::Egress)],
        output: Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public: false },
        fields: vec![],
        origin: Origin::Tool,
        idempotent: false,
    });
    load::load(Path::new("policies"), &Catalogue::new(tools)).unwrap_or_else(|e| panic!("{e}"))
});

const EFFECTS: [Effect; 4] = [Effect::Read, Effect::Write, Effect::Egress, Effect::Execute];

fn param(name: &str, role: Role, ty: Type, critical: bool) -> Param {
    Param { name: name.into(), ty, required: false, doc: "".into(), critical, role }
}

fn a_label() -> impl Strategy<Value = Label> {
    let reader = prop::sample::select(vec!["ann", "bob@example.com"]).prop_map(Principal::new);
    let readers = prop::option::of(prop::collection::btree_set(reader, 0..3));
    let capacity =
        prop::option::of(prop::sample::select(vec![Capacity::Bool, Capacity::Span, Capacity::Text]));
    (capacity, readers).prop_map(|(capacity, readers)| {
        let label = match capacity {
            None => Label::trusted_from(Source::Planner),
            Some(capacity) => Label::untrusted_from(Source::Web("example.com".into()), capacity),
        };
        readers.map_or(label.clone(), |only| label.narrowed_to(&Readers::Only(only.into())))
    })
}

type Call = (usize, u8, Label, Vec<(Label, Option<Json>)>);

fn a_call() -> impl Strategy<Value = Call> {
    let paths = ["reports/a.md", "outbox/a.csv", ".git/x", "../x", "/x", "a.sh", "policies/x", "a.pem", "."];
    let path = prop::option::of(prop::sample::select(paths.map(|p| json!(p)).to_vec()));
    let to = prop::option::of(prop::sample::select(vec![
        json!([]),
        json!(["ann"]),
        json!(["bob@example.com", "ann"]),
    ]));
    let data = prop::option::of(prop::sample::select(vec![Json::Null, json!("x"), json!({"a": [1]})]));
    let args = ((a_label(), path), (a_label(), to), (a_label(), data)).prop_map(|(a, b, c)| vec![a, b, c]);
    (0..4usize, 0..5u8, a_label(), args)
}

/// How much a verdict restrains: 0 allow, 1 ask, 2 deny.
fn restraint((tool, level, pc, args): &Call) -> u8 {
    let tool = SHIPPED.catalogue().get(&format!("t-{}", EFFECTS[*tool])).unwrap().clone();
    let args: Vec<ArgFacts> = std::iter::zip(&tool.params, args)
        .map(|(param, (label, value))| ArgFacts {
            name: param.name.clone(),
            label: label.clone(),
            value: value.clone(),
            critical: param.critical,
            role: param.role,
        })
        .collect();
    let principal = Principal::new("ann");
    let verdict = SHIPPED.judge_call(&CallFacts {
        principal: &principal,
        channel: "cli",
        trust_level: *level,
        tool: &tool,
        effect: tool
            .effect_given(|name| args.iter().any(|a| a.name.as_ref() == name && a.value != Some(Json::Null))),
        args: &args,
        pc,
    });
    match verdict.unwrap_or_else(|e| panic!("{e}")) {
        Verdict::Allow(_) => 0,
        Verdict::Ask(_) => 1,
        Verdict::Deny(_) => 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_worse_label_anywhere_never_restrains_less(call in a_call(), worse in a_label(), at in 0..4usize) {
        let mut after = call.clone();
        match after.3.get_mut(at) {
            Some((label, _)) => *label = label.join(&worse),
            None => after.2 = after.2.join(&worse),
        }
        prop_assert!(restraint(&after) >= restraint(&call), "{call:?} with {worse}");
    }

    #[test]
    fn nothing_of_a_stranger_leaves_or_runs_or_steers_a_change_unasked(call in a_call()) {
        let stranger = |label: &Label| !label.is_trusted();
        let sends = EFFECTS[call.0] >= Effect::Egress;
        if sends && call.3.iter().any(|(label, _)| stranger(label)) || call.0 > 0 && stranger(&call.2) {
            prop_assert!(restraint(&call) >= 1);
        }
    }

    #[test]
    fn no_path_outside_the_workspace_is_ever_allowed_or_asked(call in a_call(), outside in "(/|\\.\\./|a/\\.\\./\\.\\./|~/|c:)[a-z]{0,3}") {
        let mut call = call;
        call.3[0].1 = Some(json!(outside));
        prop_assert_eq!(restraint(&call), 2);
    }
}

#[test]
fn an_argument_given_twice_fails() {
    let tool = SHIPPED.catalogue().get("t-read").unwrap();
    let arg = |label| ArgFacts {
        name: "to".into(),
        label,
        value: Some(json!([])),
        critical: true,
        role: Role::Recipient,
    };
    let twice = [arg(Label::trusted()), arg(Label::trusted())];
    let (principal, pc) = (Principal::new("ann"), Label::trusted());
    let facts = CallFacts {
        principal: &principal,
        channel: "cli",
        trust_level: 0,
        tool,
        effect: Effect::Read,
        args: &twice,
        pc: &pc,
    };
    assert!(SHIPPED.judge_call(&facts).unwrap_err().0.contains("twice"));
}
