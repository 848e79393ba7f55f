//! Refusals reach a client that writes its whole body first.

use super::house::{House, PIN};
use super::wire::tls;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// Sends a large body to its end before it reads; the answer's first line.
async fn stubborn(house: &House, path: &str, headers: &str, bytes: usize) -> String {
    let mut plain = tls(house).await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost:{}\r\ncontent-length: {bytes}\r\n{headers}\r\n",
        house.port
    );
    plain.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b' '; 1 << 16];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(piece.len());
        timeout(Duration::from_secs(20), plain.write_all(&piece[..now])).await.unwrap().unwrap();
        left -= now;
    }
    plain.flush().await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = timeout(Duration::from_secs(20), plain.read(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_heard_by_a_client_that_writes_all_first() {
    let house = House::open(&[]).await;
    let pin = format!("x-sentinel-pin: {PIN}\r\n");
    let json = "content-type: application/json\r\n";
    for (path, headers, bytes, status) in [
        ("/task", format!("{pin}{json}"), 10_000_000, "413"),
        ("/task", format!("{pin}{json}"), 1_100_000, "413"),
        ("/task", json.to_owned(), 8_000_000, "401"),
        ("/task", pin.clone(), 8_000_000, "415"),
        ("/task", format!("{pin}{json}origin: https://evil.example\r\n"), 8_000_000, "403"),
        ("/nowhere", pin.clone(), 8_000_000, "404"),
    ] {
        let line = stubborn(&house, path, &headers, bytes).await;
        assert!(line.contains(status), "{status}: {line}");
    }
}

/// Whoever asks first is told before anything is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_to_be_told_is_not_told_to_send_what_is_refused() {
    let house = House::open(&[]).await;
    let mut plain = tls(&house).await;
    let head = format!("POST /task HTTP/1.1\r\nhost: localhost:{}\r\n", house.port);
    let rest = "content-type: application/json\r\ncontent-length: 900000\r\nexpect: 100-continue\r\n\r\n";
    plain.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = timeout(Duration::from_secs(20), plain.read(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}
