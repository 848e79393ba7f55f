//! A worker's words are on the page while it writes them, and give way to the result.

use super::chromium::Chromium;
use super::person::{UI, approve, give, note, sign_in};
use crate::http::house::House;
use crate::http::progress::fake::{Fake, answers};
use serde_json::json;

const ASKS: &str =
    "text = file_read(path=\"note.txt\")\nanswer(ask(\"What does it say?\", data=text, type=str))";

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_s_words_are_shown_while_it_writes_and_give_way_to_the_result() {
    let said: String = (0..80).map(|n| format!("Sentence {n} says <b>little</b>. ")).collect();
    for (way, before) in [
        ("socket", ""),
        (
            "stream",
            "window.WebSocket = class { constructor() { setTimeout(() => this.onclose({ code: 1006, reason: '' })); } close() {} };",
        ),
    ] {
        let mut reply = answers(said.trim());
        reply.pause = 1_200;
        let fake = Fake::replying(vec![reply]);
        let house = House::with_worker(&[UI], fake.worker()).await;
        note(&house, "a note about nothing");
        let mut page = Chromium::start(before).await;
        page.go(&house.url("/")).await;
        sign_in(&mut page).await;
        page.until(&format!("document.querySelector('.bulb.is-{way}')")).await;
        give(&mut page, "what does it say?", ASKS).await;
        approve(&mut page, "document.querySelector('.step.is-started .writing pre')").await;
        // Text, in order, and no markup of it.
        page.until("document.querySelector('.writing pre').innerText.length > 600").await;
        let shown = page.js("document.querySelector('.writing pre').innerText").await;
        assert!(said.starts_with(shown.as_str().unwrap()), "{shown}");
        assert_eq!(page.js("document.querySelectorAll('.writing b').length").await, json!(0));
        // Said aloud by the sentence, and each once.
        let log = page
            .js("[...document.querySelectorAll('.writing [role=log] p')].map((p) => p.textContent)")
            .await;
        let log: Vec<&str> = log.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        assert_eq!(log[..2], ["Sentence 0 says <b>little</b>.", "Sentence 1 says <b>little</b>."]);
        assert!(log.iter().all(|line| line.ends_with("</b>.")), "{log:?}");
        page.picture(&format!("writing-{way}")).await;
        fake.go_on();
        page.until("document.querySelector('.answer')?.innerText.includes('Sentence 79')").await;
        page.until("!document.querySelector('.writing')").await;
        page.is_clean(&house.url("")).await;
    }
}
