use super::*;
use crate::kernel::id::Digest;
use crate::kernel::record::{Entry, RunEnd};
use crate::store::task::{NewTask, Session};
use crate::store::tests::fixture;
use serde_json::json;

fn accept(store: &Store, id: &str, by: &str, session: Session) {
    let new = NewTask {
        id: RunId::new(id),
        principal: Principal::new(by),
        session,
        order: json!({"request": id}),
        idempotency: None,
        trust_level: 0,
        created: 5,
    };
    store.accept(new).unwrap();
}

fn ids(rows: &[ListedTask]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn lists_are_ones_own_the_newest_first_and_paged() {
    let f = fixture();
    let user = Principal::new("user");
    for n in 1..=5 {
        let session =
            if n == 1 { Session::New(SessionId::new("s")) } else { Session::Known(SessionId::new("s")) };
        accept(&f.store, &format!("t{n}"), "user", session);
        accept(&f.store, &format!("o{n}"), "other", Session::New(SessionId::new(format!("o{n}"))));
    }
    accept(&f.store, "t6", "user", Session::New(SessionId::new("r")));
    for (id, end) in [("t2", RunEnd::Done), ("t4", RunEnd::Stopped)] {
        f.store.append(&RunId::new(id), &Entry::Ended(end)).unwrap();
    }
    let list = |filter: TaskFilter, limit| f.store.tasks_by(&user, &filter, limit).unwrap();
    let all = list(TaskFilter::default(), 10);
    assert_eq!(ids(&all), ["t6", "t5", "t4", "t3", "t2", "t1"]);
    assert_eq!((all[2].state, all[2].is_over(), all[0].state), (TaskState::Stopped, true, TaskState::Queued));
    assert_eq!(all[0].order, Some(json!({"request": "t6"})));
    let before = |id: &str| TaskFilter { before: Some(RunId::new(id)), ..TaskFilter::default() };
    assert_eq!(ids(&list(before("t5"), 2)), ["t4", "t3"]);
    let of = TaskFilter { session: Some(SessionId::new("s")), ..before("t3") };
    assert_eq!(ids(&list(of, 9)), ["t2", "t1"]);
    let of = TaskFilter { session: Some(SessionId::new("r")), ..TaskFilter::default() };
    assert_eq!(ids(&list(of, 9)), ["t6"]);
    let in_state = |state| TaskFilter { state: Some(state), ..TaskFilter::default() };
    assert_eq!(ids(&list(in_state(TaskState::Queued), 9)), ["t6", "t5", "t3", "t1"]);
    assert_eq!(ids(&list(in_state(TaskState::Done), 9)), ["t2"]);
    for id in ["t1", "o1", "t5"] {
        f.store.append(&RunId::new(id), &Entry::Resumed { policy: Digest::of(b"p") }).unwrap();
    }
    assert_eq!(ids(&list(in_state(TaskState::Running), 9)), ["t5", "t1"]);
    let of = TaskFilter { before: Some(RunId::new("t5")), ..in_state(TaskState::Running) };
    assert_eq!(ids(&list(of, 9)), ["t1"]);

    let sessions = f.store.sessions_by(&user, None, 9).unwrap();
    let brief: Vec<_> = sessions.iter().map(|row| (row.id.as_str(), row.turns)).collect();
    assert_eq!(brief, [("r", 1), ("s", 5)]);
    let older = f.store.sessions_by(&user, Some(&SessionId::new("r")), 9).unwrap();
    assert_eq!(older.len(), 1);
}

/// Lists stay quick with thousands of tasks because they walk an index: neither sorts nor reads a whole table.
#[test]
fn lists_walk_an_index() {
    let f = fixture();
    let plan = |sql: &str| -> String {
        let plan = f.store.readers.read(|db| {
            let mut select = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            // Without values: only the plan is asked for.
            let rows = select.raw_query().mapped(|row| row.get::<_, String>(3));
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        });
        plan.unwrap().join("\n")
    };
    for (sql, index) in
        [(tasks_sql(BY_PRINCIPAL), "task_by_principal"), (SESSIONS.to_owned(), "session_by_principal")]
    {
        let plan = plan(&sql);
        assert!(plan.contains(index) && !plan.contains("SCAN") && !plan.contains("B-TREE"), "{plan}");
    }
    // Of all that ever ran only what is under way is read, and that is sorted.
    let plan = plan(&tasks_sql(BY_STATE));
    assert!(plan.contains("run_by_state") && !plan.contains("SCAN"), "{plan}");
}
