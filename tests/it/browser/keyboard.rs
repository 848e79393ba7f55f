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

/// Keeps back what chooses a card after a while, so that no test races it.
const HELD: &str = "window.held = [];
    { const honest = window.setTimeout; window.setTimeout = (act, ...rest) => act.name === 'choose' ? (held.push(act), -1) : honest(act, ...rest); }";

/// The time has passed that a card needs to be seen.
async fn seen(page: &mut Chromium) {
    page.until("(held.splice(0).at(-1)?.(), document.querySelector('.ask').classList.contains('current'))")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_one_letter_can_be_switched_off() {
    let house = house().await;
    let mut page = super::person::signed_in(&house, HELD).await;
    let user = User::new(&house);
    user.waiting("answer(\"one\")").await;
    user.waiting("answer(\"two\")").await;
    page.key("q").await;
    page.until("document.querySelectorAll('.ask').length === 2").await;
    seen(&mut page).await;
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
    page.js("held.length = 0").await;
    page.key("q").await;
    page.until("document.querySelectorAll('.ask').length === 2 && held.length > 0").await;
    // Nobody can have seen it yet.
    page.key("a").await;
    page.key("d").await;
    assert_eq!(page.js(UNMEANT).await, json!(true));
    seen(&mut page).await;
    page.key("a").await;
    page.until("document.querySelectorAll('.ask').length === 1 && held.length > 0").await;
    // The card that came into its place is not chosen yet: a key pressed twice answers one question.
    page.key("d").await;
    assert_eq!(page.js(UNMEANT).await, json!(true));
    // It is marked also where it is the only one, so that one sees what a key would do.
    seen(&mut page).await;
    page.key("a").await;
    page.until("document.querySelectorAll('.ask').length === 0").await;
    let (_, left) = user.get("/approvals?state=pending").await;
    assert_eq!(left["approvals"], json!([]));
}

/// That no card is chosen, none is being answered, and no key led into one.
const UNMEANT: &str = "document.querySelector('.ask.current, .ask button:disabled') === null && document.activeElement.dataset.role !== 'reason'";

/// Where a call's arguments come from is not told while `slow`.
const SLOW: &str = "window.slow = false;
    { const honest = window.fetch; window.fetch = async (path, how) => {
        while (slow && path.startsWith('/approval/')) await new Promise((done) => setTimeout(done, 20));
        return honest(path, how);
    }; }";

#[tokio::test(flavor = "multi_thread")]
async fn keys_mean_no_card_that_nobody_can_have_seen() {
    let house = house().await;
    note(&house, "a stranger's note");
    let mut page = super::person::signed_in(&house, &format!("{HELD}\n{SLOW}")).await;
    User::new(&house).waiting(COPIES).await;
    page.js("location.hash = '#/approvals'").await;
    page.until("held.length > 0").await;
    let away = "(document.querySelector('.page').style.paddingBottom = '300vh', scrollTo({top: 9e9, behavior: 'instant'}))";
    let back = "scrollTo({top: 0, behavior: 'instant'})";
    // In a tab that is not shown, or out of sight, no time of it passes; and then all of it once more.
    for (gone, here) in [
        (
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true})",
            "delete document.hidden",
        ),
        (away, back),
    ] {
        page.js(&format!("void {gone}")).await;
        page.js("held.splice(0).at(-1)()").await;
        page.js(LOOKS).await;
        assert_eq!(page.js("held.length").await, json!(0), "{gone}");
        assert_eq!(page.js(UNMEANT).await, json!(true), "{gone}");
        page.js(&format!("void ({here})")).await;
        page.until("held.length > 0").await;
    }
    seen(&mut page).await;
    // What was chosen and is out of sight is not answered either.
    page.js(&format!("void {away}")).await;
    page.key("a").await;
    page.js(LOOKS).await;
    assert_eq!(page.js("document.querySelector('.ask.current button:disabled')").await, json!(null));
    page.js(&format!("(slow = true, {back})")).await;
    page.key("a").await;
    // Before all of a card is there, it is not one that was seen.
    page.until("document.querySelector('.ask h2')?.innerText.includes('file_write')").await;
    page.js("held.length = 0").await;
    page.js(LOOKS).await;
    assert_eq!(page.js("held.length").await, json!(0));
    page.js("slow = false").await;
    page.until("document.querySelector('.hold') && held.length > 0").await;
    seen(&mut page).await;
    page.is_clean(&house.url("")).await;
}

/// As long as the page takes to look twice.
const LOOKS: &str = "new Promise((done) => setTimeout(done, 600))";

#[tokio::test(flavor = "multi_thread")]
async fn rules_and_conversations_are_read_without_a_mouse() {
    let house = house().await;
    note(&house, "a stranger's note");
    let mut page = super::person::signed_in(&house, "").await;
    let user = User::new(&house);
    let (_, approval) = user.waiting("answer(file_read(path=\"note.txt\"))").await;
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
    page.tab_to("a[href='#/policies']").await;
    page.key("Enter").await;
    page.until("document.querySelector('.rules li') && document.activeElement.tagName === 'H1'").await;
    page.tab_to(".kinds input").await;
    page.key("ArrowRight").await;
    page.until(
        "[...document.querySelectorAll('.rules .status')].every((status) => status.innerText === 'Asks you')",
    )
    .await;
    // Where the focus is can be seen, also where a drawn label stands for the button.
    assert_ne!(
        page.js("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle").await,
        json!("none")
    );
    page.tab_to(".rules summary").await;
    page.key(" ").await;
    page.until("document.querySelector('.rules details[open] pre')").await;
    page.js("document.querySelector('.tabs a').focus()").await;
    page.tab_to(".tabs a[href='#/what-if']").await;
    page.key("Enter").await;
    page.until("document.querySelector('.judged li')").await;
    page.tab_to("[data-role=suppose]").await;
    page.key("Enter").await;
    page.tab_to(".editor textarea").await;
    page.js("document.activeElement.select()").await;
    page.call("Input.insertText", json!({"text": ".env"})).await;
    page.tab_to(".editor button").await;
    page.key("Enter").await;
    page.until("document.querySelector('.judged .turned').innerText.includes('Would be refused')").await;
    page.js("document.querySelector('.nav a').focus()").await;
    page.tab_to("a[href='#/sessions']").await;
    page.key("Enter").await;
    page.until("document.querySelector('.session-list a')").await;
    page.tab_to(".session-list a").await;
    page.key("Enter").await;
    page.until("document.activeElement.matches('.said .title')").await;
    page.tab_to(".turn a").await;
    page.key("Enter").await;
    page.until("document.querySelector('.answer')").await;
    // The dialog takes the focus, Escape closes it, and the focus is where it was.
    page.tab_to("[data-role=rerun]").await;
    page.key("Enter").await;
    page.until("document.activeElement.closest('dialog[open]')").await;
    page.key("Escape").await;
    page.until(
        "!document.querySelector('dialog[open]') && document.activeElement.matches('[data-role=rerun]')",
    )
    .await;
    page.is_clean(&house.url("")).await;
}

/// Turns the setting over, once the view stands still.
async fn switch(page: &mut Chromium) {
    page.js("location.hash = '#/system'").await;
    page.until("document.querySelector('#trust-done') && document.querySelector('.sessions li')").await;
    let before = page.js("document.querySelector('[data-role=keys]').checked").await;
    page.click("[data-role=keys]").await;
    page.until(&format!("document.querySelector('[data-role=keys]').checked !== {before}")).await;
}
