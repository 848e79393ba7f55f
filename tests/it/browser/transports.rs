//! The three ways by which events come, each forced by taking the better ones away.

use super::person::{house, signed_in};
use crate::http::tasks::User;

#[tokio::test(flavor = "multi_thread")]
async fn events_come_by_whatever_way_is_open() {
    let house = house().await;
    let user = User::new(&house);
    for (way, before) in [
        ("socket", ""),
        (
            "stream",
            "window.WebSocket = class { constructor() { setTimeout(() => this.onclose({ code: 1006, reason: '' })); } close() {} };
            window.streams = []; window.EventSource = class extends EventSource { constructor(url) { super(url); streams.push(this); } };",
        ),
        ("polling", "window.WebSocket = undefined; window.EventSource = undefined;"),
    ] {
        let mut page = signed_in(&house, before).await;
        page.until(&format!("document.querySelector('.bulb.is-{way}')")).await;
        let (_, approval) = user.waiting("answer(\"hello\")").await;
        // Nobody reloads: the event says that there is something to look at.
        page.js("location.hash = '#/approvals'").await;
        page.until(&format!("document.querySelector('[data-approval=\"{approval}\"]')")).await;
        if way == "stream" {
            // Cut in the middle: what came meanwhile comes with the next one.
            page.js("streams.at(-1).dispatchEvent(new Event('error'))").await;
            let (_, missed) = user.waiting("answer(\"hello again\")").await;
            page.until(&format!("document.querySelector('[data-approval=\"{missed}\"]')")).await;
            page.until("!document.querySelector('.bulb.is-offline')").await;
        }
        page.is_clean(&house.url("")).await;
    }
}
