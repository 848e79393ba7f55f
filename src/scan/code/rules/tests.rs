use super::*;
use crate::scan::code::syntax;
use std::collections::BTreeSet;

/// The rules that hold of a snippet in a language.
fn holding(code: &str, language: Language) -> BTreeSet<&'static str> {
    let rules = rules().unwrap();
    let candidates = rules.candidates(code);
    let mut holding = BTreeSet::new();
    syntax::each(code, language, &mut |fact| {
        let held = candidates.iter().filter(|rule| rule.applies(language, code) && rule.holds(fact, code));
        holding.extend(held.map(|rule| rule.row.id.as_str()));
    });
    holding
}

#[test]
fn every_rule_holds_of_its_bad_example_and_not_of_its_good_one() {
    let mut wrong = Vec::new();
    for rule in &rules().unwrap().all {
        let row = &rule.row;
        let language = row.languages[0];
        if !holding(&row.bad, language).contains(row.id.as_str()) {
            wrong.push(format!("{} misses its bad example", row.id));
        }
        if holding(&row.good, language).contains(row.id.as_str()) {
            wrong.push(format!("{} holds of its good example", row.id));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn names_are_unique_and_kebab_case_and_nothing_is_high() {
    let mut seen = BTreeSet::new();
    for rule in &rules().unwrap().all {
        let row = &rule.row;
        for name in [&row.id, &row.weakness] {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
        }
        assert!(seen.insert(row.id.as_str()), "{} twice", row.id);
        assert!(row.severity < Severity::High, "{}: honest code has it", row.id);
        assert!(!row.languages.is_empty() && !row.words.is_empty(), "{}", row.id);
        assert!(row.reason.chars().next().is_some_and(char::is_lowercase), "{}", row.id);
    }
}
