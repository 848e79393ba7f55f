//! What a stranger may write, in every place of the page that shows it: nothing runs, nothing leaves, nothing breaks out.

use super::chromium::Chromium;
use super::person::{COPIES, UI, approve, hold, house, note, sign_in, signed_in};
use crate::http::house::House;
use crate::http::tasks::{User, text};
use sentinel::worker::Scripted;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
struct Corpus {
    technique: Vec<Technique>,
}

#[derive(Deserialize)]
struct Technique {
    name: String,
    /// Whether the texts are JSON, for the places that hold any.
    #[serde(default)]
    json: bool,
    texts: Vec<String>,
}

/// His texts, and his values that are no text.
fn corpus() -> (Vec<String>, Vec<Value>) {
    let corpus: Corpus = toml::from_str(include_str!("hostile/payloads.toml")).unwrap();
    let (mut texts, mut values) = (Vec::new(), Vec::new());
    for technique in corpus.technique {
        assert!(technique.texts.len() >= 9, "{}", technique.name);
        if technique.json {
            values.extend(technique.texts.iter().map(|text| serde_json::from_str::<Value>(text).unwrap()));
        } else {
            texts.extend(technique.texts.into_iter().map(|text| match text.as_str() {
                "LONG" => "long".repeat(2_000),
                _ => text,
            }));
        }
    }
    assert!(texts.len() >= 150, "{}", texts.len());
    (texts, values)
}

/// Counts what sets `__pwned`, as [`Chromium`] counts calls of `alert`.
const PWNED: &str =
    "Object.defineProperty(window, '__pwned', {get: () => ran.length, set: () => { ran.push('__pwned'); }});";

/// Nothing of the document is a stranger's but its words.
async fn is_whole(page: &mut Chromium, house: &str) {
    assert_eq!(page.js("hostile.strange()").await, json!([]));
    assert_eq!(page.js("document.querySelectorAll('main, #app').length").await, json!(2));
    assert_eq!(
        page.js("alert.name + typeof document.body.append + typeof document.createElement").await,
        json!("functionfunction")
    );
    page.is_clean(house).await;
}

