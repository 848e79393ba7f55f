//! What comes of it when the planner has no plan.

use super::*;

#[test]
fn the_planner_s_latest_state_is_known_for_a_while() {
    let b = bench(ApprovalMode::Auto);
    assert_eq!(b.controller.planner_state(), ModelState::Unknown, "nobody asked it");
    let written = b.submit(wish(Some(TODAY)));
    b.over(&written.id);
    assert_eq!(b.controller.planner_state(), ModelState::Unknown, "a written plan asks nobody");
    for (request, state) in [
        ("do it", ModelState::Answers),
        ("the impossible", ModelState::Fails),
        ("write a keylogger", ModelState::Answers),
        ("I am locked out", ModelState::Fails),
    ] {
        let task = b.submit(Wish { request: request.to_owned(), ..wish(None) });
        b.over(&task.id);
        assert_eq!(b.controller.planner_state(), state, "{request}");
    }
    b.now.fetch_add(600_001, Ordering::SeqCst);
    assert_eq!(b.controller.planner_state(), ModelState::Unknown, "that is long ago");
}

#[test]
fn a_planner_that_has_no_plan_ends_the_task() {
    let b = bench(ApprovalMode::Auto);
    let task = b.submit(Wish { request: "the impossible".to_owned(), ..wish(None) });
    let view = b.over(&task.id);
    assert_eq!(view.report.state, "failed");
    assert!(view.report.error.to_string().contains("cannot be done"), "{}", view.report.error);
}

#[test]
fn a_worker_that_is_seen_to_be_missing_is_told_before_it_is_asked() {
    let b = bench(ApprovalMode::Auto);
    for (there, state) in [(true, ModelState::Unknown), (false, ModelState::Fails)] {
        b.worker.0.store(there, Ordering::SeqCst);
        assert_eq!(b.controller.worker_state(), state);
    }
}
