//! What a server keeps of the memory that it was given.

use super::{Server, client, insist};
use serde_json::json;
use std::sync::atomic::AtomicU16;

/// glibc gives each of its further heaps an address range of this size, and starts it at a multiple of it.
const RANGE: u64 = 64 << 20;

/// The heaps of a process beside its first, by where they begin.
fn further_heaps(pid: u32) -> Vec<u64> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let beginning = |line: &str| {
        let (addresses, rest) = line.split_once(' ').unwrap();
        let begins = u64::from_str_radix(addresses.split_once('-').unwrap().0, 16).unwrap();
        (begins % RANGE == 0 && rest.starts_with("rw-p") && !rest.contains('/')).then_some(begins)
    };
    maps.lines().filter_map(beginning).collect()
}

/// Each of the threads that work side by side would have a heap of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_many_threads_leave_behind_stays_in_few_heaps() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[("SENTINEL_PIN_REQUIRED", "false")]);
    let (client, port) = (client(dir.path()), AtomicU16::new(server.port));
    let order = json!({"request": "do it", "plan": "answer(\"x\")"});
    let give = |n: usize| {
        let (client, port, order) = (&client, &port, &order);
        async move { insist(client, port, "/task?wait=20", Some(order), &n.to_string()).await }
    };
    let given = futures_util::future::join_all((0..16).map(give)).await;
    // Each waits for a person, on a thread of its own.
    assert!(given.iter().all(|(status, _)| *status == 202), "{given:?}");
    let heaps = further_heaps(server.child.id());
    // With the first one they are eight.
    assert!(heaps.len() <= 7, "{heaps:x?}");
}
