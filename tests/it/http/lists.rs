//! Lists: tasks, conversations and playbooks, a page at a time.

use super::house::House;
use super::tasks::{User, text};
use sentinel::flow::controller::Wish;
use sentinel::kernel::id::Digest;
use sentinel::kernel::principal::Principal;
use sentinel::store::{NewQuestion, QuestionKind, QuestionRow, TaskRow};
use serde_json::{Value, json};

fn requests(list: &Value) -> Vec<&str> {
    list["tasks"].as_array().unwrap().iter().map(|task| task["request"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_the_newest_first_and_a_page_at_a_time() {
    let house = House::open(&[("SENTINEL_TASK_PER_MINUTE", "100")]).await;
    let user = User::new(&house);
    let (_, none) = user.get("/tasks").await;
    assert_eq!(none, json!({"tasks": [], "next": null, "seq": 0}));
    let give = async |order: Value, wait: u32| {
        let (status, given) = user.post(&format!("/task?wait={wait}"), order).await;
        assert_eq!(status, 202, "{given}");
        given
    };
    let first = give(json!({"request": "the first", "plan": "answer(\"x\")"}), 20).await;
    let session = text(&first["session_id"]);
    // A turn begins when the one before it is over.
    give(json!({"request": "the second", "plan": "answer(\"y\")", "session_id": session}), 0).await;
    give(json!({"request": "long ".repeat(100), "plan": "answer(\"z\")"}), 20).await;
    let (_, page) = user.get("/tasks?limit=2").await;
    assert_eq!(requests(&page)[1], "the second");
    assert_eq!(requests(&page)[0].chars().count(), 201);
    let (_, rest) = user.get(&format!("/tasks?limit=2&before={}", text(&page["next"]))).await;
    assert_eq!((requests(&rest), &rest["next"]), (vec!["the first"], &Value::Null));
    let (_, turns) = user.get(&format!("/tasks?session_id={session}")).await;
    assert_eq!(requests(&turns), ["the second", "the first"]);
    let (_, queued) = user.get("/tasks?state=queued").await;
    assert_eq!(requests(&queued), ["the second"]);
    let (_, waiting) = user.get("/tasks?state=waiting").await;
    assert_eq!(requests(&waiting)[1], "the first");
    user.post(&format!("/approve/{}", text(&first["approval_id"])), json!({"granted": true})).await;
    user.get(&format!("/task/{}?wait=20", text(&first["task_id"]))).await;
    let (_, done) = user.get("/tasks?state=done").await;
    assert_eq!((requests(&done), &done["tasks"][0]["over"]), (vec!["the first"], &json!(true)));
    let (_, events) = user.get(&format!("/api/events?after={}", none["seq"])).await;
    assert_eq!(events["events"][0]["request"], "the first", "what follows the list is news");
    assert!(done["seq"].as_u64() > Some(0));
    for wrong in ["state=over", "limit=0", "limit=201", "limit=-1", "page=2"] {
        assert_eq!(user.get(&format!("/tasks?{wrong}")).await.0, 400, "{wrong}");
    }
    let (_, sessions) = user.get("/sessions?limit=1").await;
    assert_eq!(sessions["sessions"][0]["turns"], 1);
    let (_, older) = user.get(&format!("/sessions?before={}", text(&sessions["next"]))).await;
    assert_eq!(
        (
            &older["sessions"][0]["session_id"],
            &older["sessions"][0]["turns"],
            &older["sessions"][0]["request"]
        ),
        (&json!(session), &json!(2), &json!("the first"))
    );
}

/// A task of somebody else, and a question about it.
fn theirs(house: &House) -> (TaskRow, QuestionRow) {
    let theirs = house.site.controller.submit(Wish {
        principal: Principal::new("somebody else"),
        channel: "test".into(),
        request: "do it".to_owned(),
        session: None,
        plan: Some("answer(\"x\")".to_owned()),
        playbook: None,
        mode: None,
        idempotency: None,
    });
    let theirs = theirs.unwrap();
    let asked = house.site.store.ask(NewQuestion {
        digest: Digest::of(b"a question"),
        run: theirs.id.clone(),
        call: None,
        kind: QuestionKind::Plan,
        payload: Value::Null,
        created: 1_000_000,
        expires_at: 2_000_000,
    });
    (theirs, asked.unwrap())
}

/// Whatever no page can have named gets the same answer, whether nobody has it or somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_before_what_is_not_ones_own_is_none() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (theirs, asked) = theirs(&house);
    let mut told = Vec::new();
    for (list, id) in [
        ("tasks", theirs.id.as_str()),
        ("tasks", "nothing"),
        ("sessions", theirs.session.as_str()),
        ("sessions", "nothing"),
        ("approvals", asked.id.as_str()),
        ("approvals", "nothing"),
    ] {
        let (status, problem) = user.get(&format!("/{list}?before={id}")).await;
        assert_eq!(status, 400, "{list} before {id}: {problem}");
        told.push(problem);
    }
    assert!(text(&told[0]["detail"]).contains("`next` of an earlier page"), "{told:?}");
    assert!(told.iter().all(|problem| problem["detail"] == told[0]["detail"]), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_lists_what_is_anothers() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (_, asked) = theirs(&house);
    assert_eq!(house.site.store.pending().unwrap(), [asked]);
    for (list, of) in [
        ("tasks", "tasks"),
        ("sessions", "sessions"),
        ("approvals", "approvals"),
        ("approvals?state=pending", "approvals"),
    ] {
        let (status, page) = user.get(&format!("/{list}")).await;
        assert_eq!((status, &page[of], &page["next"]), (200, &json!([]), &Value::Null), "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn playbooks_are_listed_with_what_they_take() {
    let house = House::open(&[]).await;
    let (status, list) = User::new(&house).get("/api/playbooks").await;
    assert_eq!((status, &list["playbooks"][0]["name"]), (200, &json!("invoices")), "{list}");
    let inbox = &list["playbooks"][0]["params"][0];
    assert_eq!((&inbox["type"], &inbox["default"]), (&json!("str"), &json!("inbox")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_to_be_done_first_is_told_to_anybody() {
    let needed = async |house: &House| {
        let response = house.client("127.0.0.1").get(house.url("/api/setup")).send().await.unwrap();
        response.json::<Value>().await.unwrap()["needed"].clone()
    };
    assert_eq!(needed(&House::open(&[]).await).await, "log_in");
    assert_eq!(needed(&House::open(&[("SENTINEL_PIN_REQUIRED", "false")]).await).await, "nothing");
    let fresh = House::with(tempfile::tempdir().unwrap(), &[], None, axum::Router::new()).await;
    assert_eq!(needed(&fresh).await, "set_up");
}
