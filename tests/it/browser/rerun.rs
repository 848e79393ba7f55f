//! A task that is over, once more: it asks anew.

use super::person::{COPIES, UI, approve, give, hold, note, signed_in};
use crate::http::house::House;
use crate::http::tasks::{User, text};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_run_again_and_asks_anew() {
    let house = House::open(&[UI, ("SENTINEL_APPROVAL_MODE", "smart")]).await;
    note(&house, "a stranger's note");
    let user = User::new(&house);
    let mut page = signed_in(&house, "").await;
    give(&mut page, "copy the note", COPIES).await;
    assert_eq!(page.js("document.querySelector('[data-role=rerun]')").await, json!(null));
    approve(&mut page, "document.querySelector('.hold')").await;
    hold(&mut page).await;
    page.until("document.querySelector('.answer')").await;
    let first = text(&page.js("location.hash").await);
    page.click("[data-role=rerun]").await;
    page.until("document.querySelector('dialog[open]')?.innerText.includes('It asks you anew')").await;
    page.picture("rerun").await;
    page.click("[data-role=rerun-now]").await;
    page.until(&format!("location.hash.startsWith('#/task/') && location.hash !== '{first}'")).await;
    page.until("document.querySelector('.ask h2')?.innerText.includes('May this plan run?')").await;
    // Nothing of it ran, and the plan is the same.
    let (_, task) = user.get(&text(&page.js("location.hash").await)[1..]).await;
    assert_eq!((&task["steps"], &task["plan"]), (&json!([]), &json!(COPIES)));
    approve(&mut page, "document.querySelector('.hold')").await;
    page.click("[data-role=stop]").await;
    page.until("document.querySelector('.said .status').innerText === 'Stopped'").await;

    // A plan that passes unasked here is asked about when it is run again.
    let (_, over) =
        user.post("/task?wait=20", json!({"request": "say hello", "plan": "answer(\"hello\")"})).await;
    assert_eq!((&over["state"], &over["questions"]), (&json!("done"), &json!([])), "{over}");
    page.js(&format!("location.hash = '#/task/{}'", text(&over["task_id"]))).await;
    page.until("document.querySelector('.thread h1')?.innerText === 'say hello'").await;
    page.click("[data-role=rerun]").await;
    page.until("document.querySelector('dialog[open]')").await;
    let before = text(&page.js("location.hash").await);
    page.click("[data-role=rerun-now]").await;
    page.until(&format!("location.hash.startsWith('#/task/') && location.hash !== '{before}'")).await;
    page.until("document.querySelector('.ask h2')?.innerText.includes('May this plan run?')").await;
    // Or it is changed first.
    page.js(&format!("location.hash = '{first}'")).await;
    page.click("[data-role=rerun]").await;
    page.until("document.querySelector('dialog[open]')").await;
    page.click("dialog .plain").await;
    page.until("document.querySelector('#plan')?.checkVisibility()").await;
    assert_eq!(page.js("document.querySelector('#plan').value").await, json!(COPIES));
    assert_eq!(page.js("document.querySelector('#request').value").await, json!("copy the note"));
    page.is_clean(&house.url("")).await;
}
