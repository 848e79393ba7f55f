//! A session that ends under somebody's hands.

use super::person::{COPIES, approve, give, house, note, sign_in, signed_in};
use crate::http::tasks::User;
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_loses_nothing_that_was_typed() {
    let house = house().await;
    note(&house, "a stranger's note");
    let user = User::new(&house);
    let mut page = signed_in(&house, "").await;
    give(&mut page, "copy the note", COPIES).await;
    approve(&mut page, "document.querySelector('.hold')").await;
    page.write("[data-role=reason]", "I was writing this").await;
    assert_eq!(user.send(Method::DELETE, "/api/session", None).await.0, 204);
    page.until("document.querySelector('#gate h1')?.innerText === 'Your session ended'").await;
    // Nothing below can be seen or reached.
    assert_eq!(page.js("document.querySelector('.frame').checkVisibility()").await, json!(false));
    assert_eq!(page.js("document.querySelector('.frame').closest('[inert]') !== null").await, json!(true));
    page.picture("session-ended").await;
    sign_in(&mut page).await;
    page.until("document.querySelector('.frame').checkVisibility()").await;
    assert_eq!(
        page.js("document.querySelector('[data-role=reason]').value").await,
        json!("I was writing this")
    );
    page.until("document.querySelector('.bulb.is-socket')").await;
}
