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
    fn parts_tell_what_the_whole_tells(text in "[\\^ab]{0,40}", by in 1_usize..8) {
        let looked_for = ["^ab^", "ab", "^aab", "b^a"];
        let text = format!("{text}..........");
        prop_assert_eq!(without(&looked_for, &text, by), without(&looked_for, &text, 1_000));
    }

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

#[test]
fn a_text_of_nothing_but_words_takes_linear_time() {
    // Looking for each absent word again behind every hit took an hour for this.
    let (many, mut found, mut rolling) = (600_000, 0, words(&["<think>", "</think>", "^ab^", "bcd"]));
    rolling.take(&"<think>".repeat(many), |met| found += usize::from(met == Met::Word(0)));
    assert_eq!(found, many);
}
