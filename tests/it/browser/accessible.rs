//! Every view, in light and dark and on a phone, as axe-core sees it.

use super::chromium::Chromium;
use super::person::{COPIES, UI, approve, give, hold, house, note, sign_in, signed_in};
use crate::http::house::House;
use crate::http::tasks::User;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "a test reads the tool that it runs")]
fn axe() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/axe/axe.min.js");
    std::fs::read_to_string(path).expect("no axe-core: scripts/install-peers fetches it")
}

/// What is too small for a finger, also where axe finds room enough around it.
const SMALL: &str = "[...document.querySelectorAll('button, summary, select, textarea, input:not([type=radio], [type=checkbox]), li a, .meta a')]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest('[inert], .unseen'))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, {width, height}]) => width < 23.9 || height < 23.9)
    .map(([one, {width, height}]) => `${one.localName}.${one.className} in ${one.parentElement.className || one.parentElement.localName}: “${one.innerText.slice(0, 30)}” ${Math.round(width)}x${Math.round(height)}`)";

/// What axe calls serious or critical.
async fn look(page: &mut Chromium, at: &str) -> Vec<String> {
    let found = page.js("axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}).then((r) => r.violations.map((v) => ({id: v.id, impact: v.impact, at: v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ': ' + n.failureSummary)})))").await;
    let grave = |fault: &&Value| matches!(fault["impact"].as_str(), Some("serious" | "critical"));
    let small = page.js(SMALL).await;
    let small = small.as_array().unwrap().iter().map(|one| format!("{at}: smaller than 24 pixels: {one}"));
    found
        .as_array()
        .unwrap()
        .iter()
        .filter(grave)
        .map(|fault| format!("{at}: {fault}"))
        .chain(small)
        .collect()
}

