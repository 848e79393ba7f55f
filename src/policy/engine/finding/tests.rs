use super::*;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::port::{Finding, Policy as _, RedactionKey};
use crate::kernel::principal::Principal;

/// Which form words are taken out in, by the border and what they are.
const FORMS: &str = r#"
    @id("a") @reason("masked") permit (principal, action == Action::"finding:mask", resource == Border::"reply")
        when { context.class == Class::"personal" };
    @id("b") @reason("numbered") permit (principal, action == Action::"finding:token", resource)
        when { context.class == Class::"personal" };
    @id("c") @reason("hashed") permit (principal, action == Action::"finding:hash", resource == Border::"tool_output");
    @id("d") @reason("removed") permit (principal, action == Action::"finding:redact", resource == Border::"reply")
        when { context.class == Class::"credential" };
"#;

fn engine() -> Engine {
    Engine::new(vec![("forms.cedar".to_owned(), FORMS.to_owned())], &Catalogue::new([])).unwrap()
}

fn treated(engine: &Engine, border: Border, class: Class) -> (&'static str, String) {
    let finding = Finding {
        scanner: "s".into(),
        class,
        severity: Severity::Note,
        start: 0,
        end: 1,
        rule: "r".into(),
        reason: String::new(),
    };
    let (treatment, reasons) = engine
        .treat(&FindingFacts {
            principal: &Principal::new("ann"),
            channel: "cli",
            trust_level: 0,
            border,
            executed: false,
            trusted: true,
            finding: &finding,
        })
        .unwrap();
    (treatment.as_str(), reasons.into_iter().map(|reason| reason.policy).collect())
}

#[test]
fn rules_choose_the_form_in_which_words_go_and_the_strictest_counts() {
    let engine = engine();
    for (border, class, form, rule) in [
        (Border::Reply, Class::Personal, "mask", "a"),
        (Border::Request, Class::Personal, "token", "b"),
        (Border::ToolOutput, Class::Personal, "token", "b"),
        (Border::ToolOutput, Class::Credential, "hash", "c"),
        (Border::Reply, Class::Credential, "redact", "d"),
        (Border::Request, Class::Credential, "note", ""),
    ] {
        assert_eq!(treated(&engine, border, class), (form, rule.to_owned()), "{border:?} {class:?}");
    }
}

#[test]
fn the_key_goes_along_to_a_larger_catalogue() {
    let key = RedactionKey::new([7; 32]);
    assert_eq!(engine().redaction_key(), None);
    let keyed = engine().keyed(Some(key.clone()));
    assert_eq!(keyed.over(&Catalogue::new([])).unwrap().redaction_key(), Some(&key));
}
