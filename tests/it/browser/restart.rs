//! The real program is killed while somebody looks at a question.

use super::chromium::Chromium;
use super::person::{COPIES, approve, give, hold};
use crate::serve::Server;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a test lays out the workspace")]
async fn a_server_that_is_killed_and_started_again_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    std::fs::write(dir.path().join("work/note.txt"), "a stranger's note").unwrap();
    let port = server.port;
    let url = format!("https://localhost:{port}/");
    let code = regex::Regex::new("([0-9A-Z]{5}-){3}[0-9A-Z]{5}").unwrap();
    let code = code.find(&server.said).unwrap().as_str().to_owned();
    let mut page = Chromium::start("").await;
    page.go(&url).await;
    page.write("#gate input[type=text]", &code).await;
    page.write("#gate input[type=password]", "a long passphrase").await;
    page.click("#gate button[type=submit]").await;
    give(&mut page, "copy the note", COPIES).await;
    approve(&mut page, "document.querySelector('.hold')").await;
    page.write("[data-role=reason]", "half a sentence").await;
    drop(server);
    page.until("document.querySelector('.offline')?.innerText.includes('Not connected')").await;
    page.picture("offline").await;
    let again = Server::start(dir.path(), &[("SENTINEL_HTTPS_PORT", &port.to_string())]);
    page.until("!document.querySelector('.offline') && document.querySelector('.hold')").await;
    assert_eq!(page.js("document.querySelector('[data-role=reason]').value").await, json!("half a sentence"));
    assert!(!dir.path().join("work/outbox/copy.txt").exists());
    hold(&mut page).await;
    page.until("document.querySelector('.answer')?.innerText.includes('a stranger')").await;
    assert!(dir.path().join("work/outbox/copy.txt").exists());
    drop(again);
}
