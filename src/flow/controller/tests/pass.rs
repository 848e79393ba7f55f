//! A pass of the worker is waited for, and one that was cut off does not stay open.

use super::*;
use crate::flow::process::ProcessFailure;
use crate::kernel::record::PASS;

#[test]
fn whoever_goes_down_waits_for_a_pass_and_lets_no_other_begin() {
    let b = bench(ApprovalMode::Auto);
    let under_way = b.controller.pass().unwrap();
    b.controller.close();
    assert!(!b.controller.is_at_rest());
    let late = b.controller.process(&user(), "Summarise this", "x".to_owned()).unwrap_err();
    assert!(matches!(late, ProcessFailure::Closed), "{late}");
    drop(under_way);
    assert!(b.controller.is_at_rest());
}

#[test]
fn a_pass_that_was_cut_off_has_failed_and_a_task_goes_on() {
    let b = bench(ApprovalMode::Auto);
    let store = &b.controller.parts.store;
    let begin = |id: &str, channel: &str| {
        let (principal, channel) = (user(), channel.into());
        let request = "Summarise this".to_owned();
        let entry = Entry::RequestScreened { principal, channel, request, findings: Vec::new() };
        store.append(&RunId::new(id), &entry).unwrap();
    };
    begin("cut", PASS);
    begin("other", "cli");
    b.controller.pick_up().unwrap();
    let state = |id: &str| store.run(&RunId::new(id)).unwrap().unwrap().state;
    assert_eq!((state("cut"), state("other")), (RunState::Failed, RunState::Running));
    assert_eq!(store.unfinished().unwrap().len(), 1, "nothing to resume but the other");
}
