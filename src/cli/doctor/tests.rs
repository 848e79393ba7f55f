use super::*;
use crate::doctor::Gap;

fn found() -> Vec<Control> {
    let gap = |what: &str| Err(Gap::new(what, "mend it"));
    vec![
        Control::required("a.b", Ok("it was tried and held".to_owned())),
        Control::required("longer.name", gap("it did not hold")),
        Control::optional("c", gap("nobody asked for it")),
    ]
}

#[test]
fn a_tired_person_sees_what_failed_and_what_to_do() {
    let lines = text(&found(), &Screen::plain());
    let expected = [
        "ok    a.b          it was tried and held",
        "FAIL  longer.name  it did not hold",
        "                   → mend it",
        "–     c            nobody asked for it",
        "1 controls are active; 1 that is required is not",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn only_a_required_control_is_a_finding() {
    assert_eq!(exit(&found()), Exit::Refusal);
    assert_eq!(exit(&found()[..1]), Exit::Done);
    assert_eq!(exit(&found()[2..]), Exit::Done);
}

#[test]
fn what_was_not_tried_is_left_to_the_one_that_it_waits_for() {
    let untried = || Control::required("b", Err(Gap::untried("a")));
    let found = [Control::required("a", Err(Gap::new("gone", "make it"))), untried(), untried()];
    let expected = [
        "FAIL  a  gone",
        "         → make it",
        "–     b  not tried (see a)",
        "–     b  not tried (see a)",
        "0 controls are active; 1 that is required is not",
    ];
    assert_eq!(
        (text(&found, &Screen::plain()), exit(&found)),
        (expected.map(str::to_owned).to_vec(), Exit::Refusal)
    );
}

#[test]
fn long_evidence_is_broken_between_words() {
    assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
    assert_eq!(wrapped("unbreakable x", 4), ["unbreakable", "x"]);
    let long = vec![Control::required("n", Ok("word ".repeat(60)))];
    assert!(text(&long, &Screen::plain()).iter().all(|line| line.chars().count() <= WIDTH));
}
