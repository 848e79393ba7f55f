//! The main path on a phone: a narrow window, and fingers.

use super::chromium::Chromium;
use super::person::{COPIES, house, note};
use crate::http::house::PIN;
use serde_json::json;

/// Nothing is wider than the phone, and what is pressed is large enough for a finger: 24 CSS pixels at least.
async fn fits(page: &mut Chromium, at: &str) {
    assert_eq!(
        page.js("document.documentElement.scrollWidth > innerWidth").await,
        json!(false),
        "{at} scrolls sideways"
    );
    let small = "[...document.querySelectorAll('button, summary, .nav a, input, select, .task-list a')]
        .filter((e) => e.checkVisibility() && !e.closest('.unseen'))
        .map((e) => [e.getBoundingClientRect(), e.closest('label')?.getBoundingClientRect() ?? {height: 0, width: 0}, e])
        .filter(([own, label]) => Math.max(own.height, label.height) < 24 || Math.max(own.width, label.width) < 24)
        .map(([own, , e]) => `${e.outerHTML.slice(0, 120)} ${own.width}x${own.height}`)";
    assert_eq!(page.js(small).await, json!([]), "{at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_done_on_a_phone() {
    let house = house().await;
    note(&house, "a stranger's note");
    let mut page = Chromium::start("").await;
    page.size(390, 844).await;
    page.call("Emulation.setTouchEmulationEnabled", json!({"enabled": true})).await;
    page.go(&house.url("/")).await;
    page.tap("#gate input[type=password]").await;
    page.call("Input.insertText", json!({"text": PIN})).await;
    fits(&mut page, "PIN").await;
    page.tap("#gate button[type=submit]").await;
    page.tap("#request").await;
    page.call("Input.insertText", json!({"text": "copy the note"})).await;
    page.tap(".composer summary").await;
    page.tap("#plan").await;
    page.call("Input.insertText", json!({"text": COPIES})).await;
    fits(&mut page, "composer").await;
    page.tap(".composer button[type=submit]").await;
    page.until("document.querySelector('[data-role=approve]:not([disabled])')").await;
    fits(&mut page, "plan's question").await;
    page.tap("[data-role=approve]:not([disabled])").await;
    page.until("document.querySelector('.hold button:not([disabled])')").await;
    // Where a value comes from is told to a finger, too.
    page.tap(".argument.stranger .chip").await;
    page.until("document.querySelector('.argument.stranger .tip').checkVisibility({visibilityProperty: true, opacityProperty: true})").await;
    fits(&mut page, "call's question").await;
    // A tap is not a hold.
    page.tap(".hold button:not([disabled])").await;
    page.until("document.querySelector('.instead')").await;
    let at = page.at(".hold button:not([disabled])").await;
    page.touch("touchStart", Some(at)).await;
    page.until("!document.querySelector('.hold')").await;
    page.touch("touchEnd", None).await;
    page.until("document.querySelector('.answer')?.innerText.includes('a stranger')").await;
    fits(&mut page, "reply").await;
    page.tap(".steps summary").await;
    page.until("document.querySelector('.steps details').open").await;
    for (name, shown) in
        [("Approvals", ".empty"), ("Flow", "svg .box"), ("System", ".facts"), ("Tasks", ".composer")]
    {
        let link = format!(
            "[...document.querySelectorAll('.nav a')].find((a) => a.innerText.includes('{name}')).id = 'to-{name}'"
        );
        page.js(&link).await;
        page.tap(&format!("#to-{name}")).await;
        page.until(&format!("document.querySelector('{shown}')")).await;
        fits(&mut page, name).await;
    }
    page.is_clean(&house.url("")).await;
}
