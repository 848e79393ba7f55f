//! A person edits what a stranger wrote, at the card.

use super::person::{approve, give, house, note, signed_in};
use crate::http::tasks::text;

/// Whatever stands in a note says where something is written.
const ELSEWHERE: &str =
    "where = file_read(path=\"note.txt\")\nfile_write(path=where, content=\"x\")\nanswer(\"written\")";
const PATH: &str = ".editor textarea";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_character_leaves_a_strangers_value_a_strangers() {
    let house = house().await;
    note(&house, "mallory.csv");
    let mut page = signed_in(&house, "").await;
    give(&mut page, "write it where the note says", ELSEWHERE).await;
    approve(&mut page, "document.querySelector('.hold')").await;
    // What was typed outlives a look at the rule.
    page.write("[data-role=reason]", "look at it").await;
    let task = text(&page.js("location.hash").await);
    page.click(".ask a.rule").await;
    page.until("location.hash.startsWith('#/policies')").await;
    page.js(&format!("location.hash = '{task}'")).await;
    page.until("document.querySelector('[data-role=reason]')?.value === 'look at it'").await;
    // The form comes to whoever asked for it.
    page.size(1280, 500).await;
    page.click("[data-role=edit]").await;
    page.until(&format!("document.querySelector('{PATH}').value === 'mallory.csv'")).await;
    page.until(&format!("document.activeElement === document.querySelector('{PATH}')")).await;
    let seen = "(({top, bottom}) => top >= 0 && bottom <= innerHeight)(document.activeElement.getBoundingClientRect())";
    page.until(seen).await;
    page.size(1280, 860).await;
    let hint = "document.querySelector('.editor label [role=status]').innerText";
    assert_eq!(text(&page.js(hint).await), "");
    page.js(&format!("document.querySelector('{PATH}').setSelectionRange(7, 7)")).await;
    page.write(PATH, "2").await;
    let says = "the file “note.txt”: treated as from a stranger.";
    page.until(&format!("{hint} === 'Still has “…mall…” of {says}'")).await;
    page.click(".editor button[type=submit]").await;
    // It is asked about anew, as a stranger's: that must be held.
    page.until("document.querySelector('.ask .value pre')?.innerText === 'mallory2.csv'").await;
    page.until("document.querySelector('.hold') && !document.querySelector('[data-role=approve]')").await;
    page.until(&format!(
        "document.querySelector('[data-role=kept]').innerText.includes('Edited. Still contains text from {says}')"
    ))
    .await;
    assert!(house.file("mallory2.csv").is_none());
    // What is wholly one's own is one's own, and happens.
    page.click("[data-role=edit]").await;
    page.js(&format!("document.querySelector('{PATH}').select()")).await;
    page.write(PATH, "mall").await;
    page.until(&format!("{hint}.includes('Still has “…mall…”')")).await;
    page.js(&format!("document.querySelector('{PATH}').select()")).await;
    page.write(PATH, "b.txt").await;
    page.until(&format!("{hint} === ''")).await;
    page.click(".editor button[type=submit]").await;
    page.until("document.querySelector('.answer')").await;
    assert_eq!(house.file("b.txt").as_deref(), Some("x"));
    page.is_clean(&house.url("")).await;
}
