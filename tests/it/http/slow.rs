//! A follower who does not read for a long time.

use super::house::{House, PIN};
use super::sockets::{authenticated, hear, say};
use super::tasks::User;
use sentinel::kernel::id::{Digest, RunId};
use sentinel::kernel::record::Entry;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// More than every buffer on the way holds.
const EVENTS: usize = 12_000;
/// Who writes them, together: a commit takes many records at once.
const WRITERS: usize = 32;

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_that_reads_after_ten_thousand_events_gets_each_once_and_in_order() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, _) = user.waiting("answer(\"hello\")").await;
    // Both follow from the beginning, and then look away.
    let request =
        user.client.get(house.url(&format!("/api/events?task_id={id}"))).header("x-sentinel-pin", PIN);
    let mut stream = request.header("accept", "text/event-stream").send().await.unwrap();
    let mut socket = authenticated(&house).await;
    say(&mut socket, json!({"type": "subscribe", "task_id": id, "after": 0})).await;
    let store = house.site.store.clone();
    let (run, entry) = (RunId::new(id.as_str()), Entry::Resumed { policy: Digest::of(b"again") });
    tokio::task::spawn_blocking(move || {
        std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| {
                    (0..EVENTS / WRITERS).for_each(|_| assert!(store.append(&run, &entry).is_ok()))
                });
            }
        });
    })
    .await
    .unwrap();
    // Somebody else is served meanwhile.
    assert_eq!(user.get("/health").await.0, 200);
    let all: Vec<u64> =
        user.events(&format!("task_id={id}&")).await.iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert!(all.len() > EVENTS && all.is_sorted(), "{} events", all.len());

    let (mut text, mut seen) = (String::new(), Vec::new());
    while seen.len() < all.len() {
        let chunk = timeout(Duration::from_secs(30), stream.chunk()).await.unwrap().unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.split_off(whole);
        seen.extend(text.lines().filter_map(|l| l.strip_prefix("id: ")).map(|id| id.parse::<u64>().unwrap()));
        text = rest;
    }
    assert!(seen == all, "by SSE");
    let mut seen = Vec::new();
    while seen.len() < all.len() {
        seen.extend(hear(&mut socket).await.expect("the server closed")["seq"].as_u64());
    }
    assert!(seen == all, "by WebSocket");
}
