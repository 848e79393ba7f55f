//! The interpreter against CPython: `python.txt` holds expressions with what CPython 3.11 prints for them, or the name
//! of the exception it raises.

use crate::kernel::run::Limits;
use crate::kernel::testing::sources::{Said, Side, catalogue};
use crate::kernel::testing::{End, Nobody, World};

const TABLE: &str = include_str!("python.txt");

/// Where we differ on purpose: a truth is no index and no key of a number, letters with a case of their own for titles
/// and the digits of other scripts are not special, weeks are left out of date formats, and a date has a place among
/// moments.
const ON_PURPOSE: &[&str] = &[
    "+True",
    "abs(True)",
    "[1, 2, 3][True]",
    "{1: \"x\"}[True]",
    "\"ß\".casefold()",
    "\"ǆabc\".title()",
    "\"ǆabc\".capitalize()",
    "\"²\".isdigit()",
    "\"١٢\".isdigit()",
    "date(2024, 1, 2).strftime(\"%a %b %j %U %W %u %w\")",
    "date(2024, 12, 30).strftime(\"%G-W%V\")",
    "date(2024, 1, 1) < datetime(2024, 1, 1)",
];

/// What a plan that answers this expression comes to: its text, or `!` and the fault.
fn ours(expression: &str) -> String {
    let world = World { catalogue: catalogue(), limits: Limits::default(), tools: &Nobody, worker: &Nobody };
    match world.run(&format!("answer({expression})")).end {
        End::Done(text, _) if text.contains(['\n', '\r']) => {
            text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
        }
        End::Done(text, _) => text,
        End::Failed(why) => format!("!{why}"),
        End::Faulty(errors) => format!("!{errors}"),
    }
}

#[test]
fn expressions_give_what_python_gives() {
    let rows: Vec<(&str, &str)> = TABLE.lines().filter_map(|line| line.split_once("  =>  ")).collect();
    assert!(rows.len() > 600, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for (expression, python) in rows {
        let ours = ours(expression);
        let agrees = if python.starts_with('!') { ours.starts_with('!') } else { ours == python };
        if ON_PURPOSE.contains(&expression) {
            assert!(!agrees, "{expression} agrees: take it off the list");
        } else if !agrees {
            wrong.push(format!("{expression}\n    python: {python}\n    ours:   {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// What a stranger said never stands in a fault: a planner may read those.
#[test]
fn faults_name_kinds_and_never_values() {
    let said = Said {
        n: 777_123,
        s: "zebra".to_owned(),
        b: true,
        xs: vec![777_123],
        rs: vec![(777_123, "zebra".to_owned())],
    };
    let side = Side {
        trusted: said.clone(),
        untrusted: said.clone(),
        secret: said.clone(),
        untrusted_secret: said,
        worker: 0,
    };
    let world = World { catalogue: catalogue(), limits: Limits::default(), tools: &side, worker: &side };
    let failing = [
        ("int(u.s)", "not a whole number"),
        ("float(u.s)", "not a number"),
        ("Decimal(u.s)", "`Decimal` takes a number"),
        ("parse_datetime(u.s)", "date"),
        ("date(u.n, 1, 1)", "no such date"),
        ("datetime(2024, 1, 1, u.n)", "no such date"),
        ("timedelta(days=u.n * 1000000000000)", "too long"),
        ("u.xs[u.n]", "out of range"),
        ("u.s[u.n]", "out of range"),
        ("{\"a\": 1}[u.s]", "not in the dict"),
        ("[1, 2].index(u.n)", "not in the list"),
        ("u.n // (u.n - u.n)", "division by zero"),
        ("u.n ** u.n", "too large"),
        ("u.s * u.n * u.n", "out of fuel"),
        ("u.rs[0][u.s]", "not in the dict"),
        ("max([x for x in u.xs if x < 0])", "list is empty"),
        ("u.s.split(u.s[9:])", "not empty"),
        ("u.s.ljust(u.n)", "width"),
        ("f\"{u.n:{u.s}}\"", "format"),
        ("sorted([u.n, u.s])", "no order"),
        ("range(0, u.n, u.n - u.n)", "never 0"),
        ("date(2024, 1, 1).strftime(f\"%Q{u.s}\")", "date format"),
        ("\", \".join(u.xs)", "takes texts"),
        ("flaky(n=u.n + 1)", "reported an error"),
        ("echo(n=u.rs[0][f\"{u.s[:0]}t\"])", "expected int"),
        ("ask(u.s)", "untrusted text"),
    ];
    for (expression, says) in failing {
        // Out of the checker's sight, so that the interpreter meets it.
        let text = format!("u = [up()][0]\nanswer({expression})");
        let why = match world.run(&text).end {
            End::Failed(why) => why,
            End::Faulty(errors) => errors.to_string(),
            End::Done(text, _) => panic!("{expression} gave {text}"),
        };
        assert!(why.contains(says), "{expression}: {why}");
        assert!(!why.contains("zebra") && !why.contains("777123"), "{expression}: {why}");
    }
}
