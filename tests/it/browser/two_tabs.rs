//! Two tabs decide at once: one of them wins, and the other is told what the server did.

use super::chromium::Chromium;
use super::person::{COPIES, house, note, signed_in};
use crate::http::tasks::{User, text};
use serde_json::json;

/// Keeps news away from the page while `deaf` is set, as a slow network does.
const DEAF: &str = "window.deaf = false;
    { const honest = window.fetch; window.fetch = async (path, how) => {
        while (deaf && (how?.method ?? 'GET') === 'GET' && !path.startsWith('/approval/')) await new Promise((done) => setTimeout(done, 20));
        return honest(path, how);
    }; }";

async fn deaf(page: &mut Chromium, deaf: bool) {
    page.js(&format!("deaf = {deaf}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tabs_one_wins_and_the_other_says_what_the_server_did() {
    let house = house().await;
    note(&house, "a stranger's note");
    let user = User::new(&house);
    let (id, plan) = user.waiting(COPIES).await;
    let mut page = signed_in(&house, DEAF).await;
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelector('[data-role=approve]:not([disabled])')").await;
    deaf(&mut page, true).await;
    let no = json!({"granted": false, "reason": "not today"});
    assert_eq!(user.post(&format!("/approve/{plan}"), no).await.0, 200);
    // This tab does not know yet, and says yes.
    page.click("[data-role=approve]").await;
    page.until("document.querySelector('.decided')?.innerText.includes('Denied')").await;
    let told = text(&page.js("document.querySelector('.decided').innerText").await);
    assert!(told.contains("decided before you") && told.contains("not today"), "{told}");
    deaf(&mut page, false).await;
    page.until("document.querySelector('.empty')").await;
    // It is what the server did.
    let (_, over) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!((&over["state"], &over["steps"]), (&json!("refused"), &json!([])));
    assert!(!house.work.path().join("outbox").exists());
    page.js(&format!("location.hash = '#/task/{id}'")).await;
    page.until("document.querySelector('.said .status').innerText === 'Refused'").await;
    page.complaints.retain(|text| !text.contains("409"));
    page.is_clean(&house.url("")).await;
}
