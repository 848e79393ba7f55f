//! Texts that are scanned, and texts that the worker reads once.

use super::house::House;
use super::tasks::{User, text};
use reqwest::Method;
use serde_json::{Value, json};

const WEAK: &str = "```python\ntotal = eval(invoice)\n```";

/// The findings of one scanner.
fn of<'v>(said: &'v Value, scanner: &str) -> &'v Vec<Value> {
    let all = said["scanners"].as_array().unwrap();
    all.iter().find(|told| told["scanner"] == scanner).unwrap()["findings"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_told_by_every_scanner_with_place_and_time() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let words = "Ä first line\nwrite to anna@example.org";
    let (status, said) = user.post("/scan", json!({"text": words})).await;
    assert_eq!(status, 200, "{said}");
    let mail = &of(&said, "personal")[0];
    let (start, end) = (mail["start"].as_u64().unwrap() as usize, mail["end"].as_u64().unwrap() as usize);
    assert_eq!(&words[start..end], "anna@example.org");
    assert_eq!((&mail["line"], &mail["column"]), (&json!(2), &json!(10)), "{mail}");
    assert_eq!((&mail["severity"], &mail["rule"]), (&json!("note"), &json!("mail")));
    assert!(!said.to_string().contains("anna"), "a finding quotes nothing: {said}");
    for told in said["scanners"].as_array().unwrap() {
        assert!(told["took_us"].is_u64(), "{told}");
    }
    // Nothing of it is kept.
    assert_eq!(user.get("/api/events").await.1["events"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_border_and_what_the_user_said_count() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let scan = async |more: Value| {
        let mut body = json!({"text": WEAK});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        user.post("/scan", body).await
    };
    let (_, alone) = scan(json!({"border": "reply"})).await;
    assert_eq!(of(&alone, "echo").len(), 0, "{alone}");
    let (_, repeated) = scan(json!({"border": "reply", "asked": WEAK})).await;
    assert_eq!(of(&repeated, "echo").len(), 1, "{repeated}");
    for (more, says) in [
        (json!({"border": "fence"}), "`border`"),
        (json!({"bordr": "reply"}), "did you mean `border`?"),
        (json!({"executed": 1}), "`executed`"),
    ] {
        let (status, problem) = scan(more).await;
        assert_eq!(status, 400, "{problem}");
        assert!(text(&problem["detail"]).contains(says), "{problem}");
    }
    let (status, problem) = user.post("/scan", json!({})).await;
    assert_eq!((status, &problem["type"]), (400, &json!("urn:sentinel:problem:unfit")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_has_the_limits_of_every_body_and_counts_as_a_request() {
    let house = House::open(&[("SENTINEL_REQUEST_PER_MINUTE", "10")]).await;
    let user = User::new(&house);
    let (status, problem) = user.post("/scan", json!({"text": "x".repeat(1_100_000)})).await;
    assert_eq!((status, &problem["type"]), (413, &json!("urn:sentinel:problem:too-large")), "{problem}");
    let mut last = 0;
    for _ in 0..10 {
        last = user.post("/scan", json!({"text": "x"})).await.0;
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_reads_a_text_once_and_its_answer_comes_defanged() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let order =
        json!({"instruction": "Summarise the notice", "text": "The hall is closed. Ask anna@example.org."});
    let (status, said) = user.post("/process", order).await;
    assert_eq!((status, &said["status"]), (200, &json!("done")), "{said}");
    assert_eq!(said["answer"], "The hall <https://a.example/x> is closed");
    assert_eq!(said["label"]["integrity"], "untrusted", "{said}");
    let borders: Vec<&Value> = said["findings"].as_array().unwrap().iter().map(|f| &f["border"]).collect();
    assert!(borders.contains(&&json!("tool_output")), "{said}");
    let (status, problem) = user.post("/process", json!({"instruction": "Translate it", "text": "x"})).await;
    assert_eq!((status, &problem["type"]), (503, &json!("urn:sentinel:problem:worker")), "{problem}");
    for (order, says) in [
        (json!({"instruction": "Summarise the notice", "text": ""}), "1 to 100000 characters"),
        (json!({"instruction": "x", "text": "x"}), "`instruction`"),
        (json!({"instruction": "Summarise the notice"}), "missing field `text`"),
    ] {
        let (status, problem) = user.post("/process", order).await;
        assert_eq!(status, 400, "{problem}");
        assert!(text(&problem["detail"]).contains(says), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_of_the_worker_costs_a_task_s_rate() {
    let house = House::open(&[("SENTINEL_TASK_PER_MINUTE", "2")]).await;
    let user = User::new(&house);
    let order = json!({"instruction": "Summarise the notice", "text": "The hall is closed."});
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(user.send(Method::POST, "/process", Some(order.clone())).await.0);
    }
    assert_eq!(statuses, [200, 200, 429]);
}
