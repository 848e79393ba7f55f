//! Telling of a question while one looks elsewhere, and the page as an app.

use super::person::{house, signed_in};
use crate::http::tasks::User;
use serde_json::json;

/// Stands in for what asks and shows outside of the page, and counts.
const STANDS_IN: &str = "window.asked = 0; window.notes = []; window.tones = 0; window.hasFocus_ = true;
    window.Notification = class { static permission = 'default'; constructor(title, how) { notes.push([title, how.body]); } close() {}
        static async requestPermission() { asked += 1; Notification.permission = 'granted'; return 'granted'; } };
    document.hasFocus = () => window.hasFocus_;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) { tones += 1; return start.apply(this, at); };";

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_elsewhere_is_told_as_they_wish_and_never_asked_unbidden() {
    let house = house().await;
    let user = User::new(&house);
    let mut page = signed_in(&house, STANDS_IN).await;
    page.until("document.querySelector('.bulb.is-socket')").await;
    // Without a wish: the title alone.
    page.js("window.hasFocus_ = false").await;
    user.waiting("answer(\"one\")").await;
    page.until("document.title.startsWith('(1)')").await;
    assert_eq!(page.js("[asked, notes.length, tones]").await, json!([0, 0, 0]));
    page.js("location.hash = '#/system'").await;
    page.click("[data-role=notes]").await;
    page.until("asked === 1 && document.querySelector('[data-role=notes]').checked").await;
    page.click("[data-role=sound]").await;
    page.until("tones === 2").await;
    user.waiting("answer(\"a secret word\")").await;
    page.until("notes.length === 1 && tones === 4").await;
    // On a screen that others see it says that something waits, and not what.
    assert_eq!(page.js("notes").await, json!([["Sentinel waits for you", "It asks about a plan."]]));
    page.until("document.title.startsWith('(2)')").await;
    // Whoever looks at the page sees it there.
    page.js("window.hasFocus_ = true").await;
    page.click("[data-role=sound]").await;
    page.until("!document.querySelector('[data-role=sound]').checked").await;
    user.waiting("answer(\"three\")").await;
    page.until("document.title.startsWith('(3)')").await;
    assert_eq!(page.js("[asked, notes.length, tones]").await, json!([1, 1, 4]));
    page.is_clean(&house.url("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_can_be_installed() {
    let house = house().await;
    let mut page = signed_in(&house, "").await;
    let manifest = page.call("Page.getAppManifest", json!({})).await;
    assert_eq!(manifest["errors"], json!([]), "{manifest}");
    assert!(manifest["data"].as_str().unwrap().contains("standalone"));
    let errors = page.call("Page.getInstallabilityErrors", json!({})).await;
    assert_eq!(errors["installabilityErrors"], json!([]), "{errors}");
    for size in [180, 192, 512] {
        let drawn = format!(
            "(async () => {{ const icon = new Image(); icon.src = '/static/look/icon-{size}.png'; await icon.decode(); return [icon.naturalWidth, icon.naturalHeight]; }})()"
        );
        assert_eq!(page.js(&drawn).await, json!([size, size]));
    }
    page.is_clean(&house.url("")).await;
}
