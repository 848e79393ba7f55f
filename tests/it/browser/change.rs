//! What a write would change, on the card that asks about it.

use super::person::{COPIES, approve, give, hold, house, lay, note, signed_in};
use serde_json::json;

/// Holds back what the server says of a question, until told to go on.
const SLOW: &str = "const plain = fetch; window.slow = [];
    window.fetch = async (path, how) => {
        if (!window.quick && String(path).startsWith('/approval/')) await new Promise((go) => slow.push(go));
        return plain(path, how);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn a_card_about_a_write_shows_the_lines_that_come_and_go() {
    let house = house().await;
    note(&house, "Date,Amount\n2026-11-01,12.50\n2026-11-08,<b>99.00</b>\n2026-11-15,7.00\n");
    lay(&house, "outbox/copy.txt", "Date,Amount\n2026-11-01,12.50\n2026-11-08,8.00\n");
    let mut page = signed_in(&house, SLOW).await;
    give(&mut page, "copy the note", COPIES).await;
    // The plan's card says what will be asked, by which rule, and draws it.
    page.until("document.querySelector('.foretold')?.innerText.includes('file_write')").await;
    page.until("document.querySelector('.foretold a.rule')?.innerText === 'outbox-untrusted'").await;
    page.click(".ask .drawing summary").await;
    page.until("document.querySelector('.ask .drawing svg .box.reply')").await;
    approve(&mut page, "document.querySelector('.ask h2')?.innerText.includes('file_write')").await;
    // Nobody decides before they could see what would change; then the buttons come with it.
    page.until("slow.length > 0").await;
    assert_eq!(
        page.js("document.querySelectorAll('.ask button.approve, .ask .deny').length").await,
        json!(0)
    );
    page.js("slow.splice(0).forEach((go) => go()), window.quick = true").await;
    page.until("document.querySelector('.hold') && document.querySelector('.change .diff')").await;
    let rows = page
        .js("[...document.querySelectorAll('.diff tbody tr')].map((row) => `${row.className} ${row.querySelector('.line').innerText}`)")
        .await;
    assert_eq!(
        rows,
        json!([
            "is-kept Date,Amount",
            "is-kept 2026-11-01,12.50",
            "is-removed 2026-11-08,8.00",
            "is-added 2026-11-08,<b>99.00</b>",
            "is-added 2026-11-15,7.00"
        ])
    );
    let change = page.js("document.querySelector('.change').innerText").await;
    for said in ["outbox/copy.txt", "2 lines come", "1 line goes", "From a stranger", "as it stands now"] {
        assert!(change.as_str().unwrap().contains(said), "{said}: {change}");
    }
    // Who cannot see colours, and who hears the page, is told the same.
    let signs =
        page.js("[...document.querySelectorAll('.diff .sign')].map((sign) => sign.textContent)").await;
    assert_eq!(signs, json!(["stays", "stays", "−goes", "+comes", "+comes"]));
    page.js("document.querySelector('.ask').scrollIntoView()").await;
    page.picture("change-wide").await;
    page.size(390, 844).await;
    page.js("document.querySelector('.change').scrollIntoView()").await;
    page.picture("change-phone").await;
    page.size(1280, 860).await;
    hold(&mut page).await;
    page.until("document.querySelector('.answer')").await;
    // A new file has nothing to be compared with.
    page.js("location.hash = '#/tasks'").await;
    page.until("document.querySelector('.composer')").await;
    give(&mut page, "copy it elsewhere", &COPIES.replace("copy.txt", "new.txt")).await;
    approve(&mut page, "document.querySelector('.change')?.innerText.includes('A new file')").await;
    page.is_clean(&house.url("")).await;
}
