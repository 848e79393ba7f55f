use super::*;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;

/// Takes one connection, reads until the request's body is there, and answers with these bytes.
fn serve_once(answer: &'static [u8]) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x?key=secret", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut chunk = [0; 4096];
        while !String::from_utf8_lossy(&seen).contains("\r\n\r\n") {
            let n = stream.read(&mut chunk).unwrap();
            seen.extend_from_slice(&chunk[..n]);
        }
        stream.write_all(answer).unwrap();
        // Until the client hangs up: closing with unread bytes would reset the connection.
        while stream.read(&mut chunk).is_ok_and(|n| n > 0) {}
        String::from_utf8_lossy(&seen).into_owned()
    });
    (url, server)
}

fn request(url: &str) -> HttpRequest<'_> {
    HttpRequest {
        url,
        headers: &[("x-test", "1")],
        body: None,
        timeout: Duration::from_secs(20),
        max_bytes: 64,
    }
}

#[test]
fn a_reply_comes_back_with_its_status() {
    let (url, server) = serve_once(
        b"HTTP/1.1 429 Too Many\r\nretry-after: 7\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno",
    );
    let body = json!({"a": 1});
    let reply = Http::new().unwrap().exchange(&HttpRequest { body: Some(&body), ..request(&url) }).unwrap();
    assert_eq!(reply, HttpReply { status: 429, retry_after: Some(7), body: b"no".to_vec() });
    let seen = server.join().unwrap();
    assert!(seen.starts_with("POST /x?key=secret") && seen.contains("x-test: 1"), "{seen}");
}

#[test]
fn a_reply_that_is_too_large_is_refused() {
    let (url, server) = serve_once(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789");
    let failure = Http::new().unwrap().exchange(&request(&url)).unwrap_err();
    assert!(matches!(failure, HttpFailure::TooLarge(_, 64)), "{failure}");
    drop(server);
}

#[test]
fn a_redirect_is_not_followed() {
    let (url, server) =
        serve_once(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert_eq!(Http::new().unwrap().exchange(&request(&url)).unwrap().status, 302);
    server.join().unwrap();
}

#[test]
fn silence_ends_in_time_and_the_text_keeps_the_secret() {
    let (url, server) = serve_once(b"");
    let quick = HttpRequest { timeout: Duration::from_millis(80), ..request(&url) };
    let failure = Http::new().unwrap().exchange(&quick).unwrap_err();
    assert!(matches!(failure, HttpFailure::TimedOut(..)), "{failure}");
    assert!(!failure.to_string().contains("secret"));
    server.join().unwrap();
}

#[test]
fn an_exchange_that_nobody_waits_for_is_given_up() {
    // Connects and hears nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let stop = Arc::new(AtomicBool::new(true));
    let exchanged = halt::until(&stop, || Http::new().unwrap().exchange(&request(&url)));
    assert!(matches!(exchanged, Err(HttpFailure::GivenUp(_))), "{exchanged:?}");
}

#[test]
fn nobody_there_is_named_without_the_query() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/?key=secret", listener.local_addr().unwrap());
    drop(listener);
    let failure = Http::new().unwrap().exchange(&request(&url)).unwrap_err();
    assert!(matches!(failure, HttpFailure::Unreachable(..)), "{failure}");
    assert!(!failure.to_string().contains("secret"));
}

#[test]
fn a_request_is_printed_without_headers_path_and_body() {
    let body = json!({"text": "private"});
    let headers = [("x-api-key", "secret")];
    let request = HttpRequest { headers: &headers, body: Some(&body), ..request("http://127.0.0.1:1/path") };
    let shown = format!("{request:?}");
    assert!(shown.contains("http://127.0.0.1:1"), "{shown}");
    assert!(["secret", "private", "path"].iter().all(|hidden| !shown.contains(hidden)), "{shown}");
}

#[test]
fn a_body_that_is_no_json_is_delivered_as_it_is() {
    let (url, server) = serve_once(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let body = b"\x0a\x01raw".to_vec();
    let reply = Http::new().unwrap().deliver(&request(&url), "application/x-protobuf", body).unwrap();
    assert_eq!(reply.status, 200);
    let seen = server.join().unwrap();
    assert!(seen.starts_with("POST ") && seen.contains("content-type: application/x-protobuf"), "{seen}");
}

#[test]
fn a_name_has_addresses_or_is_told() {
    assert_eq!(addresses("http://127.0.0.1:11434/x").unwrap(), ["127.0.0.1".parse::<IpAddr>().unwrap()]);
    assert!(matches!(addresses("http://no-such-host.invalid"), Err(HttpFailure::Unreachable(..))));
    assert!(matches!(addresses("no url"), Err(HttpFailure::Setup(..))));
}