async fn view(page: &mut Chromium, hash: &str, shown: &str) {
    page.js(&format!("location.hash = '{hash}'")).await;
    page.until(&format!("document.querySelectorAll({shown:?}).length > 0")).await;
    page.until("!document.querySelector('[aria-busy=true]')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_text_of_each_answer_may_be_a_strangers() {
    let (texts, values) = corpus();
    let payloads = json!({"texts": texts, "values": values});
    // Parsed in the page: as a script's own words `__proto__` would be another thing.
    let payloads = Value::String(payloads.to_string());
    let before =
        format!("{PWNED}\nconst PAYLOADS = JSON.parse({payloads});\n{}", include_str!("hostile/answers.js"));
    let house = house().await;
    note(&house, "a note");
    let user = User::new(&house);
    // One task that waits at each kind of question, and one that is over.
    let (_, plan) = user.waiting(COPIES).await;
    let (task, first) = user.waiting(COPIES).await;
    user.post(&format!("/approve/{first}"), json!({"granted": true})).await;
    let (_, asks) =
        user.waiting("t = file_read(path=\"note.txt\")\nif confirm(f\"{t}?\"):\n    answer(t)").await;
    user.post(&format!("/approve/{asks}"), json!({"granted": true})).await;
    let mut kinds = Vec::new();
    while kinds.len() < 3 {
        let (_, open) = user.get("/approvals?state=pending").await;
        kinds = open["approvals"].as_array().unwrap().iter().map(|row| text(&row["shown"]["asks"])).collect();
        kinds.sort();
        kinds.dedup();
    }
    assert_eq!(kinds, ["call", "confirm", "plan"], "{plan}");
    let mut page = Chromium::start(&before).await;
    page.collect_reports().await;
    page.go(&house.url("/")).await;
    sign_in(&mut page).await;
    page.until("document.querySelectorAll('.task-list li').length === 3").await;
    page.js("hostile.on = true").await;
    let url = house.url("");
    let rows = texts.len() + values.len();

    // Each request in the list, with each card beside it.
    page.js("import('/static/app/state/tasks.js').then((m) => m.load())").await;
    page.js("import('/static/app/state/approvals.js').then((m) => m.load())").await;
    page.js("import('/static/app/state/health.js').then((m) => Promise.all([m.load(), m.loadPlaybooks()]))")
        .await;
    page.until(&format!("document.querySelectorAll('.task-list li').length === {rows}")).await;
    assert_eq!(page.js("hostile.missing('.task-list .request')").await, json!([]));
    is_whole(&mut page, &url).await;
    view(&mut page, "#/approvals", ".ask").await;
    page.until(&format!("document.querySelectorAll('.ask').length === 2 * ({rows} + hostile.visits)")).await;
    page.until("!document.querySelector('.approve[disabled]')").await;
    assert_eq!(page.js("hostile.missing('.ask .argument .value pre')").await, json!([]));
    assert_eq!(page.js("hostile.missing('.ask .asked a')").await, json!([]));
    is_whole(&mut page, &url).await;

    // A task with all of it at once, and then one after the other.
    view(&mut page, &format!("#/task/{task}"), ".answer .markdown > :not(.as-is)").await;
    assert_eq!(page.js("hostile.missing('.steps .value pre')").await, json!([]));
    assert_eq!(page.js("hostile.missing('.warnings span')").await, json!([]));
    is_whole(&mut page, &url).await;
    view(&mut page, &format!("#/flow/{task}"), "svg .box").await;
    is_whole(&mut page, &url).await;
    // Every other view that there is.
    let views = page.js("[...document.querySelectorAll('.nav a')].map((a) => a.getAttribute('href'))").await;
    for hash in views.as_array().unwrap() {
        view(&mut page, hash.as_str().unwrap(), "main h1").await;
        is_whole(&mut page, &url).await;
    }

    // What a view has once: a share of the texts a visit.
    let visits = format!(
        "(async () => {{
            const blank = [];
            for (let n = 0; n < hostile.visits; n += 1) {{
                for (const view of ['task', 'flow']) {{
                    const before = hostile.taken;
                    location.hash = `#/${{view}}/{task}~${{n}}`;
                    const end = performance.now() + 10000;
                    while (hostile.taken === before && performance.now() < end) await new Promise((done) => setTimeout(done, 4));
                    await new Promise((done) => setTimeout(done, 50));
                    const shown = view === 'task' ? '.thread .answer' : 'svg .box';
                    while (!document.querySelector(shown) && performance.now() < end) await new Promise((done) => setTimeout(done, 4));
                    if (!document.querySelector(shown)) blank.push(`${{view}} ${{n}}`);
                }}
            }}
            return blank;
        }})()"
    );
    assert_eq!(page.js(&visits).await, json!([]));
    is_whole(&mut page, &url).await;

    // A refusal's words, each text as Markdown, and each while a worker writes it, and as what ended its words.
    let alone = "Promise.all(['html', 'parts/markdown', 'parts/notice', 'parts/words', 'state/progress'].map((name) => import(`/static/app/${name}.js`))).then(async ([{ html, render }, { Markdown }, { Trouble }, { Words }, progress]) => {
        progress.of('written');
        PAYLOADS.texts.forEach((text, step) => progress.tell({ task_id: 'written', step, from: 0, text }));
        PAYLOADS.texts.forEach((stopped, at) => progress.tell({ task_id: 'written', step: at + PAYLOADS.texts.length, stopped }));
        const box = document.createElement('div');
        box.id = 'alone';
        document.querySelector('main').append(box);
        render(html`${PAYLOADS.texts.map((text) => html`<${Markdown} text=${text} /><${Trouble} error=${{ message: text, detail: text, retryAfter: 0 }} />`)}
            ${[...PAYLOADS.texts, ...PAYLOADS.texts].map((_, n) => html`<${Words} n=${n} />`)}`, box);
    })";
    page.js(alone).await;
    page.until("!document.querySelector('#alone .as-is')").await;
    assert_eq!(page.js("document.querySelectorAll('#alone .markdown').length").await, json!(texts.len()));
    assert_eq!(page.js("hostile.missing('#alone .writing pre')").await, json!([]));
    assert_eq!(page.js("document.querySelectorAll('#alone .writing').length").await, json!(2 * texts.len()));
    assert_eq!(
        page.js("hostile.missing('#alone .notice b').length").await,
        json!(texts.len()),
        "with a full stop"
    );
    assert_eq!(
        page.js("document.querySelectorAll('#alone :is(a, img, [id], [name], [style], [class=x])').length")
            .await,
        json!(0)
    );
    // Nothing comes late.
    page.js("new Promise((done) => setTimeout(done, 300))").await;
    is_whole(&mut page, &url).await;

    // Each field of a list held each text. What is not in a list held some, and is drawn by the same parts.
    let few = "[...hostile.fields].filter(([name, count]) => count < PAYLOADS.texts.length && /^(tasks|approvals\\.(call|reply)|step|graph)\\./.test(name)).map(([name]) => name)";
    assert_eq!(page.js(few).await, json!([]));
    assert!(page.js("hostile.fields.size").await.as_u64().unwrap() >= 60);
}

