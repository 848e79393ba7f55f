//! The machine's clock jumps: what that does to approvals and sessions, which both go by it. A jump forward ends them; a jump
//! back lengthens their life by at most the jump, and never brings back what was over.

use super::house::{House, PIN};
use super::tasks::{User, text};
use serde_json::{Value, json};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const TODAY: &str = "answer(f\"it is {today()}\")";

async fn decide(user: &User<'_>, approval: &str) -> (u16, Value) {
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_ends_when_the_clock_jumps_forward_and_stays_ended_when_it_jumps_back() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting(TODAY).await;
    house.pass(DAY);
    let (status, problem) = decide(&user, &approval).await;
    assert_eq!((status, &problem["type"]), (410, &json!("urn:sentinel:problem:expired")));
    house.pass(-DAY);
    assert_eq!(decide(&user, &approval).await.0, 410, "its time was over once");
    let (_, over) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!((&over["state"], &over["steps"]), (&json!("refused"), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_ends_at_its_moment_also_when_the_clock_jumped_back_before() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (_, approval) = user.waiting(TODAY).await;
    let (_, shown) = user.get(&format!("/approval/{approval}")).await;
    let expires = shown["expires_at"].as_i64().unwrap();
    house.pass(-HOUR);
    let (_, again) = user.get(&format!("/approval/{approval}")).await;
    assert_eq!((&again["state"], &again["expires_at"]), (&json!("pending"), &json!(expires)));
    // The ttl of 300 s by the clock, and not a moment more.
    house.pass(HOUR + 299);
    assert_eq!(user.get(&format!("/approval/{approval}")).await.1["state"], "pending");
    house.pass(2);
    assert_eq!(decide(&user, &approval).await.0, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_after_a_jump_back_counts_once() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting(TODAY).await;
    house.pass(-HOUR);
    assert_eq!(decide(&user, &approval).await.0, 200);
    house.pass(DAY);
    assert_eq!(decide(&user, &approval).await.0, 409);
    let (_, done) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!(text(&done["state"]), "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_the_clock_jumps_forward_and_does_not_come_back() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let cookie = house.cookie(&client).await;
    house.pass(-HOUR);
    assert_eq!(house.get(&client, "cookie", &cookie).await.0, 200);
    // Half an hour of idleness by the clock, from when it was used last before the jump.
    house.pass(HOUR + 31 * 60);
    assert_eq!(house.get(&client, "cookie", &cookie).await.0, 401);
    let other = house.cookie(&client).await;
    house.pass(DAY);
    assert_eq!(house.get(&client, "cookie", &other).await.0, 401);
    house.pass(-DAY);
    assert_eq!(house.get(&client, "cookie", &other).await.0, 401, "its time was over once");
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_back_locks_nobody_out_and_gives_nobody_more() {
    let house = House::open(&[("SENTINEL_REQUEST_PER_MINUTE", "10")]).await;
    let user = User::new(&house);
    house.pass(DAY);
    for _ in 0..5 {
        assert_eq!(user.get("/approvals").await.0, 200);
    }
    house.pass(-DAY);
    for _ in 0..5 {
        assert_eq!(user.get("/approvals").await.0, 200, "the rest of the minute's requests");
    }
    assert_eq!(user.get("/approvals").await.0, 429);
    house.pass(60);
    assert_eq!(user.get("/approvals").await.0, 200);
}
