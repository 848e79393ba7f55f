//! Every view, in light and dark and on a phone, as axe-core sees it.

use super::person::{COPIES, approve, give, hold, house, note, signed_in};
use serde_json::Value;
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "a test reads the tool that it runs")]
fn axe() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/axe/axe.min.js");
    std::fs::read_to_string(path).expect("no axe-core: scripts/install-peers fetches it")
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
                let found = page.js("axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.map((v) => ({id: v.id, impact: v.impact, at: v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ': ' + n.failureSummary)})))").await;
                looked += 1;
                for fault in found.as_array().unwrap() {
                    if matches!(fault["impact"].as_str(), Some("serious" | "critical")) {
                        faults.push(format!("{name} {step} {theme} {width}: {fault}"));
                    }
                }
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