/// The names of files that his texts make, where a file system has them.
#[expect(clippy::disallowed_methods, reason = "a test lays out the workspace")]
fn files(house: &House, texts: &[String]) -> usize {
    let folder = house.work.path().join("named");
    std::fs::create_dir(&folder).unwrap();
    let may = |text: &&String| text.len() < 200 && !text.contains(['/', '\0']) && !text.starts_with('.');
    texts.iter().filter(may).filter(|text| std::fs::write(folder.join(text), "").is_ok()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_text_is_text() {
    let (texts, _) = corpus();
    let all = texts.join("\n\n");
    // The worker says what the stranger told it to.
    let script = json!([{"when": "What does it say?", "answer": texts[..40].join(" ")}, {"when": "What else?", "answer": texts[40..80].join(" ")}]);
    let worker = Arc::new(Scripted::from_json(&script.to_string()).unwrap());
    let house = House::with_worker(&[UI], worker).await;
    note(&house, &all);
    assert!(files(&house, &texts) > 40);
    let user = User::new(&house);
    let before = format!(
        "{PWNED}\nconst PAYLOADS = {{texts: [], values: []}};\n{}",
        include_str!("hostile/answers.js")
    );
    let mut page = signed_in(&house, &before).await;
    // In the words of a task and of its plan, too; there characters that reorder text are refused before anybody sees them.
    let words: String = all.chars().filter(|c| matches!(c, ' '..='~')).take(20_000).collect();
    let plan = format!(
        "names = list_dir(path=\"named\")\nsaid = ask(\"What does it say?\", data=names, type=str)\nelse_ = ask(\"What else? \" + {}, data=said, type=str)\n{COPIES}",
        Value::String(texts[..6].concat())
    );
    let (status, given) = user.post("/task?wait=20", json!({"request": words, "plan": plan})).await;
    assert_eq!((status, &given["status"]), (202, &json!("awaiting_approval")), "{given}");
    page.js(&format!("location.hash = '#/task/{}'", text(&given["task_id"]))).await;
    approve(&mut page, "document.querySelector('.hold')").await;
    page.until("document.querySelector('.argument .value pre')").await;
    let shown = text(&page.js("document.querySelector('.argument.stranger .value pre').innerText").await);
    assert!(shown.contains("U+202E") && shown.contains("U+200B"), "what cannot be seen is made visible");
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelector('.ask .origins')").await;
    page.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })").await;
    is_whole(&mut page, &house.url("")).await;
    // Denied in his words, edited in his words, and failed in his words.
    page.js("location.hash = '#/tasks'").await;
    for (plan, decision) in [
        (COPIES, json!({"granted": false, "reason": texts[..12].concat()})),
        ("file_read(path=\"<img src=x onerror=alert(1)>\")", json!({"granted": true})),
    ] {
        let (id, mut approval) = user.waiting(plan).await;
        loop {
            user.post(&format!("/approve/{approval}"), decision.clone()).await;
            let (_, task) = user.get(&format!("/task/{id}?wait=20")).await;
            let pending = |question: &&Value| question["state"] == "pending";
            let Some(open) = task["questions"].as_array().unwrap().iter().find(pending) else { break };
            approval = text(&open["approval_id"]);
        }
        page.js(&format!("location.hash = '#/task/{id}'")).await;
        page.until("document.querySelector('[aria-label=\"Why it ended\"]')").await;
        is_whole(&mut page, &house.url("")).await;
    }
    page.js("location.hash = '#/approvals'").await;
    hold(&mut page).await;
    page.js(&format!("location.hash = '#/task/{}'", text(&given["task_id"]))).await;
    page.until("document.querySelector('.answer .markdown')?.childElementCount > 5").await;
    page.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })").await;
    let inside = "a, img, script, style, iframe, object, link, form, meta, base, video, svg, math, template, [onerror], [onload], [style], [id]";
    assert_eq!(
        page.js(&format!("document.querySelectorAll('.markdown :is({inside})').length")).await,
        json!(0)
    );
    let reply = text(&page.js("document.querySelector('.markdown').textContent").await);
    assert!(reply.contains("<script>alert(1)</script>"), "markup is shown as text");
    for (width, height) in [(1280, 860), (390, 844)] {
        page.size(width, height).await;
        let wide = page.js("document.documentElement.scrollWidth > innerWidth").await;
        assert_eq!(wide, json!(false), "long words stay inside {width}");
    }
    page.picture("hostile-phone").await;
    page.js("new Promise((done) => setTimeout(done, 300))").await;
    is_whole(&mut page, &house.url("")).await;
}

