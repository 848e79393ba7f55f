//! The real program's spans at a collector: a server of ours on this machine that decodes what comes. It is no real
//! collector; the messages are the protocol's own.

#![expect(clippy::disallowed_methods, reason = "a test is the collector and the client here")]

use crate::serve::{Server, client};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request's head and body.
pub type Seen = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// Takes everything; ends with the process.
pub fn collector() -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, seen) = (format!("http://{}", listener.local_addr().unwrap()), Seen::default());
    let kept = seen.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut bytes, mut chunk) = (stream.unwrap(), Vec::new(), [0; 65536]);
            let (head, body) = loop {
                let n = stream.read(&mut chunk).unwrap();
                assert!(n > 0, "the request broke off");
                bytes.extend_from_slice(&chunk[..n]);
                let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
                let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
                if bytes.len() - end - 4 == length.parse::<usize>().unwrap() {
                    break (head, bytes[end + 4..].to_vec());
                }
            };
            kept.lock().unwrap().push((head, body));
            let _gone =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (url, seen)
}

fn spans(seen: &Seen) -> Vec<Span> {
    let bodies = seen.lock().unwrap();
    let requests = bodies.iter().map(|(_, body)| ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
    let scopes = requests.flat_map(|request| request.resource_spans).flat_map(|one| one.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// Runs a task that lists the workspace, with a canary wherever a text is.
async fn work(settings: &[(&str, &str)]) {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), settings);
    let url = format!("https://localhost:{}/task?wait=20", server.port);
    let order = json!({"request": "canary-request", "plan": "list_dir()\nanswer(\"canary-reply\")"});
    let client = client(dir.path());
    client.post(url).json(&order).send().await.unwrap().error_for_status().unwrap();
    let begun = Instant::now();
    loop {
        let base = format!("https://localhost:{}", server.port);
        let open: serde_json::Value =
            client.get(format!("{base}/approvals?state=pending")).send().await.unwrap().json().await.unwrap();
        for row in open["approvals"].as_array().into_iter().flatten() {
            let id = row["approval_id"].as_str().unwrap();
            let yes = json!({"granted": true, "reason": "canary-reason"});
            client.post(format!("{base}/approve/{id}")).json(&yes).send().await.unwrap();
        }
        let logs = std::fs::read_dir(dir.path().join("logs")).unwrap();
        let text: String = logs.map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect();
        if text.contains("a task is over") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Spans are sent at the latest when the program goes down in good order.
    let pid = rustix::process::Pid::from_raw(i32::try_from(server.child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let mut server = server;
    assert!(server.child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_the_spans_of_a_task_and_no_text_of_it() {
    let (url, seen) = collector();
    work(&[("SENTINEL_OTLP_ENDPOINT", &url), ("SENTINEL_PIN_REQUIRED", "false")]).await;
    let spans = spans(&seen);
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert!(names.contains(&"execute_tool list_dir") && names.contains(&"invoke_agent"), "{names:?}");
    let task = spans.iter().find(|span| span.name == "invoke_agent").unwrap();
    let call = spans.iter().find(|span| span.name == "execute_tool list_dir").unwrap();
    assert_eq!((&call.trace_id, &call.parent_span_id), (&task.trace_id, &task.span_id));
    let keys: Vec<&str> = task.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
    assert_eq!(keys, ["task_id", "gen_ai.operation.name", "gen_ai.conversation.id"]);
    for (head, body) in seen.lock().unwrap().iter() {
        assert!(
            head.starts_with("post /v1/traces ") && head.contains("content-type: application/x-protobuf"),
            "{head}"
        );
        assert!(!String::from_utf8_lossy(body).contains("canary"), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_unless_a_collector_is_named() {
    let (_, seen) = collector();
    work(&[("SENTINEL_PIN_REQUIRED", "false")]).await;
    assert!(seen.lock().unwrap().is_empty());
}
