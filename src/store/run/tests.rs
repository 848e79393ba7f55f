use super::super::tests::*;
use super::*;
use crate::kernel::id::CallNo;
use crate::kernel::record::QuestionEnd;

fn asked() -> Entry {
    Entry::Asked { question: digest("q"), call: Some(CallNo(1)), reasons: Vec::new() }
}

fn answered() -> Entry {
    Entry::Answered {
        question: digest("q"),
        end: QuestionEnd::Approved,
        by: Some(ann()),
        reason: None,
        edits: Vec::new(),
    }
}

fn states(entries: &[Entry]) -> Vec<&'static str> {
    let f = fixture();
    let state = |entry| {
        f.store.append(&run("r"), entry).unwrap();
        f.store.run(&run("r")).unwrap().unwrap().state.as_str()
    };
    entries.iter().map(state).collect()
}

#[test]
fn a_run_row_follows_the_journal() {
    let f = fixture();
    assert_eq!(f.store.run(&run("r")).unwrap(), None);
    f.store.append(&run("r"), &screened("copy it")).unwrap();
    let new = RunRow {
        id: run("r"),
        state: RunState::Running,
        principal: Some(ann()),
        channel: Some("cli".into()),
        request: Some("copy it".to_owned()),
        plan_digest: None,
        created: 1_000,
        updated: 1_000,
        last_seq: Seq(1),
    };
    assert_eq!(f.store.run(&run("r")).unwrap(), Some(new.clone()));
    f.store.append(&run("r"), &checked("answer(1)")).unwrap();
    f.store.append(&run("r"), &ended()).unwrap();
    let done = RunRow {
        state: RunState::Done,
        plan_digest: Some(digest("answer(1)")),
        updated: 1_002,
        last_seq: Seq(3),
        ..new
    };
    assert_eq!(f.store.run(&run("r")).unwrap(), Some(done.clone()));
    f.store.erase(&run("r")).unwrap();
    assert_eq!(f.store.run(&run("r")).unwrap(), Some(RunRow { request: None, ..done }));
}

#[test]
fn each_end_is_its_own_state() {
    let end = |end| states(&[screened("x"), Entry::Ended(end)])[1];
    assert_eq!(end(RunEnd::Done), "done");
    assert_eq!(end(RunEnd::Refused { reasons: Vec::new() }), "refused");
    assert_eq!(end(RunEnd::Failed { message: String::new() }), "failed");
    assert_eq!(end(RunEnd::Stopped), "stopped");
    let blocked = Entry::RequestBlocked { principal: ann(), channel: "cli".into(), findings: Vec::new() };
    assert_eq!(states(&[blocked]), ["refused"]);
    let refused = Entry::PlanRefused { digest: digest("p"), reasons: Vec::new() };
    assert_eq!(states(&[screened("x"), refused]), ["running", "refused"]);
}

#[test]
fn a_run_waits_while_any_question_is_open() {
    let seen = states(&[asked(), asked(), answered(), answered(), answered(), asked()]);
    assert_eq!(seen, ["waiting", "waiting", "waiting", "running", "running", "waiting"]);
}

#[test]
fn an_ended_run_stays_ended_until_it_is_resumed() {
    let resumed = Entry::Resumed { policy: digest("policy") };
    let seen = states(&[asked(), ended(), answered(), asked(), resumed, ended()]);
    assert_eq!(seen, ["waiting", "done", "done", "done", "running", "done"]);
}

#[test]
fn a_resumed_run_asks_its_open_question_again() {
    let resumed = Entry::Resumed { policy: digest("policy") };
    let seen = states(&[asked(), resumed, asked(), answered()]);
    assert_eq!(seen, ["waiting", "running", "waiting", "running"]);
}

#[test]
fn unfinished_runs_are_found_after_a_restart() {
    let f = fixture();
    f.store.append(&run("done"), &screened("x")).unwrap();
    f.store.append(&run("cut off"), &screened("x")).unwrap();
    f.store.append(&run("waits"), &asked()).unwrap();
    f.store.append(&run("done"), &ended()).unwrap();
    let f = f.reopened();
    let names = |rows: Vec<RunRow>| rows.iter().map(|r| r.id.to_string()).collect::<Vec<_>>();
    assert_eq!(names(f.store.unfinished().unwrap()), ["cut off", "waits"]);
    assert_eq!(names(f.store.runs(2).unwrap()), ["done", "waits"]);
}
