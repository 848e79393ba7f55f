//! How a WebSocket ends, over a raw connection; and that it counts while it lives.

use super::house::{House, PIN};
use super::wire::tls;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;

/// A WebSocket by hand: what a library would not send.
struct Raw(TlsStream<TcpStream>);

impl Raw {
    async fn open(house: &House) -> Self {
        let mut stream = tls(house).await;
        let head = format!(
            "GET /ws HTTP/1.1\r\nhost: localhost:{}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
            house.port
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        Self(stream)
    }

    async fn authenticated(house: &House) -> Self {
        let mut raw = Self::open(house).await;
        let auth = json!({"type": "auth", "pin": PIN}).to_string();
        raw.send(TEXT, auth.as_bytes()).await;
        assert_eq!(raw.frame().await.unwrap().0, TEXT, "auth_ok");
        raw
    }

    /// A frame whose mask is all zero, so that its content stands as it is.
    async fn send(&mut self, first: u8, content: &[u8]) {
        self.0.write_all(&frame(first, content.len(), content)).await.unwrap();
    }

    /// The next frame of the server; `None` when it hung up.
    async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = async {
            let first = self.0.read_u8().await.ok()?;
            let length = match self.0.read_u8().await.ok()? {
                126 => usize::from(self.0.read_u16().await.ok()?),
                short => usize::from(short),
            };
            let mut content = vec![0; length];
            self.0.read_exact(&mut content).await.ok()?;
            Some((first, content))
        };
        timeout(Duration::from_secs(20), read).await.unwrap()
    }

    /// The code with which the server closes.
    async fn code(&mut self) -> u16 {
        loop {
            let (first, content) = self.frame().await.expect("it hung up without a word");
            if first == CLOSE {
                return u16::from_be_bytes([content[0], content[1]]);
            }
        }
    }
}

fn frame(first: u8, length: usize, content: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match length {
        0..126 => out.push(0x80 | length as u8),
        _ => {
            out.push(0x80 | 127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend([0; 4]);
    out.extend(content);
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_ends_with_its_code() {
    let house = House::open(&[]).await;
    let unmasked = vec![TEXT, 2, b'{', b'}'];
    for (code, bytes) in [
        (1002, frame(0x83, 2, b"{}")),
        (1002, frame(0xc1, 2, b"{}")),
        (1002, frame(0x80, 2, b"{}")),
        (1002, frame(PING, 126, &[0; 126])),
        (1002, unmasked),
        (1007, frame(TEXT, 2, b"\"\xff")),
        (1009, frame(TEXT, 400_001, b"")),
        (1003, frame(BINARY, 2, b"{}")),
    ] {
        let mut raw = Raw::authenticated(&house).await;
        raw.0.write_all(&bytes).await.unwrap();
        assert_eq!(raw.code().await, code, "{bytes:?}");
        let mut fresh = Raw::open(&house).await;
        fresh.0.write_all(&bytes).await.unwrap();
        assert_eq!(fresh.code().await, code, "before the login: {bytes:?}");
    }
    for first in [&br#"{"type":"auth","pin":"000000"}"#[..], br#"{"type":"auth"}"#, b"{}"] {
        let mut raw = Raw::open(&house).await;
        raw.send(TEXT, first).await;
        assert_eq!(raw.code().await, 1008, "{}", String::from_utf8_lossy(first));
        assert_eq!(raw.frame().await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_closes_gets_its_code_back() {
    let house = House::open(&[]).await;
    let mut raw = Raw::authenticated(&house).await;
    raw.send(PING, b"").await;
    raw.send(CLOSE, &1000_u16.to_be_bytes()).await;
    assert_eq!(raw.code().await, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_down_says_so() {
    let mut house = House::open(&[]).await;
    let mut raw = Raw::authenticated(&house).await;
    house.stop();
    assert_eq!(raw.code().await, 1001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_takes_no_task_while_the_server_drains() {
    let house = House::open(&[]).await;
    let mut raw = Raw::authenticated(&house).await;
    house.site.phase.send_replace(sentinel::http::Phase::Draining);
    raw.send(TEXT, br#"{"type":"task","request":"do it"}"#).await;
    let refused = loop {
        let (first, content) = raw.frame().await.unwrap();
        if first == TEXT {
            break String::from_utf8(content).unwrap();
        }
    };
    assert!(refused.contains("\"status\":503") && refused.contains("draining"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_keeps_its_place_among_the_connections() {
    let house = House::open(&[("SENTINEL_MAX_CONNECTIONS", "8"), ("SENTINEL_HEADER_SECONDS", "60")]).await;
    let mut sockets = Vec::new();
    for _ in 0..8 {
        sockets.push(Raw::authenticated(&house).await);
    }
    let client = house.client("127.0.0.1");
    let asked = client.get(house.url("/health")).send();
    tokio::pin!(asked);
    assert!(timeout(Duration::from_millis(300), &mut asked).await.is_err(), "a ninth connection got in");
    sockets.pop();
    assert_eq!(timeout(Duration::from_secs(10), asked).await.unwrap().unwrap().status(), 200);
}
