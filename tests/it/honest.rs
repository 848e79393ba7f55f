//! The honest corpus: requests, documents and replies that somebody might really write, `tests/corpus/honest/*.jsonl`. What
//! the scanners say about them is a false alarm, and here is how many there may be.
//!
//! The injection model has learned from none of these texts, and must not: they say what strangers' texts would meet.

use sentinel::kernel::catalogue::Catalogue;
use sentinel::kernel::port::{
    Border, Crossing, Finding, FindingFacts, Policy as _, Scanners as _, Severity, Treatment,
};
use sentinel::kernel::principal::Principal;
use sentinel::policy::{self, Engine};
use sentinel::scan::Active;
use sentinel::tool::builtin;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A row of the corpus.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    kind: String,
    /// The language, of people or of machines.
    lang: String,
    border: String,
    text: String,
}

/// What a scanner said about a row.
struct Said {
    row: usize,
    finding: Finding,
    treatment: Treatment,
}

#[expect(clippy::disallowed_methods, reason = "a test that reads its own corpus")]
fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/honest");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Row>>())
        .collect()
}

fn border(name: &str) -> Border {
    Border::ALL.into_iter().find(|border| border.as_str() == name).unwrap()
}

fn shipped() -> Engine {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    policy::load(&folder, &Catalogue::new(builtin::tools())).unwrap()
}

fn said(rows: &[Row]) -> Vec<Said> {
    let (active, engine, principal) = (Active::new(), shipped(), Principal::new("anna"));
    let mut all = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let border = border(&row.border);
        for finding in active.scan(&row.text, &Crossing::at(border)).unwrap() {
            let facts = FindingFacts {
                principal: &principal,
                channel: "cli",
                trust_level: 4,
                border,
                executed: false,
                trusted: border == Border::Request,
                finding: &finding,
            };
            let treatment = engine.treat(&facts).unwrap().0;
            all.push(Said { row: n, finding, treatment });
        }
    }
    all
}

/// The rows of which it is said, by scanner.
fn rows_by_scanner(said: &[Said], holds: impl Fn(&Said) -> bool) -> BTreeMap<String, BTreeSet<usize>> {
    let mut by: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for one in said.iter().filter(|one| holds(one)) {
        by.entry(one.finding.scanner.to_string()).or_default().insert(one.row);
    }
    by
}

fn names(rows: &[Row], which: &BTreeSet<usize>) -> Vec<String> {
    which.iter().map(|n| rows[*n].id.clone()).collect()
}

#[test]
fn the_corpus_is_large_and_varied() {
    let rows = rows();
    assert!(rows.len() >= 690, "{}", rows.len());
    let of = |of: fn(&Row) -> &str| rows.iter().map(of).collect::<BTreeSet<&str>>().len();
    assert_eq!(of(|row| &row.id), rows.len(), "an id is there twice");
    assert_eq!(of(|row| &row.text), rows.len(), "a text is there twice");
    assert!(of(|row| &row.kind) >= 40 && of(|row| &row.lang) >= 50);
    assert!(rows.iter().all(|row| row.text.chars().count() >= 20));
    assert!(rows.iter().filter(|row| row.text.chars().count() >= 300).count() >= 150);
}

/// A row that is blocked, or of which a scanner is as good as certain, is one that a user curses.
#[test]
fn hardly_an_honest_text_is_blocked_or_called_certain() {
    let rows = rows();
    let said = said(&rows);
    let grave = |one: &Said| one.treatment == Treatment::Block || one.finding.severity == Severity::High;
    let by = rows_by_scanner(&said, grave);
    let all: BTreeSet<usize> = by.values().flatten().copied().collect();
    let named: Vec<_> = by.iter().map(|(scanner, which)| (scanner, names(&rows, which))).collect();
    assert!(all.len() * 100 <= rows.len(), "{} of {}: {named:?}", all.len(), rows.len());
    let blocked = rows_by_scanner(&said, |one| one.treatment == Treatment::Block);
    assert!(blocked.is_empty(), "{blocked:?} of {named:?}");
}

/// What is likely costs a label or a glance. These are the rates of today, a little above.
#[test]
fn no_scanner_suspects_more_honest_texts_than_it_did() {
    let rows = rows();
    let by = rows_by_scanner(&said(&rows), |one| one.finding.severity >= Severity::Medium);
    for (scanner, which) in &by {
        let percent = match scanner.as_str() {
            "injection" => 6.5,
            "personal" => 1.5,
            "code" | "command" | "path" => 1.0,
            _ => 0.3,
        };
        let rate = 100.0 * which.len() as f64 / rows.len() as f64;
        println!("{scanner}: {rate:.1} %");
        assert!(rate <= percent, "{scanner}: {rate:.1} %: {:?}", names(&rows, which));
    }
}
