//! What a task's page says of plans that do not pass, of calls that fail, and of who allowed them.

use super::person::{approve, give, house, note, signed_in};
use crate::http::tasks::{User, text};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_does_not_pass_can_be_mended_and_given_again() {
    let house = house().await;
    let mut page = signed_in(&house, "").await;
    give(&mut page, "say something", "answer(nothing_of_this_name)").await;
    page.click("[data-role=mend]").await;
    page.until("document.querySelector('#plan')?.value === 'answer(nothing_of_this_name)'").await;
    assert_eq!(page.js("document.querySelector('#request').value").await, json!("say something"));
    page.js("document.querySelector('#plan').select()").await;
    page.write("#plan", "answer(\"something\")").await;
    page.click(".composer button[type=submit]").await;
    approve(&mut page, "document.querySelector('.answer')?.innerText.includes('something')").await;
    assert_eq!(page.js("document.querySelector('[data-role=mend]')").await, json!(null));
    // Who has answered will not be asked.
    let plan = text(&page.js("document.querySelector('.card-like summary').innerText").await);
    assert!(!plan.contains("will ask"), "{plan}");
    page.is_clean(&house.url("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_says_who_allowed_it_and_why_it_failed() {
    let house = house().await;
    note(&house, "missing.md");
    let mut page = signed_in(&house, "").await;
    let plan = "where = file_read(path=\"note.txt\")\nfile_write(path=where, content=\"x\")\nanswer(file_read(path=\"gone.md\"))";
    give(&mut page, "read it", plan).await;
    approve(&mut page, "document.querySelector('.hold')").await;
    page.click("[data-role=edit]").await;
    page.js("document.querySelector('.editor textarea').select()").await;
    page.write(".editor textarea", "missing2.md").await;
    page.click(".editor button[type=submit]").await;
    page.until("document.querySelector('.ask .value pre')?.innerText === 'missing2.md'").await;
    page.write("[data-role=reason]", "as I said").await;
    super::person::hold(&mut page).await;
    page.until("document.querySelectorAll('.step.is-failed').length === 1").await;
    // Why it failed is read without opening anything, also on a phone.
    for width in [1280, 390] {
        page.size(width, 860).await;
        page.until("document.querySelector('.step.is-failed .gave')?.checkVisibility()").await;
        let line = text(&page.js("document.querySelector('.step.is-failed summary').innerText").await);
        assert!(line.contains("does not exist"), "{line}");
    }
    page.js("document.querySelectorAll('.step details').forEach((one) => { one.open = true; })").await;
    let told =
        text(&page.js("document.querySelectorAll('.step')[1].querySelector('.decisions').innerText").await);
    assert!(told.contains("Edited by user, just now: path"), "{told}");
    assert!(told.contains("Allowed by user, just now") && told.contains("“as I said”"), "{told}");
    assert_eq!(page.js("document.querySelectorAll('.decisions').length").await, json!(1));
    page.is_clean(&house.url("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_were_stopped_have_a_name() {
    let house = house().await;
    let user = User::new(&house);
    let (_, given) =
        user.post("/task", json!({"request": "pay \u{202e}eve\u{202c} now", "plan": "answer(1)"})).await;
    let id = text(&given["task_id"]);
    assert_eq!(user.get(&format!("/task/{id}?wait=20")).await.1["state"], "refused");
    let mut page = signed_in(&house, "").await;
    page.js(&format!("location.hash = '#/task/{id}'")).await;
    for place in [".said h1", ".task-list .request"] {
        page.until(&format!(
            "document.querySelector('{place}')?.innerText === 'Words that were stopped, and are not kept'"
        ))
        .await;
    }
    page.is_clean(&house.url("")).await;
}
