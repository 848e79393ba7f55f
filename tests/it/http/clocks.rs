//! The machine's clock jumps: what that does to approvals and sessions, which both go by it. A jump forward ends them. A
//! jump back of more than a minute ends what was made or used after the moment that it leads to; so what stays gains at
//! most the time that it was idle, and nothing that was over comes back.

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
async fn an_approval_ends_when_the_clock_jumps_back_before_it_was_asked_for() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting(TODAY).await;
    house.pass(-HOUR);
    assert_eq!(decide(&user, &approval).await.0, 410, "nobody knows how long it has waited");
    let (_, over) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!((&over["state"], &over["steps"]), (&json!("refused"), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_gains_at_most_its_own_time_by_a_jump_back() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (_, approval) = user.waiting(TODAY).await;
    let shown = async || user.get(&format!("/approval/{approval}")).await.1["state"].clone();
    // 299 s of its ttl of 300 s have passed, and the clock takes all of them back.
    house.pass(299);
    house.pass(-299);
    assert_eq!(shown().await, "pending");
    house.pass(299);
    assert_eq!(shown().await, "pending");
    house.pass(2);
    assert_eq!(decide(&user, &approval).await.0, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_after_a_small_correction_counts_once() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting(TODAY).await;
    house.pass(-30);
    assert_eq!(decide(&user, &approval).await.0, 200);
    house.pass(DAY);
    assert_eq!(decide(&user, &approval).await.0, 409);
    let (_, done) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!(text(&done["state"]), "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_the_clock_jumps_either_way_and_does_not_come_back() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let cookie = house.cookie(&client).await;
    house.pass(-30);
    assert_eq!(house.get(&client, "cookie", &cookie).await.0, 200, "a small correction");
    house.pass(-HOUR);
    assert_eq!(house.get(&client, "cookie", &cookie).await.0, 401, "it was used after now");
    house.pass(HOUR + 30);
    assert_eq!(house.get(&client, "cookie", &cookie).await.0, 401, "its time was over once");

    let other = house.cookie(&client).await;
    house.pass(DAY);
    assert_eq!(house.get(&client, "cookie", &other).await.0, 401);
    house.pass(-DAY);
    assert_eq!(house.get(&client, "cookie", &other).await.0, 401, "its time was over once");
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_gains_at_most_its_idle_time_by_a_jump_back() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let cookie = house.cookie(&client).await;
    // 29 minutes of idleness, all taken back: another half hour from the use, and not a moment more.
    house.pass(29 * 60);
    house.pass(-29 * 60);
    house.pass(31 * 60);
    assert_eq!(house.get(&client, "cookie", &cookie).await.0, 401);
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
