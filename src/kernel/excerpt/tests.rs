use super::*;

/// The excerpt of the first `meant` in a text.
fn of(text: &str, meant: &str) -> Excerpt {
    let start = text.find(meant).unwrap();
    Excerpt::of(text, start..start + meant.len())
}

#[test]
fn carets_stand_under_what_is_meant() {
    for (text, meant, shown, carets) in [
        ("a = b", "b", "a = b", "    ^"),
        ("x\nab = cd\ny", "cd", "ab = cd", "     ^^"),
        ("x = \"日本語\" + y", "y", "x = \"日本語\" + y", "               ^"),
        ("x = \"日本語\"", "日本語", "x = \"日本語\"", "     ^^^^^^"),
        ("\ta = b", "b", "    a = b", "        ^"),
        ("e\u{301} = b", "b", "e\u{301} = b", "    ^"),
        ("a\u{7} = b\r\nc", "b", "a  = b", "     ^"),
        ("f(a,\n  b)", "a,\n  b", "f(a,", "  ^^"),
    ] {
        let excerpt = of(text, meant);
        assert_eq!((excerpt.shown.as_str(), excerpt.carets.as_str()), (shown, carets), "{text:?}");
    }
}

#[test]
fn places_are_counted_in_characters_from_one() {
    assert_eq!(line_column("ü\n日x", "ü\n日".len()), (2, 2));
    assert_eq!(line_column("a\n", 2), (2, 1));
    let end = Excerpt::of("a\n", 2..2);
    assert_eq!((end.shown.as_str(), end.carets.as_str()), ("", "^"));
    let empty = Excerpt::of("", 0..0);
    assert_eq!((empty.line, empty.column, empty.carets.as_str()), (1, 1, "^"));
}

#[test]
fn a_long_line_is_cut_around_what_is_meant() {
    for pad in ["a", "日"] {
        let text = format!("{}X{}", pad.repeat(500), pad.repeat(500));
        let excerpt = of(&text, "X");
        assert_eq!(excerpt.column, 501);
        assert!(excerpt.shown.starts_with('…') && excerpt.shown.chars().count() <= WIDEST);
        let shown: usize = excerpt.shown.chars().take_while(|c| *c != 'X').map(width).sum();
        assert_eq!(excerpt.carets.find('^'), Some(shown));
    }
    let long = of(&"b".repeat(500), &"b".repeat(500));
    assert_eq!(long.carets, "^".repeat(WIDEST));
}
