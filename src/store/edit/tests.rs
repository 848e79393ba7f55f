use super::super::tests::*;
use super::*;
use crate::kernel::record::RunEnd;
use serde_json::json;

fn asked(question: &str, call: Option<u32>) -> Entry {
    Entry::Asked { question: digest(question), call: call.map(CallNo), reasons: Vec::new() }
}

#[test]
fn edits_are_told_in_order_with_their_call() {
    let f = fixture();
    for entry in [
        screened("pay"),
        asked("first", Some(3)),
        edited("first", json!(5)),
        asked("second", Some(3)),
        edited("second", json!(6)),
        asked("other", Some(4)),
    ] {
        f.store.append(&run("r"), &entry).unwrap();
    }
    let f = f.reopened();
    let edits = f.store.edits(&run("r")).unwrap();
    let told: Vec<_> =
        edits.iter().map(|e| (e.call, e.question, e.args[0].value.clone(), e.erased)).collect();
    let at = |question, value| (CallNo(3), digest(question), json!(value), false);
    assert_eq!(told, [at("first", 5), at("second", 6)]);
    assert_eq!((&edits[0].by, edits[0].reason.as_deref()), (&ann(), Some("mine")));
    assert_eq!(f.store.verify().unwrap().problems, []);
}

#[test]
fn an_erased_edit_is_not_taken_for_what_was_written() {
    let f = fixture();
    f.store.append(&run("r"), &asked("first", Some(3))).unwrap();
    f.store.append(&run("r"), &edited("first", json!(5))).unwrap();
    f.store.append(&run("r"), &Entry::Ended(RunEnd::Stopped)).unwrap();
    f.store.erase(&run("r")).unwrap();
    let edits = f.store.edits(&run("r")).unwrap();
    assert!(edits[0].erased && edits[0].args[0].value.is_null(), "{edits:?}");
}

#[test]
fn a_call_that_was_made_as_edited_comes_from_what_its_person_wrote() {
    let f = fixture();
    let typed = crate::kernel::label::Label::trusted_from(crate::kernel::label::Source::User);
    f.store.append(&run("r"), &screened("pay")).unwrap();
    f.store.append(&run("r"), &edited("first", json!(5))).unwrap();
    f.store.append(&run("r"), &started(3, "t", &[("x", json!(5), typed)])).unwrap();
    let data = f.store.data(&run("r")).unwrap();
    let (wrote, made) =
        (data.iter().find(|d| &*d.part == "edit:x"), data.iter().find(|d| &*d.part == "arg:x"));
    assert!(made.unwrap().derived_from.contains(&wrote.unwrap().id), "{data:?}");
}
