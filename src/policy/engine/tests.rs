//! Properties of the shipped rules over generated calls. Debug builds check every context against the schema, so a
//! context that does not fit it fails here too.

use super::*;
use crate::kernel::catalogue::{Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Integrity, Label, Readers, Source};
use crate::kernel::port::ArgFacts;
use crate::policy::context::Known;
use crate::policy::slice::Uses;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::LazyLock;

mod modes;

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

/// What the engine says, and what the whole set says over the whole context, in the order of the files.
fn both(engine: &Engine, call: &Call) -> [Result<Verdict, PolicyFailure>; 2] {
    let quick = with_facts(call, |facts| engine.judge_call(facts));
    let whole = with_facts(call, |facts| {
        judge(|approved| {
            let (view, target) = (&engine.outline.tools[&facts.tool.name], &engine.targets[&facts.tool.name]);
            let (_, action, _) =
                target.actions.iter().find(|(effect, _, _)| *effect == facts.effect).unwrap();
            let context = Known::of(view, facts)?.context(&Uses::all(), approved)?;
            let request = engine.request(facts.principal, action, &target.resource, context, None)?;
            engine.evaluate_each(&request, &engine.set)
        })
    });
    [quick, whole]
}

/// Rules of which several apply at once and some fail (`trust_level` 4 overflows), beside others that are joined.
static FAILING: LazyLock<Engine> = LazyLock::new(|| {
    let failing = r#"
        @id("fails") @reason("r") forbid (principal, action in Action::"write", resource)
        when { context.trust_level + 9223372036854775804 > 0 && !context.flow.trusted } unless { context.approved };
        @id("fails-late") @reason("r") forbid (principal, action in Action::"write", resource)
        when { context.paths.hidden && context.trust_level + 9223372036854775804 > 0 };
    "#;
    let mut sources = SHIPPED.sources().to_vec();
    sources.push(("failing.cedar".into(), failing.into()));
    Engine::new(sources, SHIPPED.catalogue()).unwrap_or_else(|e| panic!("{e}"))
});

/// How much a verdict restrains: 0 allow, 1 ask, 2 deny.
fn restraint(call: &Call) -> u8 {
    let verdict = with_facts(call, |facts| SHIPPED.judge_call(facts));
    match verdict.unwrap_or_else(|e| panic!("{e}")) {
        Verdict::Allow(_) => 0,
        Verdict::Ask(_) => 1,
        Verdict::Deny(_) => 2,
    }
}

fn with_facts<T>((tool, level, pc, args): &Call, ask: impl FnOnce(&CallFacts<'_>) -> T) -> T {
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
    ask(&CallFacts {
        principal: &principal,
        channel: "cli",
        trust_level: *level,
        tool: &tool,
        effect: tool
            .effect_given(|name| args.iter().any(|a| a.name.as_ref() == name && a.value != Some(Json::Null))),
        args: &args,
        pc,
    })
}

/// The shipped rules and some that use what those do not: arguments, whole records, sets of other kinds.
static ODD: LazyLock<Engine> = LazyLock::new(|| {
    let odd = r#"
        @id("odd-arg") @reason("r") forbid (principal, action in Action::"call:t-write", resource)
        when { context.args has path && context.args.path has path && ["a", "b", "outbox"].contains(context.args.path.path.root) };
        @id("odd-record") @reason("r") forbid (principal, action in [Action::"read", Action::"execute"], resource)
        when { context.flow == context.flow && context.paths.names == ["x", "y", ".", "a.md"] } unless { context.approved };
        @id("odd-set") @reason("r") forbid (principal == User::"ann", action, resource)
        when { ["cli", "web", "x"].contains(context.channel) && [1, 2, 3].contains(context.trust_level) } unless { context.approved };
        @id("odd-has") @reason("r") forbid (principal, action in Action::"egress", resource)
        when { context has flow && context.flow has sources && context.flow.sources.contains("web example.com") };
    "#;
    let mut sources = SHIPPED.sources().to_vec();
    sources.push(("odd.cedar".into(), odd.into()));
    Engine::new(sources, SHIPPED.catalogue()).unwrap_or_else(|e| panic!("{e}"))
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn slices_decide_as_the_whole_set_does(call in a_call()) {
        for engine in [&*SHIPPED, &*ODD] {
            let [quick, whole] = both(engine, &call);
            prop_assert_eq!(quick.unwrap(), whole.unwrap());
        }
    }

    #[test]
    fn slices_fail_where_the_whole_set_does(call in a_call()) {
        let [quick, whole] = both(&FAILING, &call);
        prop_assert_eq!(quick.map_err(|e| e.0), whole.map_err(|e| e.0));
    }

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

#[test]
fn slices_of_the_shipped_rules_leave_out_what_they_do_not_need() {
    let slice = |engine: &Engine, name: &str| {
        let (_, _, slice) = &engine.targets[name].actions[0];
        (
            slice.as_is.each.num_of_policies() < engine.set.num_of_policies(),
            slice.uses.any_of("args"),
            slice.uses.of("flow").contain("sources"),
        )
    };
    assert_eq!(slice(&SHIPPED, "t-write"), (true, false, false));
    assert_eq!(slice(&ODD, "t-write"), (true, true, false));
    assert_eq!(slice(&ODD, "t-egress"), (true, false, true));
    assert!(slice(&ODD, "t-read").2, "a record that is compared is built as a whole");
}
