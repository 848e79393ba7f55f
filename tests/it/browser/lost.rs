//! A server that is away: what is said is what the server has.

use super::person::{house, signed_in};

/// Nothing but plain requests, which fail while `away`; and long waits never end while `frozen`.
const AWAY: &str = "window.away = window.frozen = false; window.WebSocket = window.EventSource = undefined;
    { const [honest, later] = [window.fetch, window.setTimeout];
      window.fetch = async (...how) => { if (away) throw new TypeError('away'); return honest(...how); };
      window.setTimeout = (act, ms, ...rest) => frozen && ms >= 200 ? -1 : later(act, ms, ...rest); }";

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_server_need_not_wait_for_the_next_try() {
    let house = house().await;
    let mut page = signed_in(&house, AWAY).await;
    page.until("document.querySelector('.bulb.is-polling')").await;
    for again in [
        "document.querySelector('[data-role=try-now]').click()",
        "dispatchEvent(new Event('online'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
    ] {
        page.js("away = frozen = true; document.dispatchEvent(new Event('visibilitychange'))").await;
        page.until("document.querySelector('.offline')?.innerText.includes('Not connected')").await;
        page.js("away = false").await;
        page.js(again).await;
        page.until("!document.querySelector('.offline')").await;
        page.js("frozen = false").await;
    }
    page.is_clean(&house.url("")).await;
}
