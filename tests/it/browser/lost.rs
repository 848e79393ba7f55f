//! An answer that is lost, a server that is away, and a press that comes twice: what is said is what the server has.

use super::person::{COPIES, house, note, signed_in};
use crate::http::tasks::{User, text};
use serde_json::json;

/// Loses what the server says to a decision (`after`) and to everything else, too (`deaf`), loses the decision itself (`before`),
/// loses everything (`away`), and loses only the list of questions (`list`).
const LOSES: &str = "window.loses = ''; window.posts = 0;
    { const honest = window.fetch; window.fetch = async (path, how) => {
        const decision = path.startsWith('/approve/');
        if (decision) posts += 1;
        const lost = (at) => loses === 'away' || decision && loses === at || loses === 'deaf' && (!decision || at === 'after')
            || loses === 'list' && path.startsWith('/approvals?');
        if (lost('before')) throw new TypeError('lost');
        const answer = await honest(path, how);
        if (lost('after')) throw new TypeError('lost');
        return answer;
    }; }";

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_whose_answer_was_lost_is_told_as_the_server_has_it() {
    let house = house().await;
    note(&house, "a stranger's note");
    let user = User::new(&house);
    let mut page = signed_in(&house, LOSES).await;
    let (_, approval) = user.waiting("answer(\"hello\")").await;
    page.js("location.hash = '#/approvals'").await;
    // It never came there.
    page.js("loses = 'before'").await;
    page.click("[data-role=approve]").await;
    page.until("document.querySelector('.ask [role=alert]')?.innerText.includes('has not arrived there')")
        .await;
    let (_, open) = user.get(&format!("/approval/{approval}")).await;
    assert_eq!(open["state"], "pending");
    // Nobody knows.
    page.js("loses = 'away'").await;
    page.click("[data-role=approve]:not([disabled])").await;
    page.until("document.querySelector('.ask [role=alert]')?.innerText.includes('is not known')").await;
    // Back again: what said so above the card is gone, and nothing moves.
    page.js("loses = ''").await;
    page.until("document.querySelectorAll('[role=alert]').length === 1").await;
    // It came there: this page decided, and nobody before it.
    page.js("loses = 'after'").await;
    page.click("[data-role=approve]:not([disabled])").await;
    page.until("document.querySelector('.decided')?.innerText.includes('Approved')").await;
    let told = text(&page.js("document.querySelector('.decided').innerText").await);
    assert!(!told.contains("before you"), "{told}");
    page.js("loses = ''").await;
    page.until("document.querySelector('.empty')").await;
    page.is_clean(&house.url("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_decision_than_the_one_that_counted_is_not_swallowed() {
    let house = house().await;
    let user = User::new(&house);
    let mut page = signed_in(&house, LOSES).await;
    let (_, approval) = user.waiting("answer(\"hello\")").await;
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelector('[data-role=approve]:not([disabled])')").await;
    // It counts, and nobody here hears of it; so who said yes says no.
    page.js("loses = 'deaf'").await;
    page.click("[data-role=approve]").await;
    page.until("document.querySelector('.ask [role=alert]')?.innerText.includes('is not known')").await;
    let (_, approved) = user.get(&format!("/approval/{approval}")).await;
    assert_eq!(approved["state"], "approved");
    page.js("loses = 'list'").await;
    page.click("[data-role=deny]:not([disabled])").await;
    page.until("document.querySelector('.decided')?.innerText.includes('Approved')").await;
    let told = text(&page.js("document.querySelector('.decided').innerText").await);
    assert!(told.contains("your answer did not count"), "{told}");
    page.js("loses = ''").await;
    page.complaints.retain(|text| !text.contains("409"));
    page.is_clean(&house.url("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_that_comes_twice_is_one_decision() {
    let house = house().await;
    note(&house, "a stranger's note");
    let user = User::new(&house);
    let mut page = signed_in(&house, LOSES).await;
    user.waiting(COPIES).await;
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelector('[data-role=approve]:not([disabled])')").await;
    // Nothing is drawn between the two.
    page.js(
        "(() => { const yes = document.querySelector('[data-role=approve]'); yes.click(); yes.click(); })()",
    )
    .await;
    page.until("document.querySelector('.decided')?.innerText.includes('Approved')").await;
    assert_eq!(page.js("posts").await, json!(1));
    let told = text(&page.js("document.querySelector('.decided').innerText").await);
    assert!(!told.contains("before you"), "{told}");
    page.is_clean(&house.url("")).await;
}

/// Nothing but plain requests, which fail while `away`; and long waits never end while `frozen`.
const AWAY: &str = "window.away = window.frozen = false; window.WebSocket = window.EventSource = undefined;
    { const [honest, later] = [window.fetch, window.setTimeout];
      window.fetch = async (...how) => { if (away) throw new TypeError('away'); return honest(...how); };
      window.setTimeout = (act, ms, ...rest) => frozen && ms >= 200 ? -1 : later(act, ms, ...rest); }";

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_server_need_not_wait_for_the_next_try() {
    let house = house().await;
    let mut page = signed_in(&house, AWAY).await;
    page.until("document.querySelector('.bulb.is-polling')").await;
    for again in [
        "document.querySelector('[data-role=try-now]').click()",
        "dispatchEvent(new Event('online'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
    ] {
        page.js("away = frozen = true; document.dispatchEvent(new Event('visibilitychange'))").await;
        page.until("document.querySelector('.offline')?.innerText.includes('Not connected')").await;
        page.js("away = false").await;
        page.js(again).await;
        page.until("!document.querySelector('.offline')").await;
        page.js("frozen = false").await;
    }
    page.is_clean(&house.url("")).await;
}
