//! Bodies, slow and many connections, the certificate, and the way down.

use super::house::{House, PIN};
use axum::extract::State;
use axum::routing::{get, post};
use sentinel::http::{Accepting, Phase, Site};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_meant_are_refused() {
    let house = House::open(&[("SENTINEL_BODY_BYTES", "2048")]).await;
    let client = house.client("127.0.0.1");
    let post = |body: Vec<u8>| {
        client.post(house.url("/api/session")).header("content-type", "application/json").body(body).send()
    };
    let pin = |text: &str| format!("{{\"pin\":\"{text}\"}}").into_bytes();
    assert_eq!(post(pin(&"x".repeat(3_000))).await.unwrap().status(), 413);
    for (body, says) in [
        (json!({ "pin": PIN, "pim": 1 }).to_string().into_bytes(), "unknown field `pim`"),
        (b"{\"pin\":".to_vec(), "line 1, column 7"),
        (b"{\"pin\":\"\xff\"}".to_vec(), "byte 8"),
        (pin("\\u0000"), "NUL"),
        (pin("\\ud800"), "surrogate"),
        (b"{\"pin\":".repeat(200), "nested too deeply"),
        (b"{\"pin\":135790}".to_vec(), "`pin`: expected a string"),
    ] {
        let response = post(body).await.unwrap();
        assert_eq!(response.status(), 400, "{says}");
        let problem: serde_json::Value = response.json().await.unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(says) && !detail.contains(PIN), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packed_body_is_not_unpacked() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let post = |encoding: &'static str| {
        let request = client.post(house.url("/api/session")).header("content-encoding", encoding);
        request.json(&json!({ "pin": PIN })).send()
    };
    for encoding in ["gzip", "br", "identity, gzip", "x"] {
        let response = post(encoding).await.unwrap();
        assert_eq!(response.status(), 415, "{encoding}");
        let problem: serde_json::Value = response.json().await.unwrap();
        assert_eq!(problem["type"], "urn:sentinel:problem:content-encoding");
    }
    assert_eq!(post("identity").await.unwrap().status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_types_of_one_body_are_refused() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let post = |kinds: [&'static str; 2]| {
        let request = client.post(house.url("/api/session")).body(json!({ "pin": PIN }).to_string());
        kinds.iter().fold(request, |request, kind| request.header("content-type", *kind)).send()
    };
    for kinds in [
        ["application/json", "text/plain"],
        ["text/plain", "application/json"],
        ["application/json", "application/json"],
    ] {
        assert_eq!(post(kinds).await.unwrap().status(), 415, "{kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_offers_only_http_1_0_is_answered() {
    let house = House::open(&[]).await;
    let mut stream = connect_offering(house.port, &house.pem(), &[b"http/1.0"]).await;
    let request = "GET /health HTTP/1.0\r\nhost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _without_goodbye = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
}

/// hyper answers these itself: a status and no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_is_none_is_refused() {
    let house = House::open(&[]).await;
    for length in ["-1", "x", "1, 2", "99999999999999999999"] {
        let mut plain = tls(&house).await;
        let head = format!("POST /api/session HTTP/1.1\r\nhost: localhost:{}\r\n", house.port);
        let rest = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        plain.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
        let answer = read(&mut plain).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{length}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_length_is_cut_at_the_limit() {
    let house = House::open(&[("SENTINEL_BODY_BYTES", "2048")]).await;
    let mut plain = tls(&house).await;
    let head = format!("POST /api/session HTTP/1.1\r\nhost: localhost:{}\r\n", house.port);
    let rest = "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    plain.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(4_096));
    plain.write_all(chunk.as_bytes()).await.unwrap();
    assert!(read(&mut plain).await.starts_with("HTTP/1.1 413"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_waited_for_no_longer_than_is_set() {
    let house = House::open(&[("SENTINEL_BODY_SECONDS", "1")]).await;
    let mut slow = tls(&house).await;
    let head = format!("POST /api/session HTTP/1.1\r\nhost: localhost:{}\r\n", house.port);
    let rest = "content-type: application/json\r\ncontent-length: 20\r\n\r\n{\"pin\"";
    slow.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
    let answer = read(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_have_a_rate() {
    let house = House::open(&[("SENTINEL_REQUEST_PER_MINUTE", "10")]).await;
    let client = house.client("127.0.0.1");
    for _ in 0..10 {
        assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 200);
    }
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 429);
    house.pass(6);
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_are_cut_off_and_large_ones_refused() {
    let house = House::open(&[("SENTINEL_HEADER_SECONDS", "1")]).await;
    let mut slow = tls(&house).await;
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: lo").await.unwrap();
    let mut silent = TcpStream::connect(("127.0.0.1", house.port)).await.unwrap();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(10), slow.read_to_end(&mut rest)).await.unwrap().unwrap_or_default();
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
    let closed = timeout(Duration::from_secs(10), silent.read(&mut [0; 8])).await.unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)), "no TLS handshake came");
    let mut large = tls(&house).await;
    let head = format!("GET /health HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(20_000));
    // The server may close before all of it is written.
    let _closed_early = large.write_all(head.as_bytes()).await;
    let answer = read(&mut large).await;
    assert!(answer.starts_with("HTTP/1.1 431") && answer.contains("problem+json"), "{answer}");
    let mut many = tls(&house).await;
    let lines: String = (0..101).map(|n| format!("x-{n}: x\r\n")).collect();
    many.write_all(format!("GET /health HTTP/1.1\r\nhost: localhost\r\n{lines}\r\n").as_bytes())
        .await
        .unwrap();
    let answer = read(&mut many).await;
    assert!(answer.starts_with("HTTP/1.1 431") && answer.contains("problem+json"), "{answer}");
    // hyper refuses by itself, and without a word, what it will not even hold.
    let mut huge = tls(&house).await;
    let head = format!("GET /health HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(400_000));
    let _closed_early = huge.write_all(head.as_bytes()).await;
    let answer = read(&mut huge).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(house.client("127.0.0.1").get(house.url("/health")).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let house = House::open(&[("SENTINEL_MAX_CONNECTIONS", "8"), ("SENTINEL_HEADER_SECONDS", "60")]).await;
    let mut idle = Vec::new();
    for _ in 0..8 {
        idle.push(tls(&house).await);
    }
    let client = house.client("127.0.0.1");
    let asked = client.get(house.url("/health")).send();
    tokio::pin!(asked);
    assert!(timeout(Duration::from_millis(300), &mut asked).await.is_err());
    idle.pop();
    assert_eq!(timeout(Duration::from_secs(10), asked).await.unwrap().unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_all_connections() {
    let settings = [("SENTINEL_MAX_CONNECTIONS_PER_ADDRESS", "4"), ("SENTINEL_HEADER_SECONDS", "60")];
    let house = House::open(&settings).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(tls(&house).await);
    }
    // Raw, without a word of TLS: it is hung up on before any.
    let mut fifth = TcpStream::connect(("127.0.0.1", house.port)).await.unwrap();
    let hung_up = timeout(Duration::from_secs(10), fifth.read(&mut [0; 8])).await.unwrap();
    assert!(matches!(hung_up, Ok(0) | Err(_)));
    let other = house.client("127.0.0.2").get(house.url("/health")).send();
    assert_eq!(other.await.unwrap().status(), 200);
    idle.clear();
    // The server needs a moment to see that they are gone.
    let again = async { while house.client("127.0.0.1").get(house.url("/health")).send().await.is_err() {} };
    timeout(Duration::from_secs(10), again).await.expect("a place that was given back stays taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_is_used_without_a_restart() {
    let house = House::open(&[]).await;
    let (old, path) = (house.client("127.0.0.1"), house.dir.path());
    assert_eq!(old.get(house.url("/health")).send().await.unwrap().status(), 200);
    let before = house.pem();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    put(&path.join("tls-cert.pem"), &made.cert.pem());
    let certificates = &house.serving.as_ref().unwrap().certificates;
    assert!(certificates.look().is_err(), "the key does not belong to it");
    assert_eq!(house.client_for(&before).get(house.url("/health")).send().await.unwrap().status(), 200);
    put(&path.join("tls-key.pem"), &made.signing_key.serialize_pem());
    // The server may have looked by itself meanwhile.
    certificates.look().unwrap();
    assert!(house.client_for(&before).get(house.url("/health")).send().await.is_err());
    assert_eq!(house.client("127.0.0.1").get(house.url("/health")).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn going_down_ends_what_is_under_way_and_refuses_new_tasks() {
    let (started, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begun, wait) = (started.clone(), go_on.clone());
    let slow = get(move || async move {
        begun.notify_one();
        wait.notified().await;
        "done"
    });
    let task = post(|State(_): State<Arc<Site>>, _accepting: Accepting| async { "begun" });
    let more = axum::Router::new().route("/slow", slow).route("/room", task);
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::with(dir, &[("SENTINEL_PIN_REQUIRED", "false")], None, more).await;
    let client = house.client("127.0.0.1");
    let task = |client: &reqwest::Client| client.post(house.url("/room")).send();
    assert_eq!(task(&client).await.unwrap().text().await.unwrap(), "begun");
    let strange = client.post(house.url("/room")).header("origin", "https://evil.example").send();
    assert_eq!(strange.await.unwrap().status(), 403, "a route of another room stands behind the same guards");
    let slow = client.get(house.url("/slow")).send();
    let during = async {
        started.notified().await;
        house.site.phase.send_replace(Phase::Draining);
        let status = task(&house.client("127.0.0.1")).await.unwrap().status();
        go_on.notify_one();
        status
    };
    let (slow, status) = tokio::join!(slow, during);
    assert_eq!(status, 503);
    assert_eq!(slow.unwrap().text().await.unwrap(), "done");
    house.stop();
    let serving = house.serving.take().unwrap();
    timeout(Duration::from_secs(10), serving.finished()).await.unwrap();
    assert!(house.client("127.0.0.1").get(house.url("/health")).send().await.is_err());
}

impl House {
    fn client_for(&self, pem: &[u8]) -> reqwest::Client {
        #[expect(clippy::disallowed_methods, reason = "a test is the client here")]
        let builder = reqwest::Client::builder();
        let root = reqwest::Certificate::from_pem(pem).unwrap();
        let builder = builder.no_proxy().tls_built_in_root_certs(false).add_root_certificate(root);
        builder.resolve("localhost", ([127, 0, 0, 1], 0).into()).build().unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "a person replaces the certificate")]
fn put(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

pub async fn tls(house: &House) -> tokio_rustls::client::TlsStream<TcpStream> {
    connect(house.port, &house.pem()).await
}

/// A connection to whoever has that certificate on this machine.
pub async fn connect(port: u16, pem: &[u8]) -> tokio_rustls::client::TlsStream<TcpStream> {
    connect_offering(port, pem, &[]).await
}

/// The same, offering only these protocols.
async fn connect_offering(
    port: u16,
    pem: &[u8],
    protocols: &[&[u8]],
) -> tokio_rustls::client::TlsStream<TcpStream> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

async fn read(stream: &mut tokio_rustls::client::TlsStream<TcpStream>) -> String {
    let mut bytes = vec![0; 4_096];
    let read = timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.unwrap();
    String::from_utf8_lossy(&bytes[..read.unwrap_or(0)]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_names_another_host_is_refused() {
    let house = House::open(&[]).await;
    for (target, status) in [("https://evil.example/approvals", "403"), ("/approvals", "401")] {
        let mut plain = tls(&house).await;
        let head = format!("GET {target} HTTP/1.1\r\nhost: localhost:{}\r\n\r\n", house.port);
        plain.write_all(head.as_bytes()).await.unwrap();
        assert!(read(&mut plain).await.starts_with(&format!("HTTP/1.1 {status}")), "{target}");
    }
}
