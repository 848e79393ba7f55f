use super::{Event, Feed};
use crate::kernel::id::{Digest, RunId};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, RunEnd, Seq};
use crate::store::{Store, approval_id};
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
    let task = task.map(RunId::new);
    let mut seen = Vec::new();
    loop {
        let page = feed.after(after, task.as_ref()).unwrap();
        seen.extend(page.events.iter().map(|told| told.event.seq));
        if page.next == after {
            return seen;
        }
        after = page.next;
    }
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
    assert_eq!(all(&feed, Seq(360), None), []);
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
    let events: Vec<Event> = store.records(&run).unwrap().iter().filter_map(Event::of).collect();
    assert_eq!(events[0].kind, "task.approval_requested");
    assert_eq!(events[0].body["approval_id"], approval_id(&question));
    assert_eq!(events[1].kind, "task.completed");
}
