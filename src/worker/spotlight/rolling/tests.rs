use super::*;
use proptest::prelude::*;

fn words(words: &[&str]) -> Rolling {
    Rolling::new(words.iter().map(|word| (*word).to_owned()))
}

/// The text without the words, read in parts of so many characters. What is held at the end is not there.
fn without(looked_for: &[&str], text: &str, by: usize) -> String {
    let (mut rolling, mut out) = (words(looked_for), String::new());
    let chars: Vec<char> = text.chars().collect();
    for part in chars.chunks(by) {
        rolling.take(&part.iter().collect::<String>(), |met| {
            if let Met::Text(text) = met {
                out.push_str(text);
            }
        });
    }
    out
}

proptest! {
    #[test]
    fn cuts_do_not_matter(text in "[\\^abé ]{0,60}", by in 1_usize..8) {
        // What ends the text is no beginning of a mark.
        let text = format!("{text}.");
        prop_assert_eq!(without(&["^ab^"], &text, by), text.replace("^ab^", ""));
    }
}

#[test]
fn the_longer_word_counts_and_beginnings_wait() {
    for by in 1..12 {
        assert_eq!(
            without(&["<document-bcd>", "bcd"], "a <document-bcd> b bcd <document- c.", by),
            "a  b  <document- c."
        );
    }
    assert_eq!(without(&["^ab^"], "x ^ab", 2), "x ", "that may become the mark");
    assert_eq!(without(&["^ab^"], "x ^ab^^a", 3), "x ");
    let mut found = Vec::new();
    words(&["one", "two"]).take("two one", |met| found.push(format!("{met:?}")));
    assert_eq!(found, ["Word(1)", "Text(\" \")", "Word(0)"]);
}
