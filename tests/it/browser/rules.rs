//! The rules in words, and what they would say of a task.

use super::person::{COPIES, approve, give, hold, house, note, signed_in};
use serde_json::json;

const LAST: &str = "[...document.querySelectorAll('.judged > li')].at(-1)";

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_read_in_words_and_tried_on_a_past_task() {
    let house = house().await;
    note(&house, "a stranger's note");
    let mut page = signed_in(&house, "").await;
    give(&mut page, "copy the note", COPIES).await;
    approve(&mut page, "document.querySelector('.hold')").await;
    // From the card to the rule that asks.
    page.click(".ask .reasons a.rule").await;
    page.until("document.querySelector('.rules li.chosen')?.innerText.includes('outbox-untrusted')").await;
    page.until("document.querySelector('.rules li.chosen .status').innerText === 'Asks you'").await;
    let all = page.js("document.querySelectorAll('.rules li').length").await;
    assert!(all.as_u64().unwrap() > 20, "{all}");
    assert_eq!(page.js("document.querySelectorAll('.version .digest')[0].innerText.length").await, json!(64));
    page.click(".rules li.chosen summary").await;
    page.until(
        "document.querySelector('.rules li.chosen pre').innerText.includes('unless { context.approved }')",
    )
    .await;
    page.write(".find input", "workspace; tools").await;
    page.until("document.querySelectorAll('.rules li').length === 2").await;
    page.until(
        "[...document.querySelectorAll('.rules .status')].map((s) => s.innerText).includes('Forbids')",
    )
    .await;
    page.js("history.back()").await;
    hold(&mut page).await;
    page.until("document.querySelector('.answer')").await;

    // What would they say today? The same; of another path, something else.
    page.click("a[href^='#/what-if/']").await;
    page.until("document.querySelectorAll('.judged > li').length === 3").await;
    page.until("document.querySelector('.policies').innerText.includes('what they said then')").await;
    page.until(&format!(
        "{LAST}.querySelector('.turned').innerText.replace(/\\s+/g, ' ') === 'Asked you → Would ask you'"
    ))
    .await;
    page.picture("what-if").await;
    page.js(&format!("{LAST}.querySelector('[data-role=suppose]').setAttribute('data-last', '')")).await;
    page.click("[data-last]").await;
    page.js("document.querySelector('.editor textarea').select()").await;
    page.write(".editor textarea", ".bashrc").await;
    page.click(".editor button[type=submit]").await;
    page.until(&format!("{LAST}.querySelector('.turned').innerText.includes('Would be refused')")).await;
    page.until(&format!("{LAST}.innerText.includes('write-hidden')")).await;
    page.until("document.querySelector('.policies').innerText.includes('something else of 1 call')").await;
    page.picture("what-if-supposed").await;
    // What cannot be supposed is said, and nothing of this was written down.
    page.js("(() => { const pick = document.querySelector('[data-role=what-if-level]'); pick.value = '4'; pick.dispatchEvent(new Event('change', { bubbles: true })); })()").await;
    page.until("document.querySelector('[data-role=what-if-level]').value === '4'").await;
    page.until(&format!("{LAST}.innerText.includes('write-hidden')")).await;
    page.click(".suppose button").await;
    page.until(&format!("{LAST}.querySelector('.turned').innerText.includes('Would ask you')")).await;
    assert!(!house.work.path().join(".bashrc").exists());
    page.is_clean(&house.url("")).await;
}