/// The same in light and in dark, once something is shown.
async fn look_twice(page: &mut Chromium, state: &str, shown: &str) -> Vec<String> {
    page.until(&format!("document.querySelector('{shown}')?.checkVisibility()")).await;
    let mut faults = Vec::new();
    for theme in ["light", "dark"] {
        page.theme(theme).await;
        page.until(&format!("document.documentElement.dataset.theme === '{theme}'")).await;
        faults.extend(look(page, &format!("{state} {theme}")).await);
    }
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_passes_axe() {
    let axe = axe();
    let house = house().await;
    note(&house, "# A note\n\nfrom a stranger\n\n| a | b |\n|---|---|\n| 1 | 2 |");
    let mut page = signed_in(&house, "").await;
    give(&mut page, "copy the note", COPIES).await;
    approve(&mut page, "document.querySelector('.hold')").await;
    let task = page.js("location.hash").await;
    let task = task.as_str().unwrap();
    let what_if = task.replace("task", "what-if");
    let session = page
        .js(&format!("fetch('/task/{}').then((r) => r.json()).then((t) => t.session_id)", &task[7..]))
        .await;
    let session = format!("#/session/{}", session.as_str().unwrap());
    let mut faults = Vec::new();
    // axe brings scripts of its own, which our policy stops: here it is looked at, and not attacked.
    page.call("Page.setBypassCSP", serde_json::json!({"enabled": true})).await;
    page.call("Page.reload", serde_json::json!({})).await;
    page.until("document.querySelector('.hold')").await;
    page.js(&axe).await;
    let mut looked = 0;
    for step in ["asking", "over"] {
        if step == "over" {
            page.js(&format!("location.hash = '{task}'")).await;
            hold(&mut page).await;
            page.until("document.querySelector('.answer .markdown table')").await;
        }
        let all = [
            (task, ".thread .status"),
            ("#/approvals", ".ask, .empty"),
            ("#/flow", "svg .box.reply"),
            ("#/system", ".facts"),
            ("#/tasks", ".composer"),
            // The rest looks the same whatever waits.
            ("#/sessions", ".session-list li"),
            (&session, ".turn .words a"),
            ("#/policies", ".rules li"),
            (&what_if, ".judged li"),
        ];
        for (view, shown) in all.iter().take(if step == "over" { all.len() } else { 5 }) {
            page.js(&format!("location.hash = '{view}'")).await;
            page.until(&format!("document.querySelector('{shown}')")).await;
            let name = view.trim_start_matches("#/").split('/').next().unwrap();
            for (theme, width) in [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)] {
                page.theme(theme).await;
                page.size(width, if width < 600 { 844 } else { 860 }).await;
                page.until(&format!("document.documentElement.dataset.theme === '{theme}'")).await;
                page.picture(&format!("{name}-{step}-{theme}-{width}")).await;
                if (theme, width) == ("dark", 390) {
                    continue; // The same colours as wide, the same layout as light.
                }
                looked += 1;
                faults.extend(look(&mut page, &format!("{name} {step} {theme} {width}")).await);
                let wide = page.js("document.documentElement.scrollWidth > innerWidth").await;
                assert_eq!(wide, Value::Bool(false), "{name} {width} scrolls sideways");
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(looked, 42);
    // What looks can see: a button without a name.
    let seen = page.js("(() => { const bad = document.createElement('button'); document.querySelector('main').append(bad); })(), axe.run().then((r) => r.violations.some((v) => v.id === 'button-name'))").await;
    assert_eq!(seen, Value::Bool(true));
}

/// What a view is like when somebody is in the middle of something, or when something went wrong.
#[tokio::test(flavor = "multi_thread")]
async fn every_state_passes_axe() {
    let axe = axe();
    // The third task is one too many.
    let variables = [UI, ("SENTINEL_TASK_PER_MINUTE", "2")];
    let mut house = House::open(&variables).await;
    note(&house, "from a stranger");
    let user = User::new(&house);
    let (call, plan) = user.waiting(COPIES).await;
    user.post(&format!("/approve/{plan}"), json!({"granted": true})).await;
    let mut page = signed_in(&house, "").await;
    page.call("Page.setBypassCSP", json!({"enabled": true})).await;
    page.call("Page.reload", json!({})).await;
    page.until("document.querySelector('.nav .count') && document.querySelector('.composer')").await;
    page.js(&axe).await;
    let mut faults = Vec::new();
    for (state, act, shown) in [
        ("failed", "", "[aria-label=\"Why it ended\"]"),
        ("refused", "", ".composer [role=alert]"),
        ("origins", "location.hash = '#/approvals'", ".ask .origins"),
        (
            "held-too-short",
            "document.querySelectorAll('.origins').forEach((d) => { d.open = true; }); document.querySelector('.hold button').click()",
            ".instead",
        ),
        ("denying", "document.querySelector('[data-role=reason]').focus()", "[data-role=reason]:focus"),
        ("label", "document.querySelector('.argument.stranger .chip').click()", ".label.open"),
        ("editing", "document.querySelector('[data-role=edit]').click()", ".editor"),
        (
            "nothing-edited",
            "document.querySelector('.editor button[type=submit]').click()",
            ".editor [role=alert]",
        ),
        (
            "keys",
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '?', bubbles: true}))",
            "dialog[open]",
        ),
        (
            "missing",
            "document.querySelector('dialog[open]').close(); location.hash = '#/task/nobodys'",
            ".main [role=alert]",
        ),
        ("chosen", "", ".graph .chosen"),
        ("session-ended", "", "#gate h1"),
    ] {
        match state {
            "failed" => {
                page.write("#request", "do it").await;
                page.click(".composer details summary").await;
                page.write("#plan", "while True: pass").await;
                page.click(".composer button[type=submit]").await;
            }
            "refused" => {
                page.js("location.hash = '#/tasks'").await;
                page.write("#request", "too often").await;
                page.click(".composer details summary").await;
                page.write("#plan", "answer(1)").await;
                page.click(".composer button[type=submit]").await;
            }
            "chosen" => {
                page.js(&format!("location.hash = '#/flow/{call}'")).await;
                page.click("svg .box").await;
            }
            "session-ended" => {
                user.send(Method::DELETE, "/api/session", None).await;
            }
            _ => {
                page.js(act).await;
            }
        }
        faults.extend(look_twice(&mut page, state, shown).await);
    }
    sign_in(&mut page).await;
    house.stop();
    faults.extend(look_twice(&mut page, "offline", ".offline").await);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
