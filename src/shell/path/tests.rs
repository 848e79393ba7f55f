use super::*;
use proptest::prelude::*;

fn canonical(text: &str) -> Option<String> {
    let facts = path_facts(text);
    (!facts.escapes).then_some(facts.canonical)
}

#[test]
fn plain_paths_get_one_form() {
    for (text, form) in [
        ("inbox/a.txt", "inbox/a.txt"),
        ("./inbox//a.txt", "inbox/a.txt"),
        ("inbox/./a.txt/", "inbox/a.txt"),
        ("reports/../inbox/a.txt", "inbox/a.txt"),
        (".", "."),
        ("./", "."),
        ("a/..", "."),
        ("a b/ü 漢字.md", "a b/ü 漢字.md"),
        ("100%.txt", "100%.txt"),
        ("~notes", "~notes"),
        ("2026-11-21T10:00.log", "2026-11-21T10:00.log"),
    ] {
        assert_eq!(canonical(text).as_deref(), Some(form), "{text:?}");
        assert!(!path_facts(text).absolute, "{text:?}");
    }
}

#[test]
fn what_leaves_or_reads_oddly_escapes() {
    for text in [
        "",
        "..",
        "../a",
        "a/../../b",
        "a/b/../../..",
        "a\0b",
        "a\nb",
        "a\\b",
        "a\\..\\b",
        "...",
        "a/..../b",
        "a/ ",
        " a",
        "a/ b",
        "a\u{2215}b",
        "a\u{2044}b",
        "a\u{FF0F}b",
        "a\u{29F8}b",
        "\u{2024}\u{2024}/a",
        "\u{FF0E}\u{FF0E}/a",
        "a\u{200B}b",
        "a\u{202E}b",
        "a\u{FEFF}b",
        "a\u{E0041}",
        "%2e%2e/a",
        "a%2Fb",
        "a%5cb",
        "a%00",
        "%252e%252e/a",
        "a%C0%AFb",
        "%u2215",
    ] {
        let facts = path_facts(text);
        assert!(facts.escapes, "{text:?}");
        assert_eq!((facts.canonical.as_str(), facts.root.as_str()), ("", ""), "{text:?}");
    }
    assert!(path_facts(&"a/".repeat(2049)).escapes);
    assert!(path_facts(&"a".repeat(256)).escapes);
    assert!(!path_facts(&"a".repeat(255)).escapes);
}

#[test]
fn absolute_in_every_spelling() {
    for text in [
        "/",
        "/etc/passwd",
        "//host/share",
        "\\\\host\\share",
        "\\a",
        "C:",
        "C:\\a",
        "c:/a",
        "c:a",
        "~",
        "~/a",
        "~root/a",
        "file:///etc/passwd",
        "https://example.com/a",
    ] {
        let facts = path_facts(text);
        assert!(facts.absolute && facts.escapes, "{text:?}");
    }
}

#[test]
fn root_name_and_extension_are_in_lower_case() {
    let facts = path_facts("OutBox/Sub/Run.TAR.Gz");
    assert_eq!(facts.canonical, "OutBox/Sub/Run.TAR.Gz");
    assert_eq!(
        (facts.root.as_str(), facts.name.as_str(), facts.extension.as_str()),
        ("outbox", "run.tar.gz", "gz")
    );
    for (text, extension) in
        [("a", ""), (".bashrc", ""), ("a.sh.", "sh"), ("a.b/c", ""), ("a.", ""), (".a.py", "py")]
    {
        assert_eq!(path_facts(text).extension, extension, "{text:?}");
    }
}

#[test]
fn hidden_anywhere_on_the_way() {
    for (text, hidden) in
        [(".git/a", true), ("a/.env", true), ("./a", false), ("a/../b", false), (".x/../b", false)]
    {
        assert_eq!(path_facts(text).hidden, hidden, "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_canonical_form_stays_inside_and_is_its_own_form(text in "[a-z./~%\\\\ :\u{2215}]{0,24}") {
        let facts = path_facts(&text);
        if !facts.escapes {
            prop_assert!(!facts.canonical.starts_with('/'));
            prop_assert!(facts.canonical.split('/').all(|c| !c.is_empty() && c != ".."));
            prop_assert_eq!(path_facts(&facts.canonical), facts);
        }
    }

    #[test]
    fn any_text_has_facts(text in "\\PC*") {
        let facts = path_facts(&text);
        prop_assert_eq!(facts.escapes, facts.canonical.is_empty());
        prop_assert!(facts.escapes || !facts.absolute);
    }
}
