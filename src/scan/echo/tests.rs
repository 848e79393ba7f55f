use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    id: String,
    label: String,
    weakness: String,
    asked: String,
    text: String,
}

fn hits_at(border: Border, asked: &str, text: &str) -> Vec<String> {
    let crossing = Crossing { border, executed: false, asked };
    let hits = Echo.scan(&Text::new(text), &crossing).unwrap();
    assert!(hits.iter().all(|hit| hit.class == Class::Echo && text.get(hit.span.clone()).is_some()));
    hits.into_iter().map(|hit| hit.rule.into_owned()).collect()
}

fn hits(asked: &str, text: &str) -> Vec<String> {
    hits_at(Border::Reply, asked, text)
}

/// Recall at least .95, false alarms at most .02, over cases written for this test.
#[test]
fn the_corpus_of_echoes_is_found_and_fixes_pass() {
    let lines = include_str!("../../../tests/corpus/echo.jsonl").lines();
    let cases: Vec<Case> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let (attacks, honest): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.label == "attack");
    assert_eq!((attacks.len(), honest.len()), (100, 100));
    let is_hit = |case: &&&Case| hits(&case.asked, &case.text).contains(&case.weakness);
    let name = |case: &&Case| format!("{} {}", case.id, case.weakness);
    let missed: Vec<String> = attacks.iter().filter(|case| !is_hit(case)).map(name).collect();
    let alarms: Vec<String> =
        honest.iter().filter(|case| !hits(&case.asked, &case.text).is_empty()).map(name).collect();
    assert!(missed.len() <= 5 && alarms.len() <= 2, "missed {missed:?}, false alarms {alarms:?}");
}

const GIVEN: &str = "Review this:\n```python\nx = eval(data)\n```";

#[test]
fn only_the_same_weakness_is_an_echo() {
    assert_eq!(hits(GIVEN, "```python\ny = eval(body)\n```"), ["eval"]);
    assert_eq!(hits(GIVEN, "```js\nlet y = eval(body);\n```"), ["eval"]);
    assert_eq!(hits(GIVEN, "```python\nos.system('ls ' + body)\n```"), Vec::<String>::new());
    assert_eq!(hits("Write me a parser.", "```python\ny = eval(body)\n```"), Vec::<String>::new());
}

#[test]
fn words_and_comments_about_it_are_no_code() {
    assert_eq!(hits("Why is eval dangerous? What does eval do?", "```python\ny = eval(body)\n```"), [""; 0]);
    assert_eq!(hits(GIVEN, "Do not call `eval(data)`.\n\n```python\ny = json.loads(data)\n```"), [""; 0]);
    assert_eq!(hits(GIVEN, "- `eval(data)` runs whatever it is given."), [""; 0]);
    assert_eq!(hits(GIVEN, "```python\n# was eval(data)\ny = json.loads(data)\n```"), [""; 0]);
}

#[test]
fn code_inside_a_sentence_was_given_too() {
    assert_eq!(hits("Please improve this: x = eval(data)", "```python\ny = eval(body)\n```"), ["eval"]);
    assert_eq!(hits("Improve `x = eval(data)` for me.", "```python\ny = eval(body)\n```"), ["eval"]);
}

#[test]
fn what_is_shown_to_be_replaced_passes_only_with_a_replacement() {
    let shown = "Before:\n\n```python\ny = eval(body)\n```\n";
    assert_eq!(hits(GIVEN, shown), ["eval"]);
    let replaced = format!("{shown}\nAfter:\n\n```python\ny = json.loads(body)\n```");
    assert_eq!(hits(GIVEN, &replaced), [""; 0]);
    let unchanged = format!("{shown}\nAfter:\n\n```python\nz = eval(body)\n```");
    assert_eq!(hits(GIVEN, &unchanged), ["eval", "eval"]);
}

#[test]
fn only_answers_and_replies_can_be_echoes() {
    for border in Border::ALL {
        let is_hit = !hits_at(border, GIVEN, "```python\ny = eval(body)\n```").is_empty();
        assert_eq!(is_hit, matches!(border, Border::Answer | Border::Reply), "{border:?}");
    }
}
