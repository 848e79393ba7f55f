//! The list of questions, a page at a time.

use super::house::House;
use super::tasks::{User, text};
use serde_json::{Value, json};

const TODAY: &str = "answer(f\"it is {today()}\")";

/// The ids of a page's questions, and its `next`.
async fn page(user: &User<'_>, query: &str) -> (Vec<String>, Value) {
    let (status, page) = user.get(&format!("/approvals?{query}")).await;
    assert_eq!(status, 200, "{query}: {page}");
    let ids = page["approvals"].as_array().unwrap().iter().map(|row| text(&row["approval_id"]));
    (ids.collect(), page["next"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_listed_a_page_at_a_time_the_latest_first() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let mut asked = Vec::new();
    for _ in 0..5 {
        asked.insert(0, user.waiting(TODAY).await.1);
    }
    user.post(&format!("/approve/{}", asked[2]), json!({"granted": false})).await;

    for (filter, expected) in [
        ("", asked.clone()),
        ("state=pending&", [&asked[..2], &asked[3..]].concat()),
        ("state=denied&", vec![asked[2].clone()]),
    ] {
        let (mut seen, mut before) = (Vec::new(), String::new());
        loop {
            let (ids, next) = page(&user, &format!("{filter}limit=2{before}")).await;
            assert!(ids.len() <= 2);
            seen.extend(ids);
            let Some(next) = next.as_str() else { break };
            before = format!("&before={next}");
        }
        assert_eq!(seen, expected, "{filter}");
    }
    assert_eq!(page(&user, "").await, (asked.clone(), Value::Null), "50 where nothing is said");
    assert_eq!(
        page(&user, "limit=5").await,
        (asked.clone(), Value::Null),
        "nothing follows a page that is just full"
    );
    let (_, next) = page(&user, "limit=3").await;
    let later = user.waiting(TODAY).await.1;
    let (rest, _) = page(&user, &format!("before={}", text(&next))).await;
    assert_eq!(rest, asked[3..], "what came meanwhile moves no page");
    assert_eq!(page(&user, "limit=1").await.0, [later]);

    for (query, says) in [
        ("limit=0", "from 1 to 200"),
        ("limit=201", "from 1 to 200"),
        ("limit=x", "whole number"),
        ("before=nothing", "`next` of an earlier page"),
    ] {
        let (status, problem) = user.get(&format!("/approvals?{query}")).await;
        assert_eq!(status, 400, "{query}");
        assert!(text(&problem["detail"]).contains(says), "{query}: {problem}");
    }
}
