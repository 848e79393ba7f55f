use super::*;
use crate::kernel::label::{Capacity, Label, Source};
use serde_json::json;

fn node(json: &serde_json::Value) -> Node {
    Node::from_json(json, "", &|_| Mark::trusted())
}

fn untrusted() -> Mark {
    Mark::of(Label::untrusted_from(Source::Tool("t".into()), Capacity::Text))
}

#[test]
fn json_comes_back_as_it_went_in() {
    let value = json!({"a": [1, 2.5, null, true, "x"], "b": {"c": []}});
    assert_eq!(node(&value).to_json(), value);
}

#[test]
fn every_part_has_the_mark_of_its_path() {
    let mark_at = |path: &str| if path == "[].subject" { untrusted() } else { Mark::trusted() };
    let list = Node::from_json(&json!([{"id": 1, "subject": "x"}]), "", &mark_at);
    assert!(list.mark.label().is_trusted());
    assert!(!list.deep().label().is_trusted());
    let Data::List(items) = &list.data else { panic!("a list") };
    let Data::Dict(fields) = &items[0].data else { panic!("an object") };
    assert!(fields.get(&Key::Str("id".into())).unwrap().deep().label().is_trusted());
}

#[test]
fn numbers_are_equal_across_their_types_and_texts_are_not_numbers() {
    assert!(Data::Int(1).equals(&Data::Float(1.0)));
    assert!(Data::Bool(true).equals(&Data::Int(1)));
    assert!(!Data::str("1").equals(&Data::Int(1)));
    assert_eq!(Data::Float(2.0).key(), Data::Int(2).key());
    assert!(Data::List(Arc::default()).key().is_none());
}

#[test]
fn a_value_that_is_too_large_or_too_deep_weighs_too_much() {
    let limit = 1_000;
    assert!(node(&json!("x".repeat(2_000))).size(limit) > limit);
    let mut deep = node(&json!(1));
    for _ in 0..=MAX_DEPTH {
        deep = Node::new(Data::List(Arc::new(vec![deep])), Mark::trusted());
    }
    assert!(deep.size(limit) > limit);
    assert!(node(&json!([1, 2, 3])).size(limit) <= limit);
}
