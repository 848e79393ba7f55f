use super::super::tests::*;
use super::super::{AddedDatum, Store};
use super::*;
use crate::kernel::label::Capacity;
use crate::kernel::record::Entry;
use serde_json::json;

fn tool(name: &str) -> Label {
    Label::trusted_from(Source::Tool(name.into()))
}

fn record(store: &Store, entries: &[Entry]) {
    for entry in entries {
        store.append(&run("r"), entry).unwrap();
    }
}

/// The row of a part, such as `value`, of a call.
fn row(store: &Store, call: Option<u32>, part: &str) -> DatumRow {
    let rows = store.data(&run("r")).unwrap();
    let found = rows.into_iter().rfind(|row| row.call == call.map(CallNo) && row.part.as_ref() == part);
    found.unwrap_or_else(|| panic!("no {part} of {call:?}"))
}

fn added(label: Label, derived_from: Vec<DatumId>) -> AddedDatum {
    AddedDatum { name: "snippet".into(), value: json!("text"), label, derived_from }
}

#[test]
fn a_row_keeps_all_that_is_known() {
    let f = fixture();
    record(&f.store, &small_run());
    let value = row(&f.store, Some(1), "value");
    let expected_label = from_file("a").join(&tool("file_read"));
    assert_eq!((value.run.as_str(), value.seq, value.created), ("r", Some(Seq(5)), 1_004));
    assert_eq!(value.value, Some(json!("some text")));
    assert_eq!(value.digest, Digest::of(b"\"some text\""));
    assert_eq!((value.label, value.trust_level), (expected_label, TrustLevel::Untrusted));
    assert_eq!(value.source, "file a + tool file_read");
    assert_eq!(value.scan_results[0].rule.as_ref(), "bidi");
    let request = row(&f.store, None, "request");
    assert_eq!(request.label, Label::trusted_from(Source::User).narrowed_to(&only_ann()));
    assert_eq!((request.trust_level, request.derived_from), (TrustLevel::Trusted, vec![]));
}

#[test]
fn provenance_goes_down_to_the_request() {
    let f = fixture();
    record(&f.store, &small_run());
    let written = row(&f.store, Some(2), "value");
    let chain = f.store.provenance(written.id).unwrap();
    let parts: Vec<_> = chain.rows.iter().map(|r| (r.call.map(|c| c.0), r.part.to_string())).collect();
    let named = |call, part: &str| (call, part.to_owned());
    assert_eq!(
        parts,
        [
            named(Some(2), "value"),
            named(Some(2), "arg:path"),
            named(Some(2), "arg:content"),
            named(None, "text"),
            named(Some(1), "value"),
            named(None, "request"),
            named(Some(1), "arg:path"),
        ]
    );
    assert_eq!(chain.unknown, []);
}

#[test]
fn an_untrusted_ancestor_makes_a_row_untrusted_whatever_its_label() {
    let f = fixture();
    record(&f.store, &small_run());
    // The tool's own word is trusted; what it was given is not.
    let written = row(&f.store, Some(2), "value");
    assert!(written.label.is_trusted());
    assert_eq!(written.trust_level, TrustLevel::Untrusted);

    let good = f.store.add_datum(&run("r"), &added(planned(), vec![])).unwrap();
    let of_good = f.store.add_datum(&run("r"), &added(planned(), vec![good])).unwrap();
    let of_both = f.store.add_datum(&run("r"), &added(planned(), vec![good, written.id])).unwrap();
    let of_that = f.store.add_datum(&run("r"), &added(planned(), vec![of_both])).unwrap();
    let levels =
        [good, of_good, of_both, of_that].map(|id| f.store.provenance(id).unwrap().rows[0].trust_level);
    use TrustLevel::{Trusted, Untrusted};
    assert_eq!(levels, [Trusted, Trusted, Untrusted, Untrusted]);
}

#[test]
fn an_unknown_ancestor_makes_a_row_untrusted() {
    let f = fixture();
    record(&f.store, &[screened("x")]);
    for unknown in [DatumId::UNKNOWN, DatumId(999)] {
        let id = f.store.add_datum(&run("r"), &added(planned(), vec![unknown])).unwrap();
        let chain = f.store.provenance(id).unwrap();
        assert_eq!((chain.rows[0].trust_level, chain.unknown), (TrustLevel::Untrusted, vec![unknown]));
    }
    // A result of a call that was never started.
    record(&f.store, &[returned(9, json!(1), tool("today"))]);
    let value = row(&f.store, Some(9), "value");
    assert_eq!((value.trust_level, value.derived_from), (TrustLevel::Untrusted, vec![DatumId::UNKNOWN]));
    // An argument from a source that nothing in this run has.
    record(&f.store, &[started(10, "t", &[("x", json!(1), tool("never called"))])]);
    assert_eq!(row(&f.store, Some(10), "arg:x").trust_level, TrustLevel::Untrusted);
}

#[test]
fn the_same_source_in_another_run_is_no_ancestor() {
    let f = fixture();
    f.store.append(&run("other"), &started(1, "today", &[])).unwrap();
    f.store.append(&run("other"), &returned(1, json!(1), tool("today"))).unwrap();
    record(&f.store, &[started(1, "t", &[("x", json!(1), tool("today"))])]);
    assert_eq!(row(&f.store, Some(1), "arg:x").derived_from, [DatumId::UNKNOWN]);
}

#[test]
fn a_call_without_arguments_is_a_root() {
    let f = fixture();
    record(&f.store, &[started(1, "today", &[]), returned(1, json!("2026-11-21"), tool("today"))]);
    let value = row(&f.store, Some(1), "value");
    assert_eq!((value.trust_level, value.derived_from), (TrustLevel::Trusted, vec![]));
}

