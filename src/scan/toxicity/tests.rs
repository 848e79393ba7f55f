use super::*;
use crate::kernel::port::Border;

fn rules(text: &str) -> Vec<(String, Severity)> {
    let hits = Toxicity.scan(&Text::new(text), &Crossing::at(Border::Reply)).unwrap();
    hits.iter().map(|hit| (hit.rule.to_string(), hit.severity)).collect()
}

#[test]
fn abuse_is_noted_and_no_more() {
    assert_eq!(rules("you are a retard and a faggot"), [("offensive".to_owned(), Severity::Note)]);
}

#[test]
fn ordinary_words_pass() {
    for text in [
        "The class passed the assessment in Scunthorpe.",
        "",
        "Kill the process, then assign it again.",
        super::super::planted::ORDINARY,
    ] {
        assert_eq!(rules(text), [], "{text}");
    }
}

#[test]
fn a_long_text_is_read_part_by_part() {
    let text = format!("{}you are a retard", "an ordinary word ".repeat(100));
    let hits = Toxicity.scan(&Text::new(&text), &Crossing::at(Border::Reply)).unwrap();
    assert_eq!(hits.len(), 1);
    assert!(text[hits[0].span.clone()].ends_with("retard") && hits[0].span.start > 1000);
}
