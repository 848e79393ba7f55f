use super::*;
use cedar_policy::{Authorizer, Context, Decision, Request};

/// Conditions in which an approval is looked at in many ways, some beside arithmetic that overflows for `n` = 1.
const CONDITIONS: [&str; 20] = [
    "when { context.a } unless { context.approved }",
    "when { context.approved }",
    "unless { context.approved } when { context.a }",
    "when { context.n + 9223372036854775807 > 0 } unless { context.approved }",
    "unless { context.approved } when { context.n + 9223372036854775807 > 0 }",
    "when { context.approved && context.a }",
    "when { context.a && context.approved }",
    "when { context.a || context.approved }",
    "when { context.n + 9223372036854775807 > 0 || context.approved }",
    "when { context.n + 9223372036854775807 > 0 && context.approved }",
    "when { context.approved || context.n + 9223372036854775807 > 0 }",
    "when { !(context.approved && !context.a) }",
    "when { if context.approved then context.a else context.n + 9223372036854775807 > 0 }",
    "when { if context.a then context.approved else !context.approved }",
    "when { context has approved && context.approved }",
    "when { context == {\"a\": true, \"n\": 0, \"approved\": true} }",
    "when { {\"approved\": true}.approved != context.approved }",
    "when { [context.approved, context.a].contains(true) }",
    "when { context.a } when { !context.a } unless { !context.approved }",
    "when { decimal(\"1.0\").lessThan(decimal(\"2.0\")) && context.a } unless { context.approved }",
];

/// Whether a policy fires on these facts; nothing when it fails on them.
fn fires(policy: Json, facts: &Json) -> Option<bool> {
    let mut set = PolicySet::new();
    set.add(Policy::from_json(Some("p".parse().unwrap()), policy).unwrap()).unwrap();
    let uid = |text: &str| text.parse::<EntityUid>().unwrap();
    let context = Context::from_json_value(facts.clone(), None).unwrap();
    let names = (uid("User::\"ann\""), uid("Action::\"call\""), uid("Tool::\"t\""));
    let request = Request::new(names.0, names.1, names.2, context, None).unwrap();
    let response = Authorizer::new().is_authorized(&request, &set, &Entities::empty());
    let failed = response.diagnostics().errors().next().is_some();
    (!failed).then_some(response.decision() == Decision::Allow)
}

fn written(condition: &str) -> Json {
    let text = format!("permit (principal, action, resource) {condition};");
    Policy::parse(None, text).unwrap().to_json().unwrap()
}

#[test]
fn a_policy_with_the_answer_written_in_fires_and_fails_as_before() {
    for condition in CONDITIONS {
        for facts in [(false, 0), (false, 1), (true, 0), (true, 1)] {
            for approved in [false, true] {
                let facts = json!({ "a": facts.0, "n": facts.1, "approved": approved });
                let whole = fires(written(condition), &facts);
                let short = settled(written(condition), approved).map_or(Some(false), |p| fires(p, &facts));
                assert_eq!(short, whole, "{condition} on {facts}");
            }
        }
    }
}

#[test]
fn an_approval_lifts_a_rule_out_of_the_set_and_its_lack_lifts_the_clause() {
    let asks = written("when { context.a } unless { context.approved }");
    assert_eq!(settled(asks.clone(), true), None);
    assert_eq!(settled(asks, false), Some(written("when { context.a }")));
    assert_eq!(settled(written("when { context.a && context.approved }"), false), None);
    let never = written("when { context.a }");
    assert_eq!(settled(never.clone(), true), Some(never));
}

#[test]
fn a_set_that_looks_at_the_context_as_a_whole_is_told_of_the_approval_there() {
    let action: EntityUid = "Action::\"call\"".parse().unwrap();
    let asks = |condition: &str| {
        let set: PolicySet = format!("permit (principal, action, resource) {condition};").parse().unwrap();
        Slice::of(&set, &action, &Entities::empty(), &mut Lists::default()).unwrap().asks_context()
    };
    assert!(!asks("when { context.flow.trusted } unless { context.approved }"));
    assert!(asks("when { context == context }"));
    assert!(asks("when { context has approved }"));
    let deep = format!("when {{ {}context.approved{} }}", "!(".repeat(30), ")".repeat(30));
    assert!(asks(&deep), "what is too deep to be rewritten is taken as it is");
}

#[test]
fn prohibitions_are_joined_and_looked_at_one_by_one_where_one_applies() {
    let forbid = |n: usize, when: &str| format!("@id(\"f{n}\") forbid (principal, action, resource) {when};");
    let conditions =
        ["when { context.a }", "when { context.n > 5 } unless { context.a }", "unless { context.b }"];
    let mut text: String = conditions.iter().enumerate().map(|(n, when)| forbid(n, when)).collect();
    text.push_str("permit (principal, action, resource);");
    text.push_str("forbid (principal == User::\"bob\", action, resource) when { context.a };");
    let set: PolicySet = text.parse().unwrap();
    let action: EntityUid = "Action::\"call\"".parse().unwrap();
    let slice = Slice::of(&set, &action, &Entities::empty(), &mut Lists::default()).unwrap();
    let Rules { each, quick } = &slice.as_is;
    assert_eq!((each.num_of_policies(), quick.num_of_policies()), (5, 3), "the one about bob stays alone");
    for (a, b, n) in
        [(false, true, 0), (true, true, 0), (false, false, 0), (false, true, 6), (true, false, 9)]
    {
        let facts = json!({ "a": a, "b": b, "n": n });
        let uid = |text: &str| text.parse::<EntityUid>().unwrap();
        let context = Context::from_json_value(facts.clone(), None).unwrap();
        let names = (uid("User::\"ann\""), action.clone(), uid("Tool::\"t\""));
        let request = Request::new(names.0, names.1, names.2, context, None).unwrap();
        let answer = |set: &PolicySet| Authorizer::new().is_authorized(&request, set, &Entities::empty());
        let (whole, quick) = (answer(each), answer(quick));
        assert_eq!(quick.decision(), whole.decision(), "{facts}");
        assert_eq!(
            quick.diagnostics().reason().any(is_joined),
            whole.decision() == Decision::Deny,
            "{facts}"
        );
    }
}
