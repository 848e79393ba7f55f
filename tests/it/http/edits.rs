//! A person edits an argument instead of approving it.

use super::house::House;
use super::sockets::{authenticated, say, until};
use super::tasks::{User, text};
use serde_json::{Value, json};

/// Whatever stands in a file says where something is written, so the call asks.
const ELSEWHERE: &str =
    "where = file_read(path=\"a.txt\")\nfile_write(path=where, content=\"x\")\nanswer(\"written\")";

impl House {
    #[expect(clippy::disallowed_methods, reason = "a stranger's file lies in the workspace")]
    fn lay(&self, name: &str, content: &str) {
        std::fs::write(self.work.path().join(name), content).unwrap();
    }

    #[expect(clippy::disallowed_methods, reason = "the test looks at what was written")]
    pub fn file(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.work.path().join(name)).ok()
    }
}

/// The task's open question once it is another one than `before`.
async fn next(user: &User<'_>, id: &str, before: &str) -> Value {
    loop {
        let (_, task) = user.get(&format!("/task/{id}?wait=20")).await;
        assert_eq!(task["over"], false, "{task}");
        let questions = task["questions"].as_array().unwrap();
        let open = questions.iter().find(|q| q["state"] == "pending" && q["approval_id"] != before);
        if let Some(open) = open {
            return open.clone();
        }
        tokio::task::yield_now().await;
    }
}

