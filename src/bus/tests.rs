use super::{Event, Feed, GLIMPSE, Glimpses, Whose};
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::port::{Assessment, Glimpse, Onlooker, Usage};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, PASS, RunEnd, Seq};
use crate::store::{Store, approval_id};
use serde_json::json;
use std::sync::Arc;

fn store() -> (Arc<Store>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Arc::new(Store::open(dir.path(), Arc::new(|| 7)).unwrap()), dir)
}

fn started(text: &str) -> Entry {
    let principal = Principal::new("user");
    Entry::RequestScreened { principal, channel: "web".into(), request: text.into(), findings: vec![] }
}

fn write(store: &Store, run: &str, n: usize) {
    for i in 0..n {
        store.append(&RunId::new(run), &started(&format!("{run} {i}"))).unwrap();
    }
}

/// Everything that a follower sees who starts after `after`.
fn all(feed: &Feed, mut after: Seq, task: Option<&str>) -> Vec<Seq> {
    let whose = Whose { principal: Principal::new("user"), task: task.map(RunId::new) };
    let mut seen = Vec::new();
    loop {
        let page = feed.after(after, &whose).unwrap();
        seen.extend(page.events.iter().map(|told| told.event.seq));
        if page.next == after {
            return seen;
        }
        after = page.next;
    }
}

/// The events of a run.
fn events(store: &Store, run: &RunId) -> Vec<Event> {
    let records = store.records(run).unwrap();
    records.iter().filter_map(|record| Event::of(record, store).unwrap()).collect()
}

fn upto(from: u64, to: u64) -> Vec<Seq> {
    (from..=to).map(Seq).collect()
}

#[test]
fn every_follower_sees_the_same_whenever_it_starts() {
    let (store, _dir) = store();
    write(&store, "a", 60);
    let feed = Feed::keeping(store.clone(), 100);
    assert_eq!(all(&feed, Seq(0), None), upto(1, 60));
    // From here on the feed keeps events, and forgets the oldest: the early and the late follower agree.
    write(&store, "b", 300);
    assert_eq!(all(&feed, Seq(60), None), upto(61, 360));
    assert_eq!(all(&feed, Seq(0), None), upto(1, 360));
    assert_eq!(all(&feed, Seq(350), None), upto(351, 360));
    assert_eq!(all(&feed, Seq(50), Some("a")), upto(51, 60));
    assert_eq!(all(&feed, Seq(350), Some("a")), [], "nor does memory tell of another task");
    assert_eq!(all(&feed, Seq(360), None), []);
}

#[test]
fn a_pass_of_the_worker_is_no_task_and_has_no_events() {
    let (store, _dir) = store();
    let pass = || {
        let principal = Principal::new("user");
        let (channel, request) = (PASS.into(), "Summarise it".to_owned());
        let entry = Entry::RequestScreened { principal, channel, request, findings: vec![] };
        store.append(&RunId::new("pass"), &entry).unwrap();
        store.append(&RunId::new("pass"), &Entry::Ended(RunEnd::Done)).unwrap();
    };
    write(&store, "a", 1);
    pass();
    let feed = Feed::new(store.clone());
    assert_eq!(all(&feed, Seq(0), None), [Seq(1)], "from the journal");
    write(&store, "a", 1);
    pass();
    assert_eq!(all(&feed, Seq(3), None), [Seq(4)], "from memory");
    let whose = Whose { principal: Principal::new("user"), task: None };
    assert_eq!(feed.after(Seq(4), &whose).unwrap().next, Seq(6), "nobody waits for what is left out");
}

#[test]
fn nobody_is_told_of_anothers_runs_or_of_a_run_without_a_principal() {
    let (store, _dir) = store();
    let feed = Feed::new(store.clone());
    let write_all = || {
        write(&store, "mine", 1);
        let Entry::RequestScreened { channel, request, findings, .. } = started("theirs") else { panic!() };
        let principal = Principal::new("somebody else");
        let theirs = Entry::RequestScreened { principal, channel, request, findings };
        store.append(&RunId::new("theirs"), &theirs).unwrap();
        store.append(&RunId::new("nobody's"), &Entry::Ended(RunEnd::Done)).unwrap();
    };
    write_all();
    assert_eq!(all(&feed, Seq(0), None), [Seq(1)], "from the journal");
    write_all();
    assert_eq!(all(&feed, Seq(3), None), [Seq(4)], "from memory");
    assert_eq!(all(&feed, Seq(0), None), [Seq(1), Seq(4)]);
    for task in ["theirs", "nobody's"] {
        assert_eq!(all(&feed, Seq(0), Some(task)), []);
    }
}

