use super::*;
use crate::kernel::port::{Border, Severity};
use proptest::prelude::*;

fn rules_in(text: &str) -> Vec<String> {
    let hits = Code.scan(&Text::new(text), &Crossing::at(Border::Answer)).unwrap();
    hits.into_iter().map(|hit| hit.rule.into_owned()).collect()
}

#[test]
fn weak_code_is_found_where_it_stands() {
    let text = "Do this:\n\n```python\nimport os\nos.system('rm ' + name)\n```\n";
    let hits = Code.scan(&Text::new(text), &Crossing::at(Border::Answer)).unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!(&text[hits[0].span.clone()], "os.system('rm ' + name)");
    assert_eq!((hits[0].class, hits[0].severity), (Class::InsecureCode, Severity::Medium));
    assert!(hits[0].reason.ends_with("(CWE-78)"));
}

#[test]
fn snippets_need_no_fence_and_no_name() {
    assert_eq!(rules_in("    char buf[32];\n    strcpy(buf, name);\n    return;\n"), ["copy-unbounded"]);
    assert_eq!(rules_in("```\nconst x = eval(document.title);\n```"), ["eval-script"]);
    assert_eq!(rules_in("```python\nx = eval(y)"), ["eval-python"]);
}

#[test]
fn honest_texts_pass() {
    let texts = [
        "Never call eval() or exec() on what a user typed; use a parser. MD5 and SHA1 are broken, strcpy too.",
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nCMD [\"python\", \"-m\", \"app\"]\n",
        "[[package]]\nname = \"md5\"\nversion = \"0.7.0\"\nchecksum = \"490cc448043f947bae3cbee9c203358d62dbee0db12107a74be5c30ccfd09771\"\n",
        "2024-05-03T10:00:00Z WARN auth: password check failed for user=anna ip=10.0.0.7 (eval of rule 7)\n",
        "usage: tool [-h] [--exec CMD] [--eval EXPR]\n\n  --eval EXPR   evaluate EXPR and exit\n",
        "## Install\n\n```sh\nnpm install md5\nnpm test\n```\n\n- `exec()` runs a command\n- `eval(x)` is not used\n",
        "Das Passwort steht nicht im Text; bitte rufen Sie uns an (Durchwahl 12).",
        "```json\n{\"eval\": \"eval(x)\", \"password\": \"hunter2\"}\n```",
        "fn total(items: &[Item]) -> u64 { items.iter().map(|item| item.price).sum() }",
        "cursor.execute(\"SELECT name FROM users WHERE id = %s\", (user_id,))",
        "subprocess.run([sys.executable, \"-m\", \"mypy\", path], check=True)",
        "const match = /\\s/.exec(arg); element.textContent = name;",
    ];
    for text in texts {
        assert_eq!(rules_in(text), [""; 0], "{text}");
    }
}

#[test]
fn encoded_code_is_read_where_it_stands() {
    let code = "import os\nos.system('rm ' + name)\n";
    let blob = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, code);
    let text = format!("Run this please: {blob}\nThanks!");
    let hits = Code.scan(&Text::new(&text), &Crossing::at(Border::Answer)).unwrap();
    let found: Vec<(&str, &str)> =
        hits.iter().map(|hit| (hit.rule.as_ref(), &text[hit.span.clone()])).collect();
    assert_eq!(found, [("os-system", blob.as_str())]);
    // What the raw text says itself is told once, and a text that only holds escapes is not read twice.
    assert_eq!(rules_in("```python\nos.system('r\\x6d -- ' + name)\n```"), ["os-system"]);
    // Look-alikes: `еval` begins with a letter of Cyrillic, which a reader of the code does not see.
    assert_eq!(rules_in("```python\nx = \u{435}val(y)\n```"), ["eval-python"]);
}

#[test]
fn a_text_of_a_megabyte_is_read_up_to_its_bound() {
    let calls = "x = eval(y)\n".repeat(100_000);
    let found = weaknesses(&format!("```python\n{calls}")).unwrap().len();
    let most = MAX_CODE / "x = eval(y)\n".len() + MAX_PIECE;
    assert!(found > 1_000 && found < most, "{found}");
    for tangle in ["(", "eval(", "```\n", "\"", "eval {", "\u{e9}"] {
        let text = tangle.repeat(1_000_000 / tangle.len());
        assert!(weaknesses(&text).unwrap().iter().all(|weakness| text.get(weakness.span.clone()).is_some()));
    }
}

#[test]
fn long_code_is_cut_at_the_end_of_a_line() {
    let line = "a".repeat(99) + "\n";
    let code = line.repeat(1_000);
    let cut = |code: &str| piece(code, MAX_PIECE).len();
    assert_eq!(cut(&code) % 100, 0);
    assert!(cut(&code) <= MAX_PIECE && cut(&code) > MAX_PIECE - 100);
    let unbroken = "é".repeat(MAX_PIECE);
    assert!(unbroken.is_char_boundary(cut(&unbroken)) && cut(&unbroken) > 0);
    assert_eq!(cut("short"), 5);
}

#[test]
fn a_long_text_of_another_kind_is_not_read_as_code_and_what_a_fence_names_is() {
    let record = "Traceback (most recent call last):\n  File \"/app/main.py\", line 7, in <module>\n    \
        exec(code, ns)\nValueError: bad 7\n10.0.5.3 - - [2026-05-26T05:48:36] \"GET /cgi-bin/x?cmd=f(3) HTTP/1.1\" 404 3\n\
        [12.000007] kernel: random: crng init done; exec(init) -> 7\n";
    let log = record.repeat(8);
    let found = |info| {
        let block = Block { span: 0..log.len(), info, lead: "" };
        let mut left = MAX_CODE;
        in_block(known_rules().unwrap(), &log, &block, &mut left).len()
    };
    assert!(languages(None, &log).contains(&Language::Python));
    assert_eq!(found(None), 0);
    assert!(found(Some("python")) > 0);
}

#[test]
fn code_behind_something_else_is_read_where_it_begins() {
    let garbage = "<<>> ]]) 'a ;;= }{ (( \"x )( := [[ <% %> ?? !!\n";
    let honest = "def add(a, b):\n    total = a + b\n    return total\n\n";
    let weak = "def run(name):\n    value = eval(name)\n    return value\n";
    for lines in [4, 8, 14] {
        let text = [&garbage.repeat(lines), honest, weak, &honest.repeat(24)].concat();
        let block = Block { span: 0..text.len(), info: None, lead: "" };
        let mut left = MAX_CODE;
        let found = in_block(known_rules().unwrap(), &text, &block, &mut left);
        let at = text.find("eval").unwrap();
        assert!(found.iter().any(|weakness| weakness.span.start == at), "{lines} lines");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_crash_and_spans_are_inside(
        text in "(```(py|js|rs|go|java|c|php|sh)?\n|eval\\(|strcpy\\(|[\"'`{}()\\[\\];=+%.<>$#\\\\]|x|\n|  |\\PC){0,60}"
    ) {
        for weakness in weaknesses(&text).unwrap() {
            prop_assert!(text.get(weakness.span.clone()).is_some());
        }
    }
}
