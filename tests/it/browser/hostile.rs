//! What a stranger may write, in every place of the page that shows it: nothing runs, nothing leaves, nothing breaks out.

use super::person::{COPIES, approve, hold, house, note, signed_in};
use crate::http::tasks::{User, text};
use serde_json::json;

const PAYLOADS: [&str; 26] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"https://evil.example/1.png\">",
    "![x](https://evil.example/2.png)",
    "![x](javascript:alert(1))",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](https://evil.example/?q=1 \"onclick=alert(1)\")",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<iframe srcdoc=\"<script>parent.alert(1)</script>\"></iframe>",
    "<iframe src=https://evil.example/3></iframe>",
    "<object data=https://evil.example/4></object>",
    "<link rel=stylesheet href=https://evil.example/5.css>",
    "<style>@import 'https://evil.example/6.css'; * { display: none }</style>",
    "<form action=https://evil.example/7><button>go</button></form>",
    "<meta http-equiv=refresh content=\"0;url=https://evil.example/8\">",
    "<base href=https://evil.example/>",
    "<video><source onerror=alert(1) src=https://evil.example/9></video>",
    "<details open ontoggle=alert(1)>x</details>",
    "<p id=app></p><p id=request></p><template shadowrootmode=open><script>alert(1)</script></template>",
    "${alert(1)}{{constructor.constructor('alert(1)')()}}",
    "\u{202e}gnp.exe\u{2066}\u{200b}hidden\u{feff}",
    "</pre></div></main><h1>Approved</h1>",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_text_is_text() {
    let house = house().await;
    let all = PAYLOADS.join("\n\n");
    note(&house, &format!("{all}\n\n{}", "long".repeat(2_000)));
    let user = User::new(&house);
    let mut page = signed_in(&house, "").await;
    // In the words of a task, too; there characters that reorder text are refused before anybody sees them.
    let words: String = all.chars().filter(|c| c.is_ascii()).collect();
    let order = json!({"request": words, "plan": COPIES});
    let (status, given) = user.post("/task?wait=20", order).await;
    assert_eq!(status, 202, "{given}");
    page.js(&format!("location.hash = '#/task/{}'", text(&given["task_id"]))).await;
    approve(&mut page, "document.querySelector('.hold')").await;
    page.until("document.querySelector('.argument .value pre')").await;
    let shown = text(&page.js("document.querySelector('.argument.stranger .value pre').innerText").await);
    assert!(shown.contains("U+202E") && shown.contains("U+200B"), "what cannot be seen is made visible");
    page.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })").await;
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelector('.ask .origins')").await;
    page.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })").await;
    hold(&mut page).await;
    page.js("history.back()").await;
    page.until("document.querySelector('.answer .markdown')?.childElementCount > 5").await;
    page.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })").await;
    let inside = "a, img, script, style, iframe, object, link, form, meta, base, video, svg, math, template, [onerror], [onload], [style], [id]";
    assert_eq!(
        page.js(&format!("document.querySelectorAll('.markdown :is({inside})').length")).await,
        json!(0)
    );
    let reply = text(&page.js("document.querySelector('.markdown').textContent").await);
    assert!(reply.contains("<script>alert(1)</script>"), "markup is shown as text");
    assert_eq!(page.js("document.querySelectorAll('main').length").await, json!(1));
    assert_eq!(
        page.js("document.documentElement.scrollWidth <= innerWidth").await,
        json!(true),
        "long words stay inside"
    );
    page.size(390, 844).await;
    assert_eq!(
        page.js("document.documentElement.scrollWidth <= innerWidth").await,
        json!(true),
        "on a phone too"
    );
    page.picture("hostile-phone").await;
    page.js("new Promise((done) => setTimeout(done, 300))").await;
    page.is_clean(&house.url("")).await;
}
