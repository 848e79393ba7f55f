//! A model that is away is waited for, and a task that waits for one can be stopped and holds up no other.

use super::*;

/// Says nothing for a minute, which nobody of these tests waits for.
struct Slow;

impl Worker for Slow {
    fn name(&self) -> Arc<str> {
        "slow".into()
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        SystemTimer::start().wait(Duration::from_secs(60));
        Err(WorkerFailure::GivenUp)
    }
}

/// Breaks down where it should answer.
struct Faulty;

impl Worker for Faulty {
    fn name(&self) -> Arc<str> {
        "faulty".into()
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        panic!("planned")
    }
}

const ASKS: &str = "answer(ask(\"Is it?\", data=\"x\", type=bool))";

/// Lets so many milliseconds pass at a time until the task is over; whoever is ready runs before the clock goes on.
fn pass_time(b: &Bench, id: &RunId, millis: i64) {
    let begun = Instant::now();
    while !b.controller.task(&user(), id).unwrap().unwrap().over {
        b.now.fetch_add(millis, Ordering::SeqCst);
        b.controller.tick();
        while b.controller.load().0 > 0 {
            assert!(begun.elapsed() < Duration::from_secs(20));
            std::thread::yield_now();
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn a_missing_worker_is_waited_for() {
    let b = bench(ApprovalMode::Auto);
    b.worker.0.store(false, Ordering::SeqCst);
    let task = b.submit(wish(Some(ASKS)));
    let view = b.until(&task.id, |view| view.waits_for.is_some());
    assert!(view.waits_for.unwrap().contains("no model") && !view.over);
    b.worker.0.store(true, Ordering::SeqCst);
    pass_time(&b, &task.id, 5_000);
    let view = b.over(&task.id);
    assert_eq!((view.report.answer.as_deref(), view.waits_for), (Some("True"), None));
}

#[test]
fn a_worker_that_stays_away_ends_the_task() {
    let b = bench(ApprovalMode::Smart);
    b.worker.0.store(false, Ordering::SeqCst);
    let task = b.submit(wish(Some(ASKS)));
    pass_time(&b, &task.id, 5_000);
    let view = b.over(&task.id);
    assert_eq!(view.report.state, "failed");
    assert!(view.report.error.to_string().contains("no model"), "{}", view.report.error);
}

#[test]
fn what_is_away_is_tried_less_often_the_longer_it_is() {
    let b = bench(ApprovalMode::Smart);
    b.worker.0.store(false, Ordering::SeqCst);
    let task = b.submit(wish(Some(ASKS)));
    pass_time(&b, &task.id, 1_000);
    let entries = b.controller.parts.store.entries(&task.id).unwrap();
    let again = entries.iter().filter(|(_, _, entry)| matches!(entry, Entry::Resumed { .. })).count();
    assert!((5..10).contains(&again), "tried {again} times again in a minute");
}

#[test]
fn a_task_stops_while_its_worker_says_nothing() {
    let b = bench_of(ApprovalMode::Smart, Arc::new(Slow));
    let task = b.submit(wish(Some(ASKS)));
    b.until(&task.id, |view| view.report.steps.iter().any(|step| step.state == "started"));
    b.controller.stop(&user(), &task.id).unwrap();
    assert_eq!(b.over(&task.id).report.state, "stopped");
}

#[test]
fn a_task_stops_while_its_planner_says_nothing() {
    let b = bench(ApprovalMode::Smart);
    let task = b.submit(Wish { request: "a slow thing".to_owned(), ..wish(None) });
    b.until(&task.id, |view| view.report.state == "running");
    b.controller.stop(&user(), &task.id).unwrap();
    assert_eq!(b.over(&task.id).report.state, "stopped");
}

#[test]
fn tasks_that_wait_for_a_model_hold_up_no_other_and_are_no_rest() {
    let b = bench_of(ApprovalMode::Smart, Arc::new(Slow));
    let slow: Vec<TaskRow> = (0..40).map(|_| b.submit(wish(Some(ASKS)))).collect();
    for task in &slow {
        b.until(&task.id, |view| view.report.steps.iter().any(|step| step.state == "started"));
    }
    let quick = b.submit(wish(Some(TODAY)));
    assert_eq!(b.until(&quick.id, |view| view.over).report.state, "done");
    let begun = Instant::now();
    while b.controller.load().0 > slow.len() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::yield_now();
    }
    assert!(!b.controller.is_at_rest(), "whoever goes down waits for them");
    for task in &slow {
        b.controller.stop(&user(), &task.id).unwrap();
    }
    for task in &slow {
        assert_eq!(b.over(&task.id).report.state, "stopped");
    }
}

#[test]
fn whoever_begins_to_wait_gives_its_place_away() {
    let b = bench_of(ApprovalMode::Smart, Arc::new(Slow));
    // Nothing is accepted after them that could start those for whom there was no place.
    let slow: Vec<RunId> = (0..40).map(|n| b.left(&format!("left {n}"), ASKS)).collect();
    let again = b.restarted();
    assert_eq!(again.pick_up().unwrap(), slow.len());
    for id in &slow {
        b.until(id, |view| view.report.steps.iter().any(|step| step.state == "started"));
    }
    for id in &slow {
        again.stop(&user(), id).unwrap();
    }
    for id in &slow {
        assert_eq!(b.over(id).report.state, "stopped");
    }
}

#[test]
fn a_wait_is_over_also_when_the_model_breaks_down() {
    let b = bench_of(ApprovalMode::Smart, Arc::new(Faulty));
    let task = b.submit(wish(Some(ASKS)));
    let view = b.over(&task.id);
    assert_eq!(view.report.state, "failed");
    assert!(view.report.error.to_string().contains("internal fault"), "{}", view.report.error);
    assert_eq!(b.controller.floor().waiting, 0);
}

#[test]
fn a_task_that_rests_stops_at_once() {
    let b = bench(ApprovalMode::Smart);
    b.worker.0.store(false, Ordering::SeqCst);
    let task = b.submit(wish(Some(ASKS)));
    b.until(&task.id, |view| view.waits_for.is_some());
    b.controller.stop(&user(), &task.id).unwrap();
    assert_eq!(b.over(&task.id).report.state, "stopped");
}

#[test]
fn what_was_to_stop_before_a_restart_does_nothing_after_it() {
    let b = bench(ApprovalMode::Auto);
    let id = b.left("left", TODAY);
    assert_eq!(b.controller.parts.store.ask_stop(&id, 1_000_000).unwrap(), StopAsked::Noted);
    assert_eq!(b.restarted().pick_up().unwrap(), 1);
    let view = b.over(&id);
    assert_eq!((view.report.state, view.report.steps.len()), ("stopped", 0));
}
