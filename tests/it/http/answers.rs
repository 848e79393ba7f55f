//! What is told of tasks, ids and limits, so that somebody can act on it.

use super::house::House;
use super::sockets::{authenticated, say, until};
use super::tasks::{User, text};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_task_has_its_graph_and_the_numbers_of_its_values() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting("answer(f\"it is {today()}\")").await;
    let (_, asked) = user.get(&format!("/approval/{approval}")).await;
    let (_, waiting) = user.get(&format!("/task/{id}")).await;
    assert_eq!(waiting["graph"], asked["shown"]["graph"]);
    assert_eq!(waiting["graph"]["calls"][0]["name"], "today");
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
    let (_, done) = user.get(&format!("/task/{id}?wait=20")).await;
    let number = &done["steps"][0]["data_ids"]["result"];
    let (status, chain) = user.get(&format!("/api/provenance/{number}")).await;
    assert_eq!((status, &chain["chain"][0]["data_id"]), (200, number), "{done}");
    assert_eq!((&chain["chain"][0]["part"], &chain["chain"][0]["task_id"]), (&json!("value"), &json!(id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answers_says_what_to_do() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting("answer(\"x\")").await;
    house.pass(301);
    assert_eq!(user.post(&format!("/approve/{approval}"), json!({"granted": true})).await.0, 410);
    let (_, over) = user.get(&format!("/task/{id}?wait=20")).await;
    let error = over["error"].to_string();
    assert!(
        error.contains("give the task again") && error.contains("SENTINEL_APPROVAL_TTL_SECONDS"),
        "{over}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_level_and_its_evidence_are_told_to_whoever_is_logged_in() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting("answer(\"x\")").await;
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
    user.get(&format!("/task/{id}?wait=20")).await;
    let (status, trust) = user.get("/api/trust").await;
    let right = json!({"level": 0, "tasks": 1, "incidents": 0, "done_since_incident": 1, "needed": 50});
    assert_eq!((status, &trust), (200, &right));
    assert_eq!(user.client.get(house.url("/api/trust")).send().await.unwrap().status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_says_what_can() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    for (path, says) in [
        ("/task/%ff", "letters, digits and `-`"),
        ("/api/provenance/x", "a whole number such as 42"),
        ("/api/provenance/-1", "a whole number such as 42"),
        ("/task/x?wait=61", "`wait`: expected a whole number from 0 to 60"),
        ("/task/x?wait=-1", "`wait`: expected a whole number from 0 to 60"),
        ("/tasks?limit=abc", "`limit`: expected a whole number from 1 to 200"),
        ("/approvals?limit=0", "`limit`: expected a whole number from 1 to 200"),
        ("/sessions?limit=201", "`limit`: expected a whole number from 1 to 200"),
        ("/validate/path?path=a%ff", "not UTF-8"),
        ("/validate/command?command=%c0%80", "not UTF-8"),
    ] {
        let (status, problem) = user.get(path).await;
        assert_eq!(status, 400, "{path}: {problem}");
        assert!(text(&problem["detail"]).contains(says), "{path}: {problem}");
    }
    let order = json!({"request": "do it"});
    assert_eq!(user.send(Method::POST, "/task?wait=61", Some(order)).await.0, 400);
    // Nothing was taken.
    assert_eq!(user.get("/api/events").await.1["events"], json!([]));
    let client = &user.client;
    let last = |number: &'static str| {
        let request = client.get(house.url("/api/events")).header("x-sentinel-pin", super::house::PIN);
        request.header("last-event-id", number).send()
    };
    assert_eq!(last("").await.unwrap().status(), 200);
    assert_eq!(last("x").await.unwrap().status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_and_a_playbook_come_over_the_socket_too() {
    let house = House::open(&[]).await;
    let mut socket = authenticated(&house).await;
    say(&mut socket, json!({"type": "task", "request": "do it", "plan": "answer(\"mine\")"})).await;
    let planned = until(&mut socket, "task.planned").await;
    assert_eq!(planned["plan"], "answer(\"mine\")");
    for (more, kind) in [
        (json!({"plan": "answer(1)", "playbook": "invoices"}), "two-plans"),
        (json!({"playbook": "no such book"}), "playbook"),
        (json!({"params": {"a": 1}}), "params"),
        (json!({"idempotency_key": ""}), "idempotency-key"),
    ] {
        let mut message = json!({"type": "task", "request": "do it"});
        let fields: &mut serde_json::Map<String, Value> = message.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        say(&mut socket, message).await;
        let error = until(&mut socket, "error").await;
        assert_eq!((&error["status"], &error["kind"]), (&json!(400), &json!(kind)), "{error}");
    }
    say(&mut socket, json!({"type": "task", "request": "pay", "playbook": "invoices"})).await;
    until(&mut socket, "task.accepted").await;
}
