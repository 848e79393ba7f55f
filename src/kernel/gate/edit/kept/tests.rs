use super::*;
use crate::kernel::label::{Capacity, Label, Source};
use proptest::prelude::*;
use serde_json::json;

fn stranger(file: &str) -> Label {
    Label::untrusted_from(Source::File(Arc::from(file)), Capacity::Text)
}

fn edited(before: &Json, label: &Label, ty: &Type, now: &Json) -> Label {
    let before = Node::from_json(before, "", &|_| Mark::of(label.clone()));
    Before::of(&[&before], ty).edited(now).deep().label().clone()
}

/// The page has the same rule for its hint, and is held to the same rows.
#[test]
fn what_is_kept_and_what_is_replaced() {
    let rows = include_str!("../../../../../tests/corpus/edits.jsonl");
    for row in rows.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()) {
        let label = edited(&row["before"], &stranger("a.txt"), &Type::Any, &row["now"]);
        let expected = if row["kept"] == json!(true) { stranger("a.txt").join(&typed()) } else { typed() };
        assert_eq!(label, expected, "{row}");
    }
    assert!(rows.lines().count() > 25);
}

#[test]
fn of_a_day_or_a_tools_own_word_only_the_whole_counts() {
    let word = Type::Enum(vec!["report_daily".into(), "report_weekly".into()]);
    for (ty, before, now) in [
        (Type::Date, json!("2026-01-15"), json!("2026-02-15")),
        (word.clone(), json!("report_daily"), json!("report_weekly")),
    ] {
        assert_eq!(edited(&before, &stranger("a.txt"), &ty, &now), typed());
        let list = Type::List(Box::new(ty));
        assert_eq!(edited(&json!([before]), &stranger("a.txt"), &list, &json!([now])), typed());
        let both = json!([now, before]);
        assert!(!edited(&json!([before]), &stranger("a.txt"), &list, &both).is_trusted());
    }
}

#[test]
fn each_element_is_worth_what_it_still_has() {
    let of = |text: &str, label: Label| Node::new(Data::str(text), Mark::of(label));
    let shape = Label::trusted_from(Source::Planner);
    let items =
        vec![of("ann", Label::trusted()), of("mallory", stranger("a.txt")), of("eve", stranger("b.txt"))];
    let before = Node::new(Data::List(Arc::new(items)), Mark::of(shape.clone()));
    let before = Before::of(&[&before], &Type::List(Box::new(Type::Str)));
    let label = |now: Json| before.edited(&now).deep().label().clone();
    assert_eq!(label(json!(["bob"])), typed());
    // One's own element stays one's own beside what a stranger's was.
    assert_eq!(label(json!(["ann", "bob"])), typed().join(&shape));
    assert_eq!(label(json!(["bob", "x mallory"])), typed().join(&shape).join(&stranger("a.txt")));
    // Moved elsewhere it is the same.
    assert_eq!(label(json!(["eve", "ann"])), typed().join(&shape).join(&stranger("b.txt")));
}

#[test]
fn keys_and_what_may_be_none_are_compared_as_what_they_are() {
    let word = Type::Enum(vec!["read".into(), "write".into()]);
    let of = |ty: &Type, before: Json, now: Json| edited(&before, &stranger("a.txt"), ty, &now).is_trusted();
    let rights = Type::Map(Box::new(word));
    assert!(!of(&rights, json!({"mallory@evil.example": "read"}), json!({"mallory2@evil.example": "write"})));
    let day = Type::Union(vec![Type::Date, Type::None]);
    assert!(of(&day, json!("2026-01-15"), json!("2026-02-15")));
}

#[test]
fn what_a_set_holds_is_compared_by_itself() {
    let pair = Key::Tuple(vec![Key::Str("ab".into()), Key::Int(7)]);
    let set = Data::Set(Arc::new([pair].into_iter().collect()));
    let before = Node::new(set, Mark::of(stranger("a.txt")));
    let label = |now: Json| Before::of(&[&before], &Type::Any).edited(&now).deep().label().clone();
    assert!(!label(json!([["cd", 7]])).is_trusted() && !label(json!([["ab", 8]])).is_trusted());
    assert!(label(json!([["cd", 8]])).is_trusted());
}

#[test]
fn a_long_list_is_read_in_a_row() {
    let many: Vec<Json> = (0..20_000).map(|n| json!(format!("{n} x"))).collect();
    assert!(!edited(&json!(many), &stranger("a.txt"), &Type::Any, &json!(many[1..].to_vec())).is_trusted());
}

proptest! {
    /// INVARIANT: an edit that shares a run with the value before makes it no better.
    #[test]
    fn an_edit_improves_nothing_that_it_shares_a_run_with(
        before in "\\PC{4,24}", from in 0usize..24, ahead in "\\PC{0,12}", behind in "\\PC{0,12}", upper in any::<bool>(),
    ) {
        let all: Vec<char> = before.chars().collect();
        let from = from.min(all.len() - MIN_RUN);
        let kept: String = all[from..from + MIN_RUN].iter().collect();
        // A character whose other case has other marks of its own is another character.
        let other = kept.to_uppercase();
        let kept = if upper && other.to_lowercase() == kept.to_lowercase() { other } else { kept };
        // Marks would be composed with what they come to stand behind.
        prop_assume!(kept.nfkc().eq(kept.nfkd()) && before.nfkc().eq(before.nfkd()));
        let now = format!("{ahead} {kept} {behind}");
        let label = stranger("a.txt");
        for (before, now) in [
            (json!(before), json!(now)),
            (json!(["x", before]), json!([[now]])),
            (json!({"a": before}), json!({now.clone(): 1})),
            (json!({before.clone(): 1}), json!([now])),
        ] {
            let after = edited(&before, &label, &Type::Any, &now);
            prop_assert!(label.is_within(&after), "{before} {now}: {after}");
        }
    }

    /// Nothing is lost: what was trusted stays so, and whatever stays as it was has its old label.
    #[test]
    fn what_stays_has_its_label_and_what_was_trusted_stays_so(before in "\\PC{0,16}", now in "\\PC{0,16}") {
        let list = json!([now, before]);
        prop_assert!(stranger("a.txt").is_within(&edited(&json!(before), &stranger("a.txt"), &Type::Any, &list)));
        prop_assert!(edited(&json!(before), &Label::trusted(), &Type::Any, &list).is_trusted());
    }
}
