//! Parser, checker and interpreter never panic, whatever text they get: noise, words of the language in any order,
//! and real plans with pieces cut, doubled and swapped. PROPTEST_CASES says how many; `just fuzz` tries millions.

use crate::easy::Easy;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use sentinel::kernel::catalogue::Catalogue;
use sentinel::kernel::gate::approved::{self, Judgement, Terms};
use sentinel::kernel::gate::checked::{self, Checking};
use sentinel::kernel::gate::screened::{self, Request, Screening};
use sentinel::kernel::id::RunId;
use sentinel::kernel::principal::Principal;
use sentinel::kernel::run::Limits;
use sentinel::kernel::run::progress::{self, Progress};
use sentinel::tool::{builtin, grants};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

mod deep;

/// Words of the language, of Python beyond it, and of the catalogue.
const TOKENS: &[&str] = &[
    "\n",
    "\n    ",
    "\n        ",
    "\n\t",
    " ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    ".",
    ";",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "+=",
    "-=",
    "|",
    "&",
    "~",
    "@",
    ":=",
    "->",
    "\\",
    "#",
    "...",
    "if ",
    "elif ",
    "else:",
    "for ",
    " in ",
    " not ",
    " and ",
    " or ",
    " is ",
    "while ",
    "def ",
    "return ",
    "class ",
    "lambda ",
    "import ",
    "try:",
    "with ",
    "del ",
    "global ",
    "async ",
    "await ",
    "match ",
    "case ",
    "break",
    "continue",
    "pass",
    "None",
    "True",
    "False",
    "x",
    "y",
    "xs",
    "_",
    "__class__",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "1e308",
    "1j",
    "0x_f",
    "1_000",
    "'a'",
    "\"\"",
    "\"\"\"",
    "'",
    "f\"{x}\"",
    "f\"{",
    "}\"",
    "f'{x!r:>{y}}'",
    "b'a'",
    "r'\\'",
    "ask(",
    "type=",
    "data=",
    "int",
    "str",
    "list",
    "dict",
    "set",
    "tuple",
    "len(",
    "range(",
    "sorted(",
    "key=",
    "min(",
    "sum(",
    "zip(",
    "enumerate(",
    "round(",
    "date(",
    "timedelta(",
    "Decimal(",
    "parse_datetime(",
    "one_of(",
    "span(",
    "like=",
    "iban",
    "Enum",
    "A",
    "or_none(",
    "confirm(",
    "answer(",
    "stop(",
    "file_read(",
    "path=",
    "file_write(",
    "content=",
    "get_mails()",
    "send_email(",
    "recipients=",
    ".append(",
    ".get(",
    ".items()",
    ".split(",
    ".join(",
    ".strftime(",
    ".format(",
    "int | None",
    "*",
    "**x",
    "é",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "😀",
    "\r",
    "\r\n",
    "\u{c}",
    "ı",
    "ǅ",
    "`",
    "$",
    "?",
];

#[expect(clippy::disallowed_methods, reason = "a test that reads its own corpus")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[expect(clippy::disallowed_methods, reason = "a test that reads its own corpus")]
fn plans(folder: &Path, out: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            plans(&path, out);
        } else if path.extension().is_some_and(|e| e == "py") {
            out.push(read(&path));
        }
    }
}

static CORPUS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut out = Vec::new();
    plans(&here("tests/plans"), &mut out);
    out
});

static OFFICE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let schemas = read(&here("tests/catalogues/office.json"));
    let rows = read(&here("tests/catalogues/office.grants.toml"));
    let schemas = grants::Named { name: "office.json", text: &schemas };
    let granted = grants::load(schemas, grants::Named { name: "office.grants.toml", text: &rows }).unwrap();
    Arc::new(Catalogue::new(builtin::tools().into_iter().chain(granted.tools)))
});

/// How far a text came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    Faulty,
    Failed,
    Done,
    Called,
}

