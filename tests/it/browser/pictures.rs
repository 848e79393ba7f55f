//! The pictures of README. They are made again by `scripts/pictures`.

use super::person::{UI, signed_in};
use crate::http::house::House;
use crate::http::tasks::User;
use sentinel::worker::Scripted;
use serde_json::json;
use std::sync::Arc;

/// What a person would do with one of the inbox's invoices.
const PLAN: &str = r#"bill = file_read(path="inbox/invoice-harbour-paper.txt")
payee = ask("Who has to be paid?", data=bill, type=str)
total = ask("What is the total amount to pay?", data=bill, type=float)
mkdir(path="outbox")
file_write(path="outbox/payment.txt", content=f"{payee}: {total} EUR")
answer(f"{payee} gets **{total} EUR**. It is in outbox/payment.txt.")"#;
/// As it stands in that invoice.
const SCRIPT: &str =
    r#"[{"when": "Who has", "answer": "Harbour Paper GmbH"}, {"when": "total", "answer": 191.5}]"#;

/// Lays out the inbox of `examples/`.
#[expect(clippy::disallowed_methods, reason = "a test lays out the workspace")]
fn inbox(house: &House) {
    let inbox = house.work.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/inbox")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), inbox.join(entry.file_name())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_readme_shows() {
    let house = House::with_worker(&[UI], Arc::new(Scripted::from_json(SCRIPT).unwrap())).await;
    inbox(&house);
    let user = User::new(&house);
    for (request, plan) in [
        (
            "What is planned for the offsite?",
            "note = file_read(path=\"inbox/note-offsite.md\")\nanswer(note)",
        ),
        ("What day is it?", "answer(f\"{today()}\")"),
    ] {
        let order = json!({"request": request, "plan": plan});
        let (_, given) = user.post("/task?wait=20", order).await;
        let approval = given["approval_id"].as_str().unwrap();
        user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
        user.get(&format!("/task/{}?wait=20", given["task_id"].as_str().unwrap())).await;
    }
    let order = json!({"request": "Note what Harbour Paper is owed, for the bookkeeper", "plan": PLAN});
    let (status, given) = user.post("/task?wait=20", order).await;
    assert_eq!(status, 202, "{given}");
    let task = given["task_id"].as_str().unwrap();
    let approval = given["approval_id"].as_str().unwrap();
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;

    let mut page = signed_in(&house, "").await;
    page.theme("light").await;
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelector('.hold button:not([disabled])')").await;
    page.js("document.querySelector('.argument.stranger .origins').open = true").await;
    page.size(1280, 1040).await;
    page.picture("readme-approval").await;

    page.js(&format!("location.hash = '#/flow/{task}'")).await;
    page.until("document.querySelectorAll('svg g.box').length === 6").await;
    page.js("document.querySelectorAll('svg g.box')[4].focus()").await;
    page.key("Enter").await;
    page.until("document.querySelector('.detail')").await;
    page.js("document.activeElement.blur()").await;
    page.size(1280, 900).await;
    page.picture("readme-flow").await;

    page.theme("dark").await;
    page.js("location.hash = '#/system'").await;
    page.until("document.querySelector('.facts') && document.querySelector('.sessions li')").await;
    page.size(1280, 860).await;
    page.picture("readme-system").await;
    page.is_clean(&house.url("")).await;
}
