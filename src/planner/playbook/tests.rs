#![expect(clippy::disallowed_methods, reason = "tests lay out real files")]

use super::*;
use proptest::prelude::*;
use std::fs;

const PAY: &str = r#"# Pays what is due.
# ---
# title = "Pay what is due"
# description = "Reads the inbox."
# [[param]]
# name = "until"
# type = "date"
# doc = "the last due date"
# [[param]]
# name = "folder"
# type = "str"
# default = "inbox"
# [[param]]
# name = "limit"
# type = "int"
# default = 5
# [[param]]
# name = "names"
# type = "list[str]"
# default = ["a", "b"]
# [[param]]
# name = "strict"
# type = "bool"
# default = false
# [[param]]
# name = "share"
# type = "float"
# default = 1
# ---
answer(folder)
"#;

fn pay() -> Playbook {
    Playbook::parse("pay", PAY, None).unwrap()
}

fn faults(outcome: Result<IndexMap<Arc<str>, ParamValue>, PlaybookFailure>) -> Vec<String> {
    outcome.unwrap_err().to_string().lines().map(str::to_owned).collect()
}

/// Reads a literal as Python does, written on its own: the escapes that `quote` may use.
fn unquote(literal: &str) -> Option<String> {
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut out = String::new();
    while let Some(c) = rest.next() {
        if c != '\\' {
            // A bare quote or line end would end the literal early.
            if c == '"' || c == '\n' || c == '\r' {
                return None;
            }
            out.push(c);
            continue;
        }
        let digits = match rest.next()? {
            c @ ('"' | '\\') => {
                out.push(c);
                continue;
            }
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return None,
        };
        let code: String = rest.by_ref().take(digits).collect();
        out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
    }
    Some(out)
}

proptest! {
    #[test]
    fn a_quoted_text_reads_back_as_itself(text in any::<String>()) {
        let literal = quote(&text);
        prop_assert!(literal.chars().all(|c| matches!(c, ' '..='~')));
        prop_assert_eq!(unquote(&literal), Some(text));
    }

    #[test]
    fn a_value_cannot_become_code(text in "[\"'\\\\\n\r\u{85}\u{2028}{}#;()a]*") {
        let plan = pay().plan(&pay().values(["until=2026-01-31", &format!("folder={text}")]).unwrap());
        let (first, rest) = plan.split_once('\n').unwrap();
        prop_assert_eq!(rest, PAY);
        let folder = first.split_once("folder = ").unwrap().1.split_once("; limit = ").unwrap().0;
        prop_assert_eq!(unquote(folder), Some(text));
    }

    #[test]
    fn numbers_read_back_as_themselves(n in any::<i64>(), x in proptest::num::f64::NORMAL) {
        prop_assert_eq!(ParamValue::Int(n).literal().parse::<i64>(), Ok(n));
        let literal = ParamValue::Float(x).literal();
        prop_assert!(literal.contains(['.', 'e']));
        prop_assert_eq!(literal.parse::<f64>(), Ok(x));
    }
}

#[test]
fn a_header_is_read_in_its_order() {
    let pay = pay();
    assert_eq!((pay.title.as_str(), pay.description.as_str()), ("Pay what is due", "Reads the inbox."));
    let names: Vec<&str> = pay.params.iter().map(|p| p.name.as_ref()).collect();
    assert_eq!(names, ["until", "folder", "limit", "names", "strict", "share"]);
    assert_eq!(pay.params[0].default, None);
    assert_eq!(pay.params[5].default, Some(ParamValue::Float(1.0)));
}

#[test]
fn values_are_bound_on_one_line_before_the_text() {
    let pay = pay();
    let values = pay.values(["until=2026-01-31", "folder=in\"b\\ox", "strict=yes", "names=x, y"]).unwrap();
    let plan = pay.plan(&values);
    let first = plan.lines().next().unwrap();
    let expected = r#"until = date(2026, 1, 31); folder = "in\"b\\ox"; limit = 5; names = ["x", "y"]; strict = True; share = 1.0"#;
    assert_eq!(first, expected);
    assert_eq!(plan.lines().count(), PAY.lines().count() + pay.lines_before());
    assert_eq!(plan.lines().nth(pay.lines_before()), PAY.lines().next());
}

