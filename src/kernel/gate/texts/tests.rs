use super::*;
use crate::kernel::port::{Class, Finding, Severity};
use serde_json::json;

fn treated(span: Range<usize>, class: Class, treatment: Treatment) -> Treated {
    let finding = Finding {
        scanner: "s".into(),
        class,
        severity: Severity::Medium,
        start: span.start,
        end: span.end,
        rule: "r".into(),
        reason: String::new(),
    };
    Treated { finding, treatment, reasons: Vec::new() }
}

fn at(texts: &Texts, word: &str, class: Class, treatment: Treatment) -> Treated {
    let start = texts.joined().find(word).unwrap();
    treated(start..start + word.len(), class, treatment)
}

#[test]
fn words_are_taken_out_where_they_stand() {
    let value = json!({"a": ["one key1 and key2", 7], "b": {"c": "key3"}, "d": "äkeyä"});
    let texts = Texts::of(&value);
    let cut: Vec<Treated> = ["key1", "key2", "key3", "keyä"]
        .map(|word| at(&texts, word, Class::Credential, Treatment::Redact))
        .into();
    let expected = json!({
        "a": ["one [removed: credential] and [removed: credential]", 7],
        "b": {"c": "[removed: credential]"},
        "d": "ä[removed: credential]"
    });
    assert_eq!(texts.redacted(&value, &cut, None), Some(expected));
}

#[test]
fn what_overlaps_goes_out_as_one_and_a_part_of_a_character_takes_it_along() {
    let spans =
        [treated(1..4, Class::Personal, Treatment::Redact), treated(3..6, Class::Hidden, Treatment::Redact)];
    assert_eq!(redacted("aäbcde", &spans, None), "a[removed: personal]e");
    let noted = [treated(0..3, Class::Personal, Treatment::Label)];
    assert_eq!(redacted("abc", &noted, None), "abc");
}

#[test]
fn the_name_of_a_field_cannot_be_rewritten() {
    let value = json!({"secret": 1});
    let texts = Texts::of(&value);
    let cut = [at(&texts, "secret", Class::Credential, Treatment::Redact)];
    assert_eq!(texts.redacted(&value, &cut, None), None);
}

#[test]
fn only_the_text_that_holds_something_is_marked() {
    let value = json!([{"body": "fine"}, {"body": "odd"}]);
    let texts = Texts::of(&value);
    let treated = [at(&texts, "odd", Class::Injection, Treatment::Label)];
    let node = Node::from_json(&value, "", &|_| Mark::trusted());
    let Data::List(items) = texts.marked(node, &treated).data else { panic!("not a list") };
    let found: Vec<usize> = items.iter().map(|item| item.deep().label().found().len()).collect();
    assert_eq!(found, [0, 1]);
}
