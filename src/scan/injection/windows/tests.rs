use super::*;
use proptest::prelude::*;

fn units(text: &str, port: Port) -> Units {
    Units::of(&Features::of(text, port), port)
}

fn one(range: Range<usize>) -> Vec<Range<usize>> {
    std::iter::once(range).collect()
}

#[test]
fn a_short_text_is_one_window_and_a_long_one_overlapping_ones() {
    assert!(windows(0).is_empty());
    assert_eq!(windows(60), one(0..60));
    assert_eq!(windows(61), [0..40, 20..60, 40..61]);
    assert_eq!(windows(80), [0..40, 20..60, 40..80]);
}

#[test]
fn only_documents_have_sentences_and_only_long_requests_are_also_judged_whole() {
    let short = "Please pay it. Then tell me.";
    assert_eq!(units(short, Port::User), Units { windows: one(0..6), ..Units::default() });
    assert_eq!(units(short, Port::Data).sentences, [0..3, 3..6]);
    assert!(units("Please pay it.", Port::Data).sentences.is_empty());
    let long = "word ".repeat(100);
    assert_eq!(units(&long, Port::User).whole, Some(0..100));
    assert_eq!(units(&long, Port::Data).whole, None);
}

#[test]
fn fragments_and_endless_lines_are_no_sentences() {
    assert_eq!(units("Yes.\nOh no.\nPlease pay it now.\nThen go home.", Port::Data).sentences, [3..7, 7..10]);
    let endless = format!("{}\nPlease pay it now.", "word ".repeat(200));
    assert_eq!(units(&endless, Port::Data).sentences, one(200..204));
}

proptest! {
    #[test]
    fn every_token_is_in_a_window_with_its_neighbours(tokens in 1_usize..2_000) {
        let windows = windows(tokens);
        prop_assert_eq!(windows.first().unwrap().start, 0);
        prop_assert_eq!(windows.last().unwrap().end, tokens);
        for (a, b) in windows.iter().zip(windows.iter().skip(1)) {
            prop_assert_eq!(b.start, a.start + STRIDE);
            prop_assert!(b.start < a.end && b.end > a.end);
        }
    }
}