#[test]
fn a_list_in_json_may_hold_commas() {
    let values = pay().values(["until=2026-01-31", r#"names=["a, b", "c"]"#]).unwrap();
    assert_eq!(values["names"], ParamValue::StrList(vec!["a, b".to_owned(), "c".to_owned()]));
}

#[test]
fn every_wrong_value_is_told() {
    let given = ["limit=many", "fodler=x", "strict=perhaps", "share=nan", "novalue", "folder=a", "folder=b"];
    let expected = [
        "--param limit: `many` is not a whole number, such as 30",
        "--param fodler: the playbook `pay` has no such parameter; did you mean `folder`?",
        "--param strict: `perhaps` is not true or false",
        "--param share: `nan` is not a number, such as 12.5",
        "--param novalue: write it as NAME=VALUE",
        "--param folder: given twice",
        "--param until: missing; the playbook `pay` needs it (date: the last due date)",
    ];
    assert_eq!(faults(pay().values(given)), expected);
    let smallest = faults(pay().values(["until=2026-01-31", "limit=-9223372036854775808"]));
    assert_eq!(smallest, ["--param limit: `-9223372036854775808` is not a whole number, such as 30"]);
    for date in ["31.01.2026", "2026-02-30", "2026-01-31T00:00"] {
        let faults = faults(pay().values([format!("until={date}").as_str()]));
        assert_eq!(faults, [format!("--param until: `{date}` is not a date, such as 2026-11-30")]);
    }
}

#[test]
fn the_digest_covers_text_and_header_and_not_the_values() {
    let pay = pay();
    let other_default = Playbook::parse("pay", &PAY.replace("\"inbox\"", "\"outbox\""), None).unwrap();
    assert_ne!(pay.digest, other_default.digest);
    let bare = Playbook::parse("p", "answer(1)", None).unwrap();
    let beside = Playbook::parse("p", "answer(1)", Some("title = \"x\"")).unwrap();
    assert_ne!(bare.digest, beside.digest);
    assert_eq!(Playbook::parse("q", "answer(1)", None).unwrap().digest, bare.digest);
}

#[test]
fn every_fault_of_a_header_is_told_with_its_line() {
    let text = r#"# ---
# titel = "x"
# [[param]]
# name = "ask"
# type = "str"
# [[param]]
# name = "n"
# type = "number"
# [[param]]
# name = "m"
# [[param]]
# name = "k"
# type = "int"
# defualt = 3
# default = "three"
# ---
"#;
    let expected = "p.py:2: unknown key `titel`; did you mean `title`?\n\
        p.py:4: `ask` cannot be the name of a parameter in a plan\n\
        p.py:8: `type` cannot be `number`; it is one of str, int, float, bool, date, list[str]\n\
        p.py:9: a parameter needs a name and a type: name = \"x\", type = \"str\"\n\
        p.py:14: unknown key `defualt`; did you mean `default`?\n\
        p.py:15: the default of `k` is not of its type, int";
    assert_eq!(Playbook::parse("p", text, None).unwrap_err().to_string(), expected);
    let twice = "[[param]]\nname = \"a\"\ntype = \"int\"\n".repeat(2);
    let twice = Playbook::parse("p", "", Some(&twice)).unwrap_err().to_string();
    assert_eq!(twice, "p.toml:1: the parameter `a` stands there twice");
    let open = Playbook::parse("p", "# hello\n# ---\n# title = \"x\"\nanswer(1)\n", None).unwrap_err();
    assert_eq!(open.to_string(), "p.py:2: the header is not closed; end it with a line `# ---`");
    let syntax = Playbook::parse("p", "# ---\n# title = x\n# ---\n", None).unwrap_err().to_string();
    assert!(syntax.starts_with("p.py:2: "), "{syntax}");
    let both = Playbook::parse("p", PAY, Some("title = \"x\"")).unwrap_err();
    assert!(both.to_string().contains("keep one"));
}

#[test]
fn a_folder_lists_its_playbooks_and_their_faults() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pay.py"), PAY).unwrap();
    fs::write(folder.path().join("note.py"), "\u{feff}answer(1)").unwrap();
    fs::write(folder.path().join("note.toml"), "title = \"A note\"").unwrap();
    fs::write(folder.path().join("broken.py"), b"\xff").unwrap();
    fs::write(folder.path().join("README.md"), "").unwrap();
    let all = list(folder.path()).unwrap();
    let names: Vec<(&str, bool)> = all.iter().map(|one| (one.name.as_ref(), one.playbook.is_ok())).collect();
    assert_eq!(names, [("broken", false), ("note", true), ("pay", true)]);
    let note = find(folder.path(), "note").unwrap();
    assert_eq!((note.title.as_str(), note.text.as_str()), ("A note", "answer(1)"));
    assert_eq!(note.lines_before(), 0);
    let broken = find(folder.path(), "broken").unwrap_err().to_string();
    assert_eq!(broken, "the playbook file broken.py cannot be read: byte 0 is not UTF-8");
    let unknown = find(folder.path(), "payy").unwrap_err().to_string();
    assert_eq!(unknown, "there is no playbook `payy`; did you mean `pay`?");
    assert_eq!(list(&folder.path().join("none")).unwrap().len(), 0);
}
