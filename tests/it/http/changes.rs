//! What a write would change, beside the question about it.

use super::house::House;
use super::tasks::{User, text};
use serde_json::{Value, json};

const WRITE: &str = "text = file_read(path=\"a.txt\")\nmkdir(path=\"outbox\")\nfile_write(path=\"outbox/b.txt\", content=text)\nanswer(\"written\")";

#[expect(clippy::disallowed_methods, reason = "files lie in the workspace")]
fn lay(house: &House, name: &str, content: &str) {
    let path = house.work.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// The approval id of a task's open question about a call.
async fn call(user: &User<'_>, id: &str) -> String {
    loop {
        let (_, task) = user.get(&format!("/task/{id}?wait=20")).await;
        let questions = task["questions"].as_array().unwrap();
        if let Some(open) = questions.iter().find(|q| q["state"] == "pending" && q["kind"] == "call") {
            return text(&open["approval_id"]);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_question_about_a_write_tells_what_would_change() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    lay(&house, "a.txt", "one\ntwo\n");
    lay(&house, "outbox/b.txt", "one\n2\n");
    let (id, plan) = user.waiting(WRITE).await;
    assert_eq!(
        user.get(&format!("/approval/{plan}")).await.1["change"],
        Value::Null,
        "a plan writes nothing"
    );
    user.post(&format!("/approve/{plan}"), json!({"granted": true})).await;
    let asked = call(&user, &id).await;
    let path = format!("/approval/{asked}");
    let (_, shown) = user.get(&path).await;
    let change = &shown["change"];
    assert_eq!((&change["path"], &change["kind"]), (&json!("outbox/b.txt"), &json!("lines")), "{shown}");
    assert_eq!((&change["added"], &change["removed"]), (&json!(1), &json!(1)));
    assert_eq!(
        change["groups"][0],
        json!([{"is": "kept", "old": 1, "new": 1, "text": "one"}, {"is": "removed", "old": 2, "new": null, "text": "2"},
            {"is": "added", "old": null, "new": 2, "text": "two"}])
    );
    assert_eq!(change["label"]["integrity"], "untrusted");
    // It is no part of the question: another file beneath it leaves the question as it was.
    lay(&house, "outbox/b.txt", "one\ntwo\n");
    assert_eq!(user.get(&path).await.1["change"]["kind"], "same");
    // A list says less, and what is decided compares nothing.
    let (_, listed) = user.get("/approvals?state=pending").await;
    assert_eq!(listed["approvals"][0]["change"], Value::Null);
    let (status, _) = user.post(&format!("/approve/{asked}"), json!({"granted": true})).await;
    assert_eq!(status, 200);
    assert_eq!(user.get(&path).await.1["change"], Value::Null);
    let (_, done) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!(done["state"], "done", "{done}");
    let (_, chain) = user.get(&format!("/api/provenance/{}", done["answer_data_id"])).await;
    assert_eq!((&chain["chain"][0]["part"], &chain["chain"][0]["task_id"]), (&json!("text"), &json!(id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_task_is_judged_as_somebody_supposes() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    lay(&house, "a.txt", "one\n");
    let (id, plan) = user.waiting(WRITE).await;
    user.post(&format!("/approve/{plan}"), json!({"granted": true})).await;
    let asked = call(&user, &id).await;
    user.post(&format!("/approve/{asked}"), json!({"granted": true})).await;
    user.get(&format!("/task/{id}?wait=20")).await;
    let says = async |body: Value| {
        let (status, said) = user.post("/api/policies/test", body).await;
        assert_eq!(status, 200, "{said}");
        text(&said["calls"][2]["now"]["verdict"])
    };
    assert_eq!(says(json!({"task_id": id})).await, "ask");
    assert_eq!(says(json!({"task_id": id, "trust_level": 4})).await, "ask");
    assert_eq!(says(json!({"task_id": id, "edits": {"3": {"path": "notes.txt"}}})).await, "allow");
    assert_eq!(says(json!({"task_id": id, "edits": {"3": {"path": ".profile"}}})).await, "deny");
    for (body, says) in [
        (json!({"task_id": id, "trust_level": 5}), "from 0 to 4"),
        (json!({"task_id": id, "edits": {"9": {"path": "x"}}}), "step 9"),
        (json!({"task_id": id, "edits": {"3": {"place": "x"}}}), "no argument `place`"),
        (json!({"table": "", "trust_level": 1}), "go with `task_id`"),
    ] {
        let (status, refused) = user.post("/api/policies/test", body).await;
        assert_eq!(status, 400, "{refused}");
        assert!(text(&refused["detail"]).contains(says), "{refused}");
    }
    let (_, loaded) = user.get("/api/policies").await;
    let rule =
        |id: &str| loaded["policies"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap();
    for (id, does) in [
        ("outbox-untrusted", "asks"),
        ("write-hidden", "forbids"),
        ("read-allowed", "allows"),
        ("screen-reply", "screens"),
    ] {
        assert_eq!(rule(id)["does"], does, "{id}");
    }
    assert!(text(&rule("write-hidden")["text"]).starts_with("@id(\"write-hidden\")"));
}