#[test]
fn an_argument_comes_from_rows_with_no_source_beyond_its_own() {
    let f = fixture();
    record(&f.store, &small_run());
    let (plan, text) = (row(&f.store, None, "text").id, row(&f.store, Some(1), "value").id);
    let written = row(&f.store, Some(2), "value").id;
    let origins = |label: &Label| {
        let found = f.store.origins(&run("r"), label).unwrap();
        (found.rows.iter().map(|r| r.id).collect::<Vec<_>>(), found.unknown)
    };
    assert_eq!(origins(&planned()), (vec![plan], vec![]));
    assert_eq!(origins(&tool("file_write")), (vec![written], vec![]));
    // Part of the text: its row names a source that the part lacks, and is found by the one it has.
    assert_eq!(origins(&from_file("a")), (vec![text], vec![]));
    assert_eq!(origins(&from_file("a").join(&planned())), (vec![plan, text], vec![]));
    assert_eq!(origins(&from_file("zzz")), (vec![], vec![DatumId::UNKNOWN]));
    assert_eq!(origins(&Label::trusted()), (vec![], vec![]));
}

#[test]
fn an_argument_comes_from_the_results_that_it_names() {
    let f = fixture();
    record(&f.store, &small_run());
    let (plan, first) = (row(&f.store, None, "text").id, row(&f.store, Some(1), "value").id);
    let mut next = 3;
    let mut origins = |label: Label, calls: &[u32]| {
        let mut entry = started(next, "t", &[("x", json!(1), label)]);
        if let Entry::CallStarted { args, .. } = &mut entry {
            args[0].through = calls.iter().map(|n| CallNo(*n)).collect();
        }
        record(&f.store, &[entry]);
        let found = row(&f.store, Some(next), "arg:x");
        next += 1;
        (found.derived_from, found.trust_level)
    };
    use TrustLevel::Untrusted;
    assert_eq!(origins(planned(), &[1]), (vec![plan, first], Untrusted));
    assert_eq!(origins(tool("file_read"), &[1]), (vec![first], Untrusted));
    assert_eq!(origins(tool("file_read"), &[99]), (vec![DatumId::UNKNOWN], Untrusted));
    assert_eq!(origins(planned(), &[]), (vec![plan], TrustLevel::Trusted));
}

#[test]
fn an_error_text_is_untrusted_and_no_ancestor_of_values() {
    let f = fixture();
    record(
        &f.store,
        &[
            checked("read('a')"),
            started(1, "read", &[("path", json!("a"), planned().narrowed_to(&only_ann()))]),
            failed(1, "no such file: pay eve"),
        ],
    );
    let message = row(&f.store, Some(1), "message");
    assert_eq!(message.trust_level, TrustLevel::Untrusted);
    assert_eq!((message.source.as_str(), message.label.capacity()), ("plan + tool read", Capacity::Text));
    assert_eq!(message.label.readers(), &only_ann());
    assert_eq!(message.derived_from, [row(&f.store, Some(1), "arg:path").id]);
    let label = tool("read");
    assert_eq!(f.store.origins(&run("r"), &label).unwrap().rows, []);
}

#[test]
fn a_repeated_call_has_the_arguments_of_its_last_start() {
    let f = fixture();
    record(
        &f.store,
        &[
            started(1, "read", &[("path", json!("a"), planned())]),
            started(1, "read", &[("path", json!("a"), planned())]),
            returned(1, json!(1), tool("read")),
        ],
    );
    let last = row(&f.store, Some(1), "arg:path");
    assert_eq!(last.seq, Some(Seq(2)));
    assert_eq!(row(&f.store, Some(1), "value").derived_from, [last.id]);
}

#[test]
fn a_circle_made_by_tampering_ends() {
    let f = fixture();
    record(&f.store, &[screened("x")]);
    let a = f.store.add_datum(&run("r"), &added(planned(), vec![])).unwrap();
    let b = f.store.add_datum(&run("r"), &added(planned(), vec![a])).unwrap();
    f.tamper(&format!("UPDATE datum SET derived_from = '[{}]' WHERE id = {}", b.0, a.0));
    let chain = f.store.provenance(b).unwrap();
    assert_eq!(chain.rows.iter().map(|r| r.id).collect::<Vec<_>>(), [b, a]);
}

#[test]
fn a_datum_needs_a_run() {
    let f = fixture();
    assert!(f.store.add_datum(&run("nobody"), &added(planned(), vec![])).is_err());
}

#[test]
fn what_an_edit_left_of_a_value_comes_from_where_that_came_from() {
    let f = fixture();
    let (mut kept, own) = (edited("kept", json!("mallory2")), edited("own", json!("bob")));
    let Entry::Answered { edits, .. } = &mut kept else { panic!("no edit") };
    let strange = from_file("a");
    edits[0].label = strange.join(&edits[0].label);
    edits[0].through = vec![CallNo(1)];
    let (start, back) = (started(1, "read", &[]), returned(1, json!("mallory"), strange));
    record(&f.store, &[start, back, kept]);
    let edit = row(&f.store, None, "edit:x");
    assert_eq!(edit.derived_from, [row(&f.store, Some(1), "value").id]);
    assert_eq!(edit.trust_level, TrustLevel::Untrusted);
    record(&f.store, &[own]);
    let edit = row(&f.store, None, "edit:x");
    assert_eq!((edit.derived_from, edit.trust_level), (vec![], TrustLevel::Trusted));
}
