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
            "window.WebSocket = class { constructor() { setTimeout(() => this.onclose({ code: 1006, reason: '' })); } close() {} };",
        ),
        ("polling", "window.WebSocket = undefined; window.EventSource = undefined;"),
    ] {
        let mut page = signed_in(&house, before).await;
        page.until(&format!("document.querySelector('.bulb.is-{way}')")).await;
        let (_, approval) = user.waiting("answer(\"hello\")").await;
        // Nobody reloads: the event says that there is something to look at.
        page.js("location.hash = '#/approvals'").await;
        page.until(&format!("document.querySelector('[data-approval=\"{approval}\"]')")).await;
        page.is_clean(&house.url("")).await;
    }
}