/// Parses, checks and, when there is no fault, runs a text to its first call.
pub(super) fn try_out(text: &str) -> Came {
    let request = Request {
        run: RunId::new("run"),
        principal: Principal::new("user"),
        reply_to: Principal::new("user"),
        channel: Arc::from("test"),
        trust_level: 4,
        text: "a job".to_owned(),
    };
    let Screening::Passed(request) = screened::screen_request(request, &Easy, &Easy, &Easy).unwrap() else {
        unreachable!("nothing blocks");
    };
    let plan = match checked::check(text, &request, &OFFICE, &Easy, &Easy, &Easy).unwrap() {
        Checking::Checked(plan) => plan,
        Checking::Faulty(errors) => {
            // Showing the faults is part of it: places must be places of the text.
            assert!(!errors.to_string().is_empty());
            assert!(errors.located().count() > 0);
            return Came::Faulty;
        }
    };
    let approved = approved::judge(plan, &request, &Easy, Terms::default(), &Easy).unwrap();
    let Judgement::Approved(plan) = approved else { unreachable!("everything is allowed") };
    match progress::start(plan, Limits::default()) {
        Progress::Call(_) => Came::Called,
        Progress::Done(_) => Came::Done,
        Progress::Failed(failure) => {
            assert!(!failure.fault.to_string().is_empty());
            Came::Failed
        }
    }
}

/// One change of a plan's text.
#[derive(Debug, Clone)]
enum Change {
    Cut(usize, usize),
    Double(usize, usize),
    Put(usize, &'static str),
    Replace(usize, usize, &'static str),
    /// Lines of another plan.
    Graft(usize, usize, usize),
    SwapLines(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || any::<usize>();
    let token = || select(TOKENS);
    prop_oneof![
        (at(), 0..20usize).prop_map(|(a, n)| Change::Cut(a, n)),
        (at(), 0..40usize).prop_map(|(a, n)| Change::Double(a, n)),
        (at(), token()).prop_map(|(a, t)| Change::Put(a, t)),
        (at(), 0..8usize, token()).prop_map(|(a, n, t)| Change::Replace(a, n, t)),
        (at(), at(), at()).prop_map(|(a, b, c)| Change::Graft(a, b, c)),
        (at(), at()).prop_map(|(a, b)| Change::SwapLines(a, b)),
    ]
}

fn changed(text: &str, change: &Change) -> String {
    let chars: Vec<char> = text.chars().collect();
    let cut = |at: usize, n: usize| {
        let start = at % (chars.len() + 1);
        (start, (start + n).min(chars.len()))
    };
    let part = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
    let replaced = |from: usize, to: usize, by: &str| part(0, from) + by + &part(to, chars.len());
    match *change {
        Change::Cut(at, n) => {
            let (from, to) = cut(at, n);
            replaced(from, to, "")
        }
        Change::Double(at, n) => {
            let (from, to) = cut(at, n);
            replaced(from, from, &part(from, to))
        }
        Change::Put(at, token) => {
            let (from, _) = cut(at, 0);
            replaced(from, from, token)
        }
        Change::Replace(at, n, token) => {
            let (from, to) = cut(at, n);
            replaced(from, to, token)
        }
        Change::Graft(at, other, line) => {
            let other: Vec<&str> = CORPUS[other % CORPUS.len()].lines().collect();
            let new = other.get(line % other.len().max(1)).copied().unwrap_or_default();
            let mut lines: Vec<&str> = text.lines().collect();
            lines.insert(at % (lines.len() + 1), new);
            lines.join("\n")
        }
        Change::SwapLines(a, b) => {
            let mut lines: Vec<&str> = text.lines().collect();
            if !lines.is_empty() {
                let n = lines.len();
                lines.swap(a % n, b % n);
            }
            lines.join("\n")
        }
    }
}

fn mutant() -> impl Strategy<Value = String> {
    let start = any::<usize>().prop_map(|i| CORPUS[i % CORPUS.len()].clone());
    (start, proptest::collection::vec(change(), 1..6))
        .prop_map(|(text, changes)| changes.iter().fold(text, |text, change| changed(&text, change)))
}

fn cases(default: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    // 256 is proptest's own default, unless the environment says otherwise.
    let cases = if config.cases == 256 { default } else { config.cases };
    ProptestConfig { cases, ..config }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        try_out(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_characters_never_panic(text in any::<String>()) {
        try_out(&text);
    }

    #[test]
    fn any_words_never_panic(words in proptest::collection::vec(select(TOKENS), 0..40)) {
        try_out(&words.concat());
    }

    #[test]
    fn changed_plans_never_panic(text in mutant()) {
        try_out(&text);
    }
}

/// The properties above are about what gets far: mutants must reach every stage.
#[test]
fn mutants_reach_every_stage() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = Vec::new();
    for _ in 0..2_000 {
        let text = mutant().new_tree(&mut runner).unwrap().current();
        let came = try_out(&text);
        if !seen.contains(&came) {
            seen.push(came);
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}
