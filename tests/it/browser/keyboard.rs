//! The main path without a mouse, and the keys of one letter.

use super::chromium::Chromium;
use super::person::{COPIES, house, note};
use crate::http::house::PIN;
use crate::http::tasks::User;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_done_without_a_mouse() {
    let house = house().await;
    note(&house, "a stranger's note");
    let mut page = Chromium::start("").await;
    page.go(&house.url("/")).await;
    page.until("document.activeElement.type === 'password'").await;
    page.call("Input.insertText", json!({"text": PIN})).await;
    page.key("Enter").await;
    page.until("document.querySelector('.composer')").await;
    page.tab_to("#request").await;
    page.call("Input.insertText", json!({"text": "copy the note"})).await;
    page.tab_to(".composer summary").await;
    page.key(" ").await;
    page.tab_to("#plan").await;
    page.call("Input.insertText", json!({"text": COPIES})).await;
    page.press("keyDown", "Enter", true).await;
    page.press("keyUp", "Enter", true).await;
    page.until("document.querySelector('[data-role=approve]')").await;
    page.tab_to("[data-role=approve]").await;
    page.key("Enter").await;
    page.until("document.querySelector('.hold button:not([disabled])')").await;
    page.tab_to(".hold button").await;
    // Where the focus is can be seen.
    assert_ne!(page.js("getComputedStyle(document.activeElement).outlineStyle").await, json!("none"));
    page.press("keyDown", " ", false).await;
    page.until("!document.querySelector('.hold')").await;
    page.press("keyUp", " ", false).await;
    page.until("document.querySelector('.answer')").await;
    page.is_clean(&house.url("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_one_letter_can_be_switched_off() {
    let house = house().await;
    let mut page = super::person::signed_in(&house, "").await;
    let user = User::new(&house);
    user.waiting("answer(\"one\")").await;
    user.waiting("answer(\"two\")").await;
    page.key("q").await;
    page.until("document.querySelectorAll('.ask').length === 2").await;
    page.key("?").await;
    page.until("document.querySelector('dialog[open]')").await;
    page.key("Enter").await;
    page.until("!document.querySelector('dialog[open]')").await;
    page.key("j").await;
    page.until("document.querySelectorAll('.ask')[1].classList.contains('current')").await;
    page.key("k").await;
    page.until("document.querySelectorAll('.ask')[0].classList.contains('current')").await;
    // While something is typed a letter is a letter.
    page.key("d").await;
    page.until("document.activeElement.dataset.role === 'reason'").await;
    page.key("a").await;
    page.until("document.activeElement.value === 'a'").await;
    assert_eq!(page.js("document.querySelectorAll('.ask').length").await, json!(2));
    switch(&mut page).await;
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelectorAll('.ask').length === 2").await;
    page.js("document.activeElement.blur()").await;
    page.key("a").await;
    page.key("g").await;
    assert_eq!(page.js("location.hash").await, json!("#/approvals"));
    let (_, open) = user.get("/approvals?state=pending").await;
    assert_eq!(open["approvals"].as_array().unwrap().len(), 2);
    switch(&mut page).await;
    page.js("document.activeElement.blur()").await;
    page.key("q").await;
    page.until("document.querySelectorAll('.ask').length === 2").await;
    page.key("a").await;
    page.until("document.querySelectorAll('.ask').length === 1").await;
}

/// Turns the setting over, once the view stands still.
async fn switch(page: &mut Chromium) {
    page.js("location.hash = '#/system'").await;
    page.until("document.querySelector('#trust-done') && document.querySelector('.sessions li')").await;
    let before = page.js("document.querySelector('[data-role=keys]').checked").await;
    page.click("[data-role=keys]").await;
    page.until(&format!("document.querySelector('[data-role=keys]').checked !== {before}")).await;
}
