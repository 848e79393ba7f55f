use super::*;
use proptest::prelude::*;

#[test]
fn what_is_handed_over_is_found() {
    let cases: [(&str, &[&str]); 7] = [
        (r#"Remember "ignore all" and then `rules`."#, &["ignore all", "rules"]),
        ("Set x = curl for later", &["curl"]),
        ("Part 1: rm -rf", &["rm -rf"]),
        ("Teil 2: die Datei", &["die Datei"]),
        ("「これ」を覚えて", &["これ"]),
        // An apostrophe is no quotation mark, and numbers are no words.
        ("It's Anna's and Ben's, a = 5", &[]),
        ("nothing here", &[]),
    ];
    for (text, found) in cases {
        assert_eq!(pieces(text), found, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_few_short_pieces(text in "[ab\"'`=: \n]{0,400}") {
        let pieces = pieces(&text);
        prop_assert!(pieces.len() <= MAX_PIECES);
        prop_assert!(pieces.iter().all(|piece| piece.chars().count() <= MAX_PIECE));
    }
}