#[test]
fn a_watcher_is_told_of_what_is_durable() {
    let (store, _dir) = store();
    let watch = Feed::new(store.clone()).watch();
    assert!(!watch.has_changed().unwrap());
    write(&store, "a", 3);
    assert!(watch.has_changed().unwrap());
    assert_eq!(*watch.borrow(), Seq(3));
}

#[test]
fn a_question_is_told_with_the_id_to_answer_it_by() {
    let (store, _dir) = store();
    let question = Digest::of(b"q");
    let run = RunId::new("a");
    store.append(&run, &Entry::Asked { question, call: None, reasons: vec![] }).unwrap();
    store.append(&run, &Entry::Ended(RunEnd::Done)).unwrap();
    let events: Vec<Event> = events(&store, &run);
    assert_eq!(events[0].kind, "task.approval_requested");
    assert_eq!(events[0].body["approval_id"], approval_id(&question));
    assert_eq!(events[1].kind, "task.completed");
}

#[test]
fn a_glimpse_reaches_who_watches_that_task_and_nobody_else() {
    let glimpses = Glimpses::default();
    let (one, two) = (RunId::new("one"), RunId::new("two"));
    let words = |from, text: &str| Glimpse::Words { from, text: text.to_owned() };
    glimpses.see(&one, CallNo(1), words(0, "nobody watches yet"));
    assert!(!glimpses.watches(&one));
    drop(glimpses.watch(&one));
    assert!(!glimpses.watches(&one), "who watched has gone");
    let (mut watcher, mut twin, mut other) =
        (glimpses.watch(&one), glimpses.watch(&one), glimpses.watch(&two));
    assert!(glimpses.watches(&one) && !glimpses.watches(&RunId::new("three")));
    glimpses.see(&one, CallNo(3), words(5, "words"));
    glimpses.see(&one, CallNo(3), Glimpse::Stopped("a finding"));
    glimpses.see(&two, CallNo(1), words(0, "of two"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let next = |watcher: &mut super::Watcher| -> serde_json::Value {
        serde_json::from_str(&runtime.block_on(watcher.next()).unwrap()).unwrap()
    };
    for watcher in [&mut watcher, &mut twin] {
        let told =
            serde_json::json!({"type": GLIMPSE, "task_id": "one", "step": 3, "from": 5, "text": "words"});
        assert_eq!(next(watcher), told);
        let told = serde_json::json!({"type": GLIMPSE, "task_id": "one", "step": 3, "stopped": "a finding"});
        assert_eq!(next(watcher), told);
    }
    assert_eq!(next(&mut other)["text"], "of two");
    // Whoever does not look for a while has missed the oldest, and nobody waited for that.
    for n in 0..1_000 {
        glimpses.see(&one, CallNo(4), words(n, "x"));
    }
    let first = next(&mut watcher)["from"].as_u64().unwrap();
    assert!((900..1_000).contains(&first), "{first}");
}

#[test]
fn a_question_is_told_with_the_gravest_that_the_planner_thought_before() {
    let (store, _dir) = store();
    let (run, other) = (RunId::new("a"), RunId::new("b"));
    let drafted = |run: &RunId, risk: u8| {
        let assessment = Some(Assessment { risk, reason: format!("risk {risk}") });
        let entry = Entry::Drafted { round: 1, draft: None, usage: Usage::default(), assessment };
        store.append(run, &entry).unwrap();
    };
    let asked = |run: &RunId, about: &str| {
        let question = Digest::of(about.as_bytes());
        store.append(run, &Entry::Asked { question, call: None, reasons: vec![] }).unwrap();
    };
    write(&store, "a", 1);
    write(&store, "b", 1);
    asked(&run, "before any draft");
    [20, 55, 30].iter().for_each(|risk| drafted(&run, *risk));
    drafted(&other, 99);
    asked(&run, "after three");
    drafted(&run, 80);
    let told: Vec<_> =
        events(&store, &run).into_iter().filter(|e| e.kind == "task.approval_requested").collect();
    let thought: Vec<_> = told.iter().map(|event| event.body["assessment"].clone()).collect();
    assert_eq!(thought, [json!(null), json!({"risk": 55, "reason": "risk 55"})]);
}
