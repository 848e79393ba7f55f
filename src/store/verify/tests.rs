use super::super::tests::*;
use super::*;
use serde_json::json;

fn problems(sql: &str) -> Vec<String> {
    let f = fixture();
    for entry in [
        screened("pay ann"),
        started(1, "t", &[("x", json!(1), planned())]),
        returned(1, json!(2), planned()),
        ended(),
    ] {
        f.store.append(&run("r"), &entry).unwrap();
    }
    assert_eq!(f.store.verify().unwrap().problems, []);
    f.tamper(sql);
    let report = f.store.verify().unwrap();
    report.problems.iter().map(|p| format!("{:?} {}", p.seq.map(|s| s.0), p.what)).collect()
}

#[test]
fn an_empty_journal_is_well() {
    let f = fixture();
    assert_eq!(f.store.verify().unwrap(), VerifyReport { records: 0, head: None, problems: vec![] });
}

#[test]
fn a_report_counts_and_names_the_head() {
    let f = fixture();
    f.store.append(&run("r"), &screened("x")).unwrap();
    let first = f.store.verify().unwrap();
    f.store.append(&run("r"), &ended()).unwrap();
    let second = f.store.verify().unwrap();
    let records = f.store.records(&run("r")).unwrap();
    assert_eq!((first.records, first.head), (1, Some(records[0].digest)));
    assert_eq!((second.records, second.head), (2, Some(records[1].digest)));
}

#[test]
fn every_change_is_found() {
    let cases = [
        ("UPDATE record SET at = at + 1 WHERE seq = 2", "Some(2) does not match its digest"),
        ("UPDATE record SET run = 'other' WHERE seq = 2", "Some(2) does not match its digest"),
        ("UPDATE record SET entry = 'ended' WHERE seq = 2", "Some(2) its columns do not repeat its payload"),
        ("UPDATE record SET call = 7 WHERE seq = 2", "Some(2) its columns do not repeat its payload"),
        ("UPDATE record SET payload = x'7b7d' WHERE seq = 2", "Some(2) does not match its digest"),
        ("UPDATE record SET payload = x'00' WHERE seq = 2", "Some(2) its payload is not JSON"),
        (
            "UPDATE record SET digest = replace(digest, 'a', 'b') WHERE seq = 2",
            "Some(3) is not linked to the record before it",
        ),
        ("DELETE FROM record WHERE seq = 2", "Some(3) expected record 2"),
        ("DELETE FROM record WHERE seq = 1", "Some(2) expected record 1"),
        (
            "DELETE FROM record WHERE seq = 4",
            "None the journal ends at record 3, but a run names a later one",
        ),
        ("UPDATE record SET seq = 9 WHERE seq = 4", "Some(9) expected record 4"),
        ("UPDATE datum SET value = x'33' WHERE id = 2", "Some(2) arg:x: the value of datum 2 was changed"),
        (
            "UPDATE datum SET digest = replace(digest, '6', '7') WHERE id = 2",
            "Some(2) arg:x: the facts of datum 2 were changed",
        ),
        (
            "UPDATE datum SET derived_from = '[3]' WHERE id = 3",
            "Some(3) value: the facts of datum 3 were changed",
        ),
        (
            "UPDATE datum SET trust_level = 'trusted' WHERE id = 3",
            "Some(3) value: the facts of datum 3 were changed",
        ),
        ("UPDATE datum SET source = 'user' WHERE id = 3", "Some(3) value: the facts of datum 3 were changed"),
        (
            "UPDATE datum SET scan_results = '[]' WHERE id = 3",
            "Some(3) value: the facts of datum 3 were changed",
        ),
        ("UPDATE datum SET label = '{}' WHERE id = 3", "Some(3) value: the facts of datum 3 were changed"),
        ("DELETE FROM datum WHERE id = 1", "Some(1) request: datum 1 is missing"),
    ];
    for (sql, told) in cases {
        let found = problems(sql);
        assert!(found.iter().any(|p| p == told), "{sql}: {found:?}");
    }
}

#[test]
fn a_changed_edit_is_found() {
    let f = fixture();
    f.store.append(&run("r"), &edited("q", json!(5))).unwrap();
    assert_eq!(f.store.verify().unwrap().problems, []);
    f.tamper("UPDATE datum SET value = x'36' WHERE part = 'edit:x'");
    let problems = f.store.verify().unwrap().problems;
    assert!(problems.iter().any(|p| p.what == "edit:x: the value of datum 2 was changed"), "{problems:?}");
    assert!(f.store.edits(&run("r")).is_err(), "what was changed is never applied");
}

#[test]
fn a_rewritten_tail_does_not_verify_unless_every_link_is_made_anew() {
    // A whole record copied in place of another one, with its own valid digest.
    let found = problems(
        "UPDATE record SET (entry, call, at, payload, prev, digest) = \
         (SELECT entry, call, at, payload, prev, digest FROM record WHERE seq = 2) WHERE seq = 3",
    );
    assert!(found.contains(&"Some(3) does not match its digest".to_owned()), "{found:?}");
    assert!(found.contains(&"Some(3) is not linked to the record before it".to_owned()), "{found:?}");
}

#[test]
fn other_runs_do_not_hide_a_change() {
    let f = fixture();
    for name in ["a", "b", "c"] {
        f.store.append(&run(name), &screened(name)).unwrap();
    }
    f.tamper("UPDATE datum SET value = CAST('\"z\"' AS BLOB) WHERE run = 'b'");
    let report = f.store.verify().unwrap();
    assert_eq!(report.records, 3);
    assert_eq!(report.problems.iter().map(|p| p.seq).collect::<Vec<_>>(), [Some(Seq(2))]);
}