/// A task that waits at its call: its id and the approval's.
async fn at_its_call(house: &House, user: &User<'_>) -> (String, String, String) {
    house.lay("a.txt", "mallory.csv");
    let (id, plan) = user.waiting(ELSEWHERE).await;
    user.post(&format!("/approve/{plan}"), json!({"granted": true})).await;
    let mut open = next(user, &id, &plan).await;
    while open["shown"]["tool"] != "file_write" {
        let before = text(&open["approval_id"]);
        user.post(&format!("/approve/{before}"), json!({"granted": true})).await;
        open = next(user, &id, &before).await;
    }
    (id, plan, text(&open["approval_id"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_is_edited_asked_about_anew_and_made_as_edited() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, plan, approval) = at_its_call(&house, &user).await;
    let at = format!("/approve/{approval}");
    let edit = |args: Value| json!({"granted": true, "reason": "elsewhere", "edited_args": args});
    for (path, body, says) in [
        (&at, json!({"granted": false, "edited_args": {"path": "b.txt"}}), "with `granted` true"),
        (&at, edit(json!({})), "no argument is named"),
        (&at, edit(json!({"pfad": "b.txt"})), "no argument `pfad`: it takes `path`, `content`"),
        (&at, edit(json!({"path": 7})), "takes str as `path`"),
        (&at, edit(json!({"path": "mallory.csv", "content": "y"})), "`path` is that already"),
        (&at, edit(json!("b.txt")), "edited_args"),
        (&at, edit(json!({"path": "b.txt\u{e0041}\u{e0042}\u{e0043}"})), "a scanner stops it"),
    ] {
        let (status, problem) = user.post(path, body).await;
        assert_eq!(status, 400, "{problem}");
        assert!(text(&problem["detail"]).contains(says), "{says}: {problem}");
    }
    let (_, open) = user.get(&format!("/approval/{approval}")).await;
    assert_eq!((&open["state"], &open["edited_args"]), (&json!("pending"), &Value::Null));

    // One argument: the other one is as untrusted as it was, so it is asked about again.
    let (status, superseded) = user.post(&at, edit(json!({"content": "mine"}))).await;
    assert_eq!((status, &superseded["state"]), (200, &json!("superseded")), "{superseded}");
    assert_eq!(
        (&superseded["edited_args"], &superseded["answered_by"], &superseded["reason"]),
        (&json!({"content": "mine"}), &json!("user"), &json!("elsewhere"))
    );
    assert!(superseded["answered_at"].is_i64());
    for later in [json!({"granted": true}), edit(json!({"content": "yours"}))] {
        assert_eq!(user.post(&at, later).await.0, 410);
    }
    let second = next(&user, &id, &approval).await;
    let arg = |name: &str| {
        let args = second["shown"]["args"].as_array().unwrap();
        args.iter().find(|arg| arg["name"] == name).unwrap().clone()
    };
    assert_eq!(arg("path")["value"], "mallory.csv");
    assert_eq!(arg("path")["label"]["integrity"], "untrusted");
    assert_eq!(arg("content")["label"]["integrity"], "trusted");
    assert_eq!((house.file("mallory.csv"), house.file("b.txt")), (None, None));

    // A changed character leaves the value a stranger's, so it is asked about again.
    let id_of_second = text(&second["approval_id"]);
    let at_second = format!("/approve/{id_of_second}");
    let (_, problem) = user.post(&at_second, edit(json!({"path": "../mallory.csv"}))).await;
    assert!(
        text(&problem["detail"]).contains("It is yours once no four characters in a row of that are left. "),
        "{problem}"
    );
    assert_eq!(user.post(&at_second, edit(json!({"path": "mallory2.csv"}))).await.0, 200);
    let third = next(&user, &id, &id_of_second).await;
    assert_eq!(third["shown"]["args"][0]["label"]["integrity"], "untrusted");
    assert_eq!((house.file("mallory.csv"), house.file("mallory2.csv")), (None, None));
    let at_third = format!("/approve/{}", text(&third["approval_id"]));
    assert_eq!(user.post(&at_third, edit(json!({"path": "b.txt"}))).await.0, 200);
    let (_, mut task) = user.get(&format!("/task/{id}?wait=20")).await;
    while task["over"] == false {
        let last = task["questions"].as_array().unwrap().last().unwrap().clone();
        if last["state"] == "pending" {
            user.post(&format!("/approve/{}", text(&last["approval_id"])), json!({"granted": true})).await;
        }
        task = user.get(&format!("/task/{id}?wait=20")).await.1;
    }
    assert_eq!(task["state"], "done", "{task}");
    assert_eq!((house.file("mallory.csv"), house.file("b.txt").as_deref()), (None, Some("mine")));
    let (status, problem) = user.post(&format!("/approve/{plan}"), edit(json!({"path": "b.txt"}))).await;
    assert_eq!(status, 409, "{problem}");
    let (_, page) = user.get(&format!("/api/events?task_id={id}")).await;
    let events = page["events"].as_array().unwrap();
    let decided =
        events.iter().find(|event| event["approval_id"] == approval.as_str() && event["end"] == "superseded");
    let decided = decided.unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!(decided["edited_args"], json!({"content": {"value": "mine", "trusted": true}}));
    let changed = events
        .iter()
        .find(|event| event["approval_id"] == id_of_second.as_str() && event["end"] == "superseded");
    let changed = &changed.unwrap_or_else(|| panic!("{events:?}"))["edited_args"];
    assert_eq!(changed, &json!({"path": {"value": "mallory2.csv", "trusted": false}}));
    assert_eq!((&decided["granted"], &decided["by"]), (&json!(false), &json!("user")));
    let report = house.site.controller.parts().store.verify().unwrap();
    assert_eq!(report.problems, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_is_edited_over_the_socket() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, _, approval) = at_its_call(&house, &user).await;
    let mut socket = authenticated(&house).await;
    say(&mut socket, json!({"type": "subscribe", "task_id": id, "after": 0})).await;
    let approving = |args: Value| json!({"type": "approval", "approval_id": approval, "granted": true, "edited_args": args});
    say(&mut socket, approving(json!({"pfad": "b.txt"}))).await;
    let error = until(&mut socket, "error").await;
    assert_eq!((&error["status"], &error["kind"]), (&json!(400), &json!("edited-args")), "{error}");
    say(&mut socket, approving(json!({"content": "mine"}))).await;
    let decided = loop {
        let decided = until(&mut socket, "task.approval_decided").await;
        if decided["approval_id"] == approval.as_str() {
            break decided;
        }
    };
    assert_eq!(
        (&decided["end"], &decided["edited_args"]["content"]["value"]),
        (&json!("superseded"), &json!("mine"))
    );
    let asked = until(&mut socket, "task.approval_requested").await;
    assert_ne!(asked["approval_id"], approval.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_cannot_be_edited_at_its_approval() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (_, approval) = user.waiting("answer(\"x\")").await;
    let body = json!({"granted": true, "edited_args": {"path": "b.txt"}});
    let (status, problem) = user.post(&format!("/approve/{approval}"), body).await;
    assert_eq!((status, &problem["type"]), (400, &json!("urn:sentinel:problem:edited-args")));
    assert!(text(&problem["detail"]).contains("this question is about a plan"), "{problem}");
    let (_, open) = user.get(&format!("/approval/{approval}")).await;
    assert_eq!(open["state"], "pending");
}
