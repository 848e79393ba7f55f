//! From the first start to a result, and the decisions on the way.

use super::chromium::Chromium;
use super::person::{COPIES, approve, give, hold, house, note, signed_in};
use crate::http::house::House;
use crate::http::tasks::{User, text};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn first_start_pin_task_approval_result() {
    let house = House::with(tempfile::tempdir().unwrap(), &[], None, axum::Router::new()).await;
    note(&house, "# Due\n\nPay 12.50, [here](https://evil.example/pay).");
    let code = regex::Regex::new("([0-9A-Z]{5}-){3}[0-9A-Z]{5}").unwrap();
    let code = house.said.lock().unwrap().iter().find_map(|line| Some(code.find(line)?.as_str().to_owned()));
    let mut page = Chromium::start("").await;
    page.collect_reports().await;
    page.go(&house.url("/")).await;
    page.write("#gate input[type=text]", "WRONG-WRONG-WRONG-WRONG").await;
    page.write("#gate input[type=password]", "a long passphrase").await;
    page.click("#gate button[type=submit]").await;
    page.until("document.querySelector('[role=alert]')?.innerText.includes('not the one')").await;
    // It is asked for once, so it can be looked at.
    page.click("[data-role=show-pin]").await;
    page.until("document.querySelector('[data-role=pin]').type === 'text'").await;
    page.click("[data-role=show-pin]").await;
    page.until("document.querySelector('[data-role=pin]').type === 'password'").await;
    page.picture("set-up").await;
    page.js("document.querySelector('#gate input[type=text]').select()").await;
    page.write("#gate input[type=text]", &code.unwrap()).await;
    page.write("#gate input[type=password]", "a long passphrase").await;
    page.click("#gate button[type=submit]").await;

    give(&mut page, "copy the note", COPIES).await;
    page.until("document.querySelector('.ask')?.innerText.includes('May this plan run?')").await;
    page.picture("task-plan").await;
    approve(&mut page, "document.querySelector('.hold')").await;
    page.until("document.querySelector('.ask h2').innerText.includes('file_write')").await;
    page.until("document.querySelector('.nav .count')?.innerText.startsWith('1')").await;
    // Exact arguments, each with its worth; the rule that asks, in its own words.
    let card = text(&page.js("document.querySelector('.ask').innerText").await);
    for said in [
        "outbox/copy.txt",
        "Pay 12.50, [here](https://evil.example/pay).",
        "Trusted",
        "From a stranger",
        "note.txt",
        "outbox-untrusted",
    ] {
        assert!(card.contains(said), "{said}: {card}");
    }
    page.picture("approval-card").await;
    // A press is not a hold, and neither is Enter.
    page.click(".hold button:not([disabled])").await;
    page.js("document.querySelector('.hold button').focus()").await;
    page.key("Enter").await;
    page.key("a").await;
    page.until("document.querySelector('.instead')").await;
    assert_eq!(page.js("document.querySelector('.ask') !== null").await, json!(true));
    hold(&mut page).await;
    page.until("document.querySelector('.answer .markdown h4')?.innerText === 'Due'").await;
    assert_eq!(page.js("document.querySelectorAll('.answer a, .answer img').length").await, json!(0));
    page.until("[...document.querySelectorAll('.steps .status')].map((s) => s.innerText).join() === 'Done,Done,Done'").await;
    page.until("document.querySelector('.said .status').innerText === 'Done'").await;
    page.until("document.querySelector('.task-list .status').innerText === 'Done'").await;
    page.picture("task-done").await;
    let before = page.js("document.querySelector('.page').innerText.replace(/just now|.* ago/g, '')").await;
    page.call("Page.reload", json!({})).await;
    page.until("document.querySelector('.answer .markdown h4')").await;
    page.until("document.querySelectorAll('.task-list li').length === 1").await;
    let after = page.js("document.querySelector('.page').innerText.replace(/just now|.* ago/g, '')").await;
    assert_eq!(after, before, "what is shown is the server's, and a reload loses nothing");
    for (view, shown) in
        [("flow", "svg .box.reply"), ("system", ".facts"), ("approvals", ".empty"), ("tasks", ".composer")]
    {
        page.js(&format!("location.hash = '#/{view}'")).await;
        page.until(&format!("document.querySelector('{shown}')")).await;
    }
    page.complaints.retain(|text| !text.contains("401"));
    page.is_clean(&house.url("")).await;
    // What counts violations can count.
    page.js(
        "(() => { try { document.createElement('p').innerHTML = '<b>x</b>'; } catch { /* stopped */ } })()",
    )
    .await;
    page.until("violations.length === 1").await;
    let reported = page.reported(1).await;
    assert!(reported.len() == 1 && reported[0].contains("require-trusted-types-for"), "{reported:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deny_edit_and_stop() {
    let house = house().await;
    note(&house, "a stranger's note");
    let user = User::new(&house);
    let mut page = signed_in(&house, "").await;
    give(&mut page, "copy the note", COPIES).await;
    approve(&mut page, "document.querySelector('.hold')").await;

    // An edit makes another question, in which only the edited argument is one's own.
    page.click("[data-role=edit]").await;
    page.until("document.querySelectorAll('.editor textarea').length === 2").await;
    page.click(".editor button[type=submit]").await;
    page.until("document.querySelector('.editor [role=alert]')?.innerText.includes('Nothing was changed')")
        .await;
    let asked = page.js("document.querySelector('.ask').dataset.approval").await;
    page.js("document.querySelector('.editor textarea').select()").await;
    page.write(".editor textarea", "outbox/other.txt").await;
    page.click(".editor button[type=submit]").await;
    page.until(&format!("!['', {asked}].includes(document.querySelector('.ask')?.dataset.approval ?? '')"))
        .await;
    page.until("document.querySelector('.ask .value pre').innerText === 'outbox/other.txt'").await;

    // Denied from the queue, with a reason, by keys alone.
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelector('.page h1').innerText === 'Approvals'").await;
    page.until("document.querySelector('.ask.current .value pre')?.innerText === 'outbox/other.txt'").await;
    page.key("d").await;
    page.until("document.activeElement.dataset.role === 'reason'").await;
    page.call("Input.insertText", json!({"text": "not in the outbox"})).await;
    page.js("document.querySelector('[data-role=deny]').focus()").await;
    page.key("Enter").await;
    page.until("document.querySelector('.decided')?.innerText.includes('Denied')").await;
    let (_, tasks) = user.get("/tasks").await;
    let id = text(&tasks["tasks"][0]["task_id"]);
    let (_, over) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!(
        (&over["state"], over["questions"].as_array().unwrap().len()),
        (&json!("refused"), 3),
        "{over}"
    );
    let (_, denied) = user.get("/approvals?state=denied").await;
    assert_eq!(denied["approvals"][0]["reason"], "not in the outbox");
    assert!(!house.work.path().join("outbox/copy.txt").exists());

    // Decided elsewhere: the card goes, and nothing was said here.
    let (stopped, approval) = user.waiting("answer(\"hello\")").await;
    page.until(&format!("document.querySelector('[data-approval=\"{approval}\"]')")).await;
    page.click("[data-role=stop]").await;
    page.until("document.querySelector('.empty')").await;
    let (_, over) = user.get(&format!("/task/{stopped}?wait=20")).await;
    assert_eq!(over["state"], "stopped");
}
