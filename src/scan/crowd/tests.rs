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
