use super::*;
use proptest::prelude::*;

fn scanned(spans: &[(usize, usize, Severity)]) -> Vec<Scanned> {
    let finding = |(start, end, severity): &(usize, usize, Severity)| Finding {
        scanner: "x".into(),
        class: Class::Hidden,
        severity: *severity,
        start: *start,
        end: *end,
        rule: "r".into(),
        reason: "why".to_owned(),
    };
    let took = Duration::from_micros(1_500);
    vec![
        Scanned { scanner: "x", findings: spans.iter().map(finding).collect(), took },
        Scanned { scanner: "quiet", findings: Vec::new(), took },
    ]
}

#[test]
fn places_are_told_in_lines_and_characters() {
    let text = "aé\nñbc\n";
    let report = Report::of(
        text,
        scanned(&[(4, 7, Severity::Note), (0, 8, Severity::Medium), (8, 8, Severity::Note)]),
    );
    let at = |n: usize| {
        let f = &report.scanners[0].findings[n];
        (f.line, f.column, f.end_line, f.end_column)
    };
    assert_eq!(at(0), (2, 1, 2, 3));
    assert_eq!(at(1), (1, 1, 2, 4));
    assert_eq!(at(2), (2, 4, 2, 4));
    assert_eq!((report.worst, report.took_us), (Some(Severity::Medium), 3_000));
    assert_eq!(report.scanners[1].findings, []);
}

#[test]
fn nothing_found_is_no_severity() {
    let report = Report::of("fine", scanned(&[]));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["worst"], serde_json::Value::Null);
    assert_eq!(json["scanners"][0]["scanner"], "x");
}

proptest! {
    #[test]
    fn every_place_is_where_counting_says(text in "[a-zé\n\u{1f600}]{0,40}", cut in 0_usize..60) {
        let byte = text.floor_char_boundary(cut.min(text.len()));
        let before = &text[..byte];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        prop_assert_eq!(places(&text, vec![byte])[&byte], (line, column));
    }
}
