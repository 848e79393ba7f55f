use super::*;

fn text(raw: &str) -> (String, bool) {
    let word = read(raw, &Known::new()).unwrap_or_else(|| panic!("{raw:?}"));
    (word.text.clone(), word.is_literal())
}

#[test]
fn quotes_and_escapes_are_removed() {
    for (raw, expected) in [
        ("plain", "plain"),
        ("'a b'\"c d\"e", "a bc de"),
        ("r\\m", "rm"),
        ("a\\\nb", "ab"),
        ("\"a\\\"b\\$c\\d\"", "a\"b$c\\d"),
        ("$'\\x72\\155\\u0020\\n\\'\\\\'", "rm \n'\\"),
        ("$\"x\"", "x"),
        ("{}", "{}"),
        ("a{b}c", "a{b}c"),
        ("[", "["),
        ("'*'", "*"),
        ("x$", "x$"),
    ] {
        assert_eq!(text(raw), (expected.to_owned(), true), "{raw:?}");
    }
}

#[test]
fn what_the_shell_decides_is_not_literal() {
    for (raw, expected) in [
        ("$x", "$x"),
        ("${x}y", "$xy"),
        ("\"$x\"", "$x"),
        ("$1$@", "$1$@"),
        ("$(a b)", "$()"),
        ("`a`", "$()"),
        ("$((1+2))", "1+2"),
        ("$[1+2]", "1+2"),
        ("{a,b}", "{a,b}"),
        ("{1..3}", "{1..3}"),
        ("a*", "a*"),
        ("[a-z]", "[a-z]"),
        ("$HOME/x", "~/x"),
        ("${x:-rm}", "rm"),
    ] {
        assert_eq!(text(raw), (expected.to_owned(), false), "{raw:?}");
    }
}

#[test]
fn substitutions_are_found_at_any_depth() {
    for (raw, expected) in [
        ("$(a \")\" '(' $(b) # )\n)", vec!["a \")\" '(' $(b) # )\n"]),
        ("\"$(a \"$(b)\")\"", vec!["a \"$(b)\""]),
        ("`a \\`b\\``", vec!["a `b`"]),
        ("${x:-$(a)${y#`b`}}", vec!["a", "b"]),
        ("$((1 + $(a) ))", vec!["a"]),
        ("$((a); (b))", vec!["(a); (b)"]),
        ("'$(a)'", vec![]),
        ("\\$(a", vec![]),
    ] {
        let word = read(raw, &Known::new()).unwrap_or_else(|| panic!("{raw:?}"));
        assert_eq!(word.substitutions, expected, "{raw:?}");
    }
}

#[test]
fn what_does_not_close_is_no_word() {
    for raw in ["'a", "\"a", "$'a", "$(a", "${a", "`a", "a\\", "$(a ')", &"${x:-".repeat(40)] {
        assert_eq!(read(raw, &Known::new()), None, "{raw:?}");
    }
}

#[test]
fn known_variables_and_ifs() {
    let known = Known::from([("a".to_owned(), "rm".to_owned())]);
    let word = read("$a${IFS}x", &known).unwrap();
    assert!(word.text.starts_with("rm") && word.splits && word.dynamic);
}

#[test]
fn a_document_keeps_its_quotes() {
    let word = read_document("'$(a)' \"\\$x\"", &Known::new()).unwrap();
    assert_eq!((word.text.as_str(), word.substitutions.len()), ("'$()' \"$x\"", 1));
}
