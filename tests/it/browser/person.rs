//! What a person does with the page.

use super::chromium::Chromium;
use crate::http::house::{House, PIN};

/// Reads a stranger's note, and writes it where a rule asks about it.
pub const COPIES: &str = "text = file_read(path=\"note.txt\")\nmkdir(path=\"outbox\")\nfile_write(path=\"outbox/copy.txt\", content=text)\nanswer(text)";

/// The page's files as they stand.
pub const UI: (&str, &str) = ("SENTINEL_UI_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/static"));

/// A house that serves the page's files as they stand: a change of them needs no build. That those in the program are the
/// same is for `main_path` to show, which takes those.
pub async fn house() -> House {
    House::open(&[UI]).await
}

/// A browser that is signed in.
pub async fn signed_in(house: &House, before: &str) -> Chromium {
    let mut page = Chromium::start(before).await;
    page.go(&house.url("/")).await;
    sign_in(&mut page).await;
    page.until("document.querySelector('.composer')").await;
    page
}

pub async fn sign_in(page: &mut Chromium) {
    page.write("#gate input[type=password]", PIN).await;
    page.click("#gate button[type=submit]").await;
    page.until("!document.querySelector('#gate')").await;
}

/// Gives a task with a plan of one's own.
pub async fn give(page: &mut Chromium, request: &str, plan: &str) {
    page.write("#request", request).await;
    page.click(".composer details summary").await;
    page.write("#plan", plan).await;
    page.click(".composer button[type=submit]").await;
    page.until("location.hash.startsWith('#/task/')").await;
}

/// Says yes to what is asked first, and waits for the next state of the page.
pub async fn approve(page: &mut Chromium, until: &str) {
    page.click("[data-role=approve]:not([disabled])").await;
    page.until(until).await;
}

/// Holds the button of a high-risk card until the card is gone.
pub async fn hold(page: &mut Chromium) {
    let at = page.at(".hold button:not([disabled])").await;
    page.mouse("mousePressed", at).await;
    page.until("!document.querySelector('.hold')").await;
    page.mouse("mouseReleased", at).await;
}

pub fn note(house: &House, text: &str) {
    lay(house, "note.txt", text);
}

#[expect(clippy::disallowed_methods, reason = "a test lays out the workspace")]
pub fn lay(house: &House, name: &str, text: &str) {
    let path = house.work.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