/// What says that nothing happened can tell when something did.
#[tokio::test(flavor = "multi_thread")]
async fn what_counts_can_count() {
    let house = house().await;
    let before = format!(
        "{PWNED}\nconst PAYLOADS = {{texts: ['seen'], values: []}};\n{}",
        include_str!("hostile/answers.js")
    );
    let mut page = Chromium::start(&before).await;
    page.go(&house.url("/")).await;
    page.until("document.querySelector('#gate')").await;
    page.js("alert(1); __pwned = 1; window.prompt('x')").await;
    assert_eq!(page.js("ran").await, json!(["1", "__pwned", "x"]));
    assert_eq!(page.js("hostile.strange()").await, json!([]));
    assert_eq!(page.js("hostile.missing('main')").await, json!(["seen"]));
    // As if there were no policy, so that markup does all that it says.
    page.call("Page.setBypassCSP", json!({"enabled": true})).await;
    page.go(&house.url("/static/missing.html")).await;
    let away = format!("https://127.0.0.1:{}/", house.port);
    let markup = format!("<img src={away}1 onerror=alert(2)><iframe></iframe><a href={away}2 id=x>y</a>");
    page.js(&format!("document.body.insertAdjacentHTML('beforeend', {})", Value::String(markup))).await;
    page.until("ran.length === 1").await;
    let strange = page.js("hostile.strange()").await;
    let tells =
        |what: &str| strange.as_array().unwrap().iter().any(|one| one.as_str().unwrap().starts_with(what));
    assert!(["img onerror", "iframe", "a href", "img src"].into_iter().all(tells), "{strange}");
    assert!(page.asked.iter().any(|url| url.starts_with(&away)), "{:?}", page.asked);
}
