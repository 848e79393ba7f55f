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
    let (mut page, mut first) = (signed_in(&house, DEAF).await, signed_in(&house, "").await);
    for tab in [&mut page, &mut first] {
        tab.js("location.hash = '#/approvals'").await;
        tab.until("document.querySelector('[data-role=approve]:not([disabled])')").await;
    }
    deaf(&mut page, true).await;
    first.write("[data-role=reason]", "not today").await;
    first.click("[data-role=deny]").await;
    first.until("document.querySelector('.decided')?.innerText.includes('Denied')").await;
    let won = text(&first.js("document.querySelector('.decided').innerText").await);
    assert!(!won.contains("before you"), "{won}");
    first.is_clean(&house.url("")).await;
    let (_, denied) = user.get(&format!("/approval/{plan}")).await;
    assert_eq!((&denied["state"], &denied["reason"]), (&json!("denied"), &json!("not today")));
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

#[tokio::test(flavor = "multi_thread")]
async fn of_two_presses_at_once_one_tab_says_that_it_came_second() {
    let house = house().await;
    let user = User::new(&house);
    let (id, plan) = user.waiting("answer(\"hello\")").await;
    let (mut one, mut two) = (signed_in(&house, "").await, signed_in(&house, "").await);
    for tab in [&mut one, &mut two] {
        tab.js("location.hash = '#/approvals'").await;
        tab.until("document.querySelector('[data-role=approve]:not([disabled])')").await;
    }
    let press = "document.querySelector('[data-role=approve]').click()";
    tokio::join!(one.js(press), two.js(press));
    let mut second = 0;
    for tab in [&mut one, &mut two] {
        tab.until("document.querySelector('.empty')").await;
        let told = tab.js("document.querySelector('.decided')?.innerText ?? ''").await;
        assert!(text(&told).contains("Approved"), "{told}");
        second += usize::from(text(&told).contains("decided before you"));
        tab.complaints.retain(|text| !text.contains("409"));
        tab.is_clean(&house.url("")).await;
    }
    assert_eq!(second, 1);
    let (_, approved) = user.get(&format!("/approval/{plan}")).await;
    assert_eq!(approved["state"], "approved");
    assert_eq!(user.get(&format!("/task/{id}?wait=20")).await.1["state"], "done");
}
