use super::*;
use crate::kernel::label::Source;
use crate::kernel::principal::Principal;
use crate::kernel::record::RecordedArg;

fn edit(erased: bool) -> RecordedEdit {
    let (question, by, label) = (Digest::of(b"q"), Principal::new("ann"), Label::trusted_from(Source::User));
    let value = if erased { Json::Null } else { Json::from("b.txt") };
    let args =
        vec![RecordedArg { name: "path".into(), value, label, through: Vec::new(), findings: Vec::new() }];
    RecordedEdit { call: CallNo(3), question, by, reason: None, args, erased }
}

#[test]
fn what_a_person_edited_is_remembered_with_its_call() {
    let past = Past::from_store(&[], &[edit(false)]).unwrap();
    assert_eq!(past.edits(CallNo(3))[0].args["path"], "b.txt");
    assert_eq!(past.edits(CallNo(2)), []);
}

#[test]
fn an_erased_edit_is_not_taken_for_what_was_written() {
    assert_eq!(Past::from_store(&[], &[edit(true)]).unwrap_err(), ErasedCall(CallNo(3)));
}
