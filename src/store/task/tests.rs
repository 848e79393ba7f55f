use super::*;
use crate::kernel::record::{Entry, RunEnd};
use crate::store::tests::fixture;
use serde_json::json;

fn new(id: &str, session: Session, key: Option<&str>) -> NewTask {
    NewTask {
        id: RunId::new(id),
        principal: Principal::new("user"),
        session,
        order: json!({"request": "tidy up"}),
        idempotency: key.map(str::to_owned),
        trust_level: 1,
        created: 5,
    }
}

fn fresh(id: &str) -> Session {
    Session::New(SessionId::new(id))
}

fn known(id: &str) -> Session {
    Session::Known(SessionId::new(id))
}

#[test]
fn tasks_take_turns_in_their_conversation() {
    let f = fixture();
    let Accepted::New(first) = f.store.accept(new("a", fresh("s"), None)).unwrap() else { panic!() };
    let Accepted::New(second) = f.store.accept(new("b", known("s"), None)).unwrap() else { panic!() };
    assert_eq!((first.turn, second.turn), (1, 2));
    assert_eq!(f.store.tasks_of(&SessionId::new("s")).unwrap(), [first.clone(), second.clone()]);
    assert_eq!(f.store.open_tasks().unwrap(), [first.clone(), second.clone()]);
}

#[test]
fn the_latest_turns_that_are_over_are_found_in_order() {
    let f = fixture();
    f.store.accept(new("t1", fresh("s"), None)).unwrap();
    for turn in 2..=6 {
        f.store.accept(new(&format!("t{turn}"), known("s"), None)).unwrap();
    }
    f.store.accept(new("o1", fresh("o"), None)).unwrap();
    for id in ["t1", "t2", "t4", "t5", "o1"] {
        f.store.append(&RunId::new(id), &Entry::Ended(RunEnd::Done)).unwrap();
    }
    let over = |before, limit| -> Vec<u32> {
        let rows = f.store.over_before(&SessionId::new("s"), before, limit).unwrap();
        rows.iter().map(|row| row.turn).collect()
    };
    assert_eq!(over(u32::MAX, 3), [2, 4, 5], "the third and the last are not over");
    assert_eq!(over(5, 2), [2, 4]);
    assert_eq!(over(1, 2), [0; 0]);
}

#[test]
fn a_conversation_belongs_to_its_principal() {
    let f = fixture();
    f.store.accept(new("a", fresh("s"), None)).unwrap();
    let theirs = NewTask { principal: Principal::new("other"), ..new("b", known("s"), None) };
    assert_eq!(f.store.accept(theirs).unwrap(), Accepted::NoSession(SessionId::new("s")));
    let nowhere = f.store.accept(new("c", known("t"), None)).unwrap();
    assert_eq!(nowhere, Accepted::NoSession(SessionId::new("t")));
    assert_eq!(f.store.open_tasks().unwrap().len(), 1);
}

#[test]
fn a_key_is_good_for_one_order() {
    let f = fixture();
    let Accepted::New(first) = f.store.accept(new("a", fresh("s"), Some("k"))).unwrap() else { panic!() };
    assert_eq!(f.store.accept(new("b", fresh("t"), Some("k"))).unwrap(), Accepted::Before(first));
    let other = NewTask { order: json!({"request": "pay"}), ..new("c", fresh("u"), Some("k")) };
    assert_eq!(f.store.accept(other).unwrap(), Accepted::KeyTaken(RunId::new("a")));
    let theirs = NewTask { principal: Principal::new("other"), ..new("d", fresh("v"), Some("k")) };
    assert!(matches!(f.store.accept(theirs).unwrap(), Accepted::New(_)));
}

#[test]
fn a_stop_is_noted_until_the_task_is_over() {
    let f = fixture();
    f.store.accept(new("a", fresh("s"), None)).unwrap();
    let run = RunId::new("a");
    assert_eq!(f.store.ask_stop(&run, 7).unwrap(), StopAsked::Noted);
    assert_eq!(f.store.ask_stop(&run, 8).unwrap(), StopAsked::Noted);
    assert_eq!(f.store.task(&run).unwrap().unwrap().stop_asked, Some(7));
    f.store.append(&run, &Entry::Ended(RunEnd::Stopped)).unwrap();
    assert_eq!(f.store.ask_stop(&run, 9).unwrap(), StopAsked::Over(RunState::Stopped));
    assert_eq!(f.store.ask_stop(&RunId::new("b"), 9).unwrap(), StopAsked::Unknown);
    // Over, and found again until it is closed: a crash may lie between.
    assert_eq!(f.store.open_tasks().unwrap().len(), 1);
    f.store.close_task(&run, Closing::Quiet, 10).unwrap();
    assert_eq!(f.store.open_tasks().unwrap(), []);
    assert_eq!(f.store.task(&run).unwrap().unwrap().order, None);
}

#[test]
fn risk_only_rises() {
    let f = fixture();
    f.store.accept(new("a", fresh("s"), None)).unwrap();
    let session = SessionId::new("s");
    for (given, stands) in [(40, 40), (10, 40), (200, 100)] {
        f.store.raise_risk(&session, given).unwrap();
        assert_eq!(f.store.session(&session).unwrap().unwrap().risk, stands);
    }
}

#[test]
fn an_incident_starts_the_count_anew() {
    let f = fixture();
    let mut at = 0;
    let mut end = |closing| {
        at += 1;
        let id = format!("t{at}");
        f.store.accept(NewTask { created: at, ..new(&id, fresh(&id), None) }).unwrap();
        f.store.append(&RunId::new(id.as_str()), &Entry::Ended(RunEnd::Done)).unwrap();
        f.store.close_task(&RunId::new(id), closing, at).unwrap();
        f.store.record_at(1).unwrap()
    };
    end(Closing::Quiet);
    assert_eq!(end(Closing::Quiet), LevelRecord { tasks: 2, incidents: 0, done_since_incident: 2 });
    assert_eq!(end(Closing::Incident), LevelRecord { tasks: 3, incidents: 1, done_since_incident: 0 });
    assert_eq!(end(Closing::Quiet), LevelRecord { tasks: 4, incidents: 1, done_since_incident: 1 });
    assert_eq!(f.store.record_at(0).unwrap(), LevelRecord { tasks: 0, incidents: 0, done_since_incident: 0 });
}
