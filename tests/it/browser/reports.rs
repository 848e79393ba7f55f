//! A collector for the reports of content security policies: a server of its own, to which the browser itself tells what
//! it stopped, whatever the page's scripts make of it.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// It listens until it is dropped.
pub struct Collector {
    pub url: String,
    heard: Arc<Mutex<Vec<String>>>,
    /// It listens, and ends with this value.
    _listens: JoinSet<()>,
}

impl Collector {
    /// Listens on any free port.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // No encryption is needed, and none is asked for on the way to this machine itself.
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all = heard.clone();
        let mut listens = JoinSet::new();
        listens.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut report = Vec::new();
                // The body ends where it parses.
                let json = loop {
                    let mut part = [0; 4096];
                    match stream.read(&mut part).await {
                        Ok(0) | Err(_) => break String::from_utf8_lossy(&report).into_owned(),
                        Ok(count) => report.extend_from_slice(&part[..count]),
                    }
                    let text = String::from_utf8_lossy(&report);
                    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
                    if serde_json::from_str::<serde_json::Value>(body).is_ok() {
                        break body.to_owned();
                    }
                };
                if !json.is_empty() {
                    all.lock().unwrap().push(json);
                }
                let _gone = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
            }
        });
        Self { url, heard, _listens: listens }
    }

    /// Every report until now.
    pub fn all(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}
