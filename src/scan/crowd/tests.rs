use super::*;
use crate::kernel::port::{Class, Severity};

fn hit(class: Class, severity: Severity, at: usize) -> Hit {
    Hit { class, severity, span: at..at + 1, rule: "r".into(), reason: "".into() }
}

fn told(hits: &[Hit]) -> Vec<(Class, Severity, Range<usize>)> {
    hits.iter().map(|hit| (hit.class, hit.severity, hit.span.clone())).collect()
}

#[test]
fn a_grave_one_is_not_lost_among_notes() {
    let mut hits: Vec<Hit> = (0..5).map(|at| hit(Class::Personal, Severity::Note, at)).collect();
    hits.push(hit(Class::Credential, Severity::High, 9));
    let kept = kept(hits, 3);
    assert!(told(&kept).contains(&(Class::Credential, Severity::High, 9..10)), "{kept:?}");
    assert_eq!(kept.len(), 3);
}

#[test]
fn those_beyond_the_most_widen_the_last_of_their_kind() {
    let hits = (0..6).map(|at| hit(Class::Credential, Severity::High, at * 2)).collect();
    let expected = [(Class::Credential, Severity::High, 0..1), (Class::Credential, Severity::High, 2..11)];
    assert_eq!(told(&kept(hits, 2)), expected);
}

#[test]
fn another_kind_is_told_by_itself() {
    let mut hits: Vec<Hit> = (0..3).map(|at| hit(Class::Hidden, Severity::High, at)).collect();
    hits.extend((5..8).map(|at| hit(Class::Hidden, Severity::Medium, at)));
    hits.push(hit(Class::Injection, Severity::Medium, 9));
    let expected = [
        (Class::Hidden, Severity::High, 0..1),
        (Class::Hidden, Severity::High, 1..3),
        (Class::Hidden, Severity::Medium, 5..8),
        (Class::Injection, Severity::Medium, 9..10),
    ];
    assert_eq!(told(&kept(hits, 2)), expected);
}

#[test]
fn few_stay_as_they_are() {
    let hits = vec![hit(Class::Hidden, Severity::Note, 7), hit(Class::Hidden, Severity::High, 3)];
    assert_eq!(kept(hits.clone(), 2), hits);
}

#[test]
fn a_rule_is_told_of_once_where_its_stretches_overlap() {
    let at = |span: Range<usize>, rule: &'static str| Hit {
        span,
        rule: rule.into(),
        ..hit(Class::Path, Severity::Medium, 0)
    };
    let mut crowd = Crowd::default();
    for (span, rule) in [(8..12, "a"), (2..4, "a"), (3..9, "a"), (9..10, "a"), (4..8, "a"), (2..4, "b")] {
        crowd.add(at(span, rule));
    }
    crowd.widen(at(1..2, "wide"));
    crowd.widen(at(5..6, "wide"));
    let told: Vec<_> = crowd.kept(9).into_iter().map(|hit| (hit.span, hit.rule)).collect();
    let expected = [(8..12, "a"), (2..4, "a"), (4..8, "a"), (2..4, "b"), (1..6, "wide")];
    assert_eq!(told, expected.map(|(span, rule)| (span, rule.into())));
}
