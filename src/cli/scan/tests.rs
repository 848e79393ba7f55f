use super::*;
use crate::kernel::port::Finding;
use crate::scan::Scanned;
use std::time::Duration;

fn told(text: &str, args: &ScanArgs) -> (Report, String) {
    let crossing = Crossing { border: args.border, executed: args.executed, asked: &args.asked };
    let report = Report::of(text, Active::new().each(text, &crossing).unwrap());
    let lines = lines(text, args, &report, &Screen::plain()).join("\n");
    (report, lines)
}

fn at(border: Border) -> ScanArgs {
    ScanArgs { json: false, border, executed: false, asked: String::new() }
}

#[test]
fn findings_are_told_by_place_gravest_first_and_hidden_words_are_spelled_out() {
    let text = "fine so far\npay p\u{430}ypal\u{e0070}\u{e0061} \u{1b}[31mnow";
    let (report, lines) = told(text, &at(Border::ToolOutput));
    assert_eq!(report.worst, Some(Severity::High));
    let high = lines.find("high   hidden  at 2:").unwrap();
    let medium = lines.find("medium hidden  at 2:5 to 2:").unwrap();
    assert!(high < medium, "{lines}");
    assert!(lines.contains("\\u{e0070}\\u{e0061}") && lines.contains("p\\u{430}ypal"), "{lines}");
    assert!(!lines.contains('\u{1b}') && !lines.contains('\u{e0070}'), "{lines}");
}

#[test]
fn a_secret_is_not_shown_again() {
    let (report, lines) = told("password = \"kV7!mq2Lz9xx\"", &at(Border::ToolOutput));
    assert!(report.worst >= Some(Severity::Medium));
    assert!(lines.contains("characters, not shown") && !lines.contains("kV7!mq2"), "{lines}");
}

/// Findings of one span, as scanners tell them.
fn found(class: Class, severity: Severity, span: (usize, usize), rule: &str) -> Finding {
    let (start, end) = span;
    Finding {
        scanner: "x".into(),
        class,
        severity,
        start,
        end,
        rule: rule.into(),
        reason: format!("why {rule}"),
    }
}

#[test]
fn what_several_rules_see_in_one_place_is_told_once_gravest_first_and_a_secret_there_is_not_shown() {
    let text = "call kV7!mq2Lz9xx later";
    let findings = vec![
        found(Class::Command, Severity::Note, (0, 4), "elsewhere"),
        found(Class::Injection, Severity::Medium, (5, 17), "milder"),
        found(Class::Credential, Severity::High, (5, 17), "graver"),
    ];
    let report = Report::of(text, vec![Scanned { scanner: "x", findings, took: Duration::ZERO }]);
    let lines = lines(text, &at(Border::ToolOutput), &report, &Screen::plain()).join("\n");
    assert_eq!(lines.matches("at 1:6 to 1:18").count(), 1, "{lines}");
    assert_eq!(lines.matches("\n       | ").count(), 2, "{lines}");
    let order =
        ["3 findings", "rule graver", "at the same place  (scanner x, rule milder)", "rule elsewhere"];
    let places: Vec<usize> = order.iter().map(|words| lines.find(words).unwrap()).collect();
    assert!(places.is_sorted(), "{lines}");
    assert!(!lines.contains("kV7"), "{lines}");
}

#[test]
fn every_scanner_has_its_time() {
    let (report, lines) = told("The meeting is on Friday.", &at(Border::Request));
    assert!(lines.starts_with("nothing found in 25 bytes (border request)"), "{lines}");
    for told in &report.scanners {
        assert!(lines.lines().any(|line| line.starts_with(told.scanner) && line.ends_with(" us")), "{lines}");
    }
}

#[test]
fn what_is_no_text_is_told_with_its_byte() {
    let (exit, message) = text(&b"one\ntwo \xff"[..]).unwrap_err();
    assert_eq!(exit, Exit::Usage);
    assert!(message.contains("byte 8 (line 2)") && message.contains("iconv"), "{message}");
    assert_eq!(text(&b"\xc3\xa9"[..]).unwrap(), "\u{e9}");
}

#[test]
fn borders_go_by_their_names() {
    assert_eq!(border("tool-argument"), Ok(Border::ToolArgument));
    assert!(border("fence").unwrap_err().contains("tool_output, answer"));
}
