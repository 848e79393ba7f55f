use super::super::mark::folded;
use super::*;
use proptest::prelude::*;

fn sketch(text: &str) -> Sketch {
    Sketch::of(&folded(text))
}

#[test]
fn the_same_words_in_another_order_are_alike_and_others_are_not() {
    let one = sketch("Send the quarterly report to the accountant before Friday.");
    let again = sketch("Before Friday, please send that quarterly report to our accountant");
    let other = sketch("Which vegetables grow well beside tomatoes in a cold climate?");
    assert!(one.likeness(&one) > 0.999);
    assert!(one.likeness(&again) > 0.7, "{}", one.likeness(&again));
    assert!(one.likeness(&other) < 0.2, "{}", one.likeness(&other));
}

#[test]
fn scripts_without_spaces_are_compared_too() {
    let one = sketch("今週の売上報告書を経理部に送ってください");
    let again = sketch("経理部に今週の売上報告書を送って");
    let other = sketch("トマトと一緒に育つ野菜は何ですか");
    assert!(one.likeness(&again) > one.likeness(&other) + 0.4);
}

#[test]
fn a_text_without_words_is_like_nothing() {
    assert!(sketch("?! 12").likeness(&sketch("?! 12")).abs() < f64::EPSILON);
    assert_eq!(Sketch::from_text("not base64!"), sketch(""));
}

#[test]
fn records_keep_their_meaning() {
    // A change of the hash would make every recorded sketch meaningless.
    let text = sketch("records").to_text();
    assert!(text.starts_with("AAAA"), "{text}");
    assert_eq!(Sketch::from_text(&text), sketch("records"));
}

proptest! {
    #[test]
    fn any_sketch_comes_back(text in ".*") {
        prop_assert_eq!(Sketch::from_text(&sketch(&text).to_text()), sketch(&text));
    }
}
