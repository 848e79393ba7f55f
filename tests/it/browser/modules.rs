//! The page's own small functions, each asked in the browser that runs them.

use super::chromium::Chromium;
use super::person::house;
use serde_json::{Value, json};

async fn says(page: &mut Chromium, module: &str, expression: &str) -> Value {
    page.js(&format!("import('/static/app/{module}.js').then((m) => {expression})")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_small_functions_do_what_they_say() {
    let house = house().await;
    let mut page = Chromium::start("").await;
    page.go(&house.url("/static/missing.html")).await;
    for (module, expression, expected) in [
        // Half of it at least, all of it at most, and never longer than ten seconds.
        (
            "backoff",
            "[m.backoff(1, () => 0), m.backoff(1, () => 1), m.backoff(3, () => 1), m.backoff(60, () => 1)]",
            json!([250, 500, 2000, 10_000]),
        ),
        (
            "parts/markdown",
            "m.defanged('https://evil.example/a.b?c=d')",
            json!("hxxps[:]//evil[.]example/a.b?c=d"),
        ),
        ("parts/markdown", "m.defanged('javascript:alert(1)')", json!("javascript[:]//alert(1)")),
        ("parts/markdown", "m.defanged('mail.evil.example')", json!("mail[.]evil[.]example")),
        (
            "parts/card",
            "m.isHighRisk({shown: {asks: 'call', effect: 'write', pc: {integrity: 'trusted'}, args: [{label: {integrity: 'untrusted'}}]}})",
            json!(true),
        ),
        (
            "parts/card",
            "m.isHighRisk({shown: {asks: 'call', effect: 'write', pc: {integrity: 'untrusted'}, args: []}})",
            json!(true),
        ),
        (
            "parts/card",
            "m.isHighRisk({shown: {asks: 'call', effect: 'egress', pc: {integrity: 'trusted'}, args: []}})",
            json!(true),
        ),
        (
            "parts/card",
            "m.isHighRisk({shown: {asks: 'call', effect: 'write', pc: {integrity: 'trusted'}, args: [{label: {integrity: 'trusted'}}]}})",
            json!(false),
        ),
        (
            "parts/card",
            "m.isHighRisk({shown: {asks: 'call', effect: 'read', pc: {integrity: 'untrusted'}, args: []}})",
            json!(false),
        ),
        // Five minutes begin as five minutes.
        ("parts/time", "m.left(Date.now() + 300_900)", json!(300)),
        ("parts/time", "m.left(Date.now() - 5_000)", json!(0)),
        // Of equal names the time tells which.
        (
            "state/tasks",
            "[[1, 'a', 'done'], [60_000, 'a', 'done'], [60_000, null, 'refused']].map(([created, request, state]) => m.chosenBy({created, request, state})).filter((name, at, all) => all.indexOf(name) === at).length",
            json!(3),
        ),
        (
            "parts/value",
            "m.visible('a\\u202eb\\u200bc').map((part) => part.props ? part.props.children : part)",
            json!(["a", ["U+", "202E"], "b", ["U+", "200B"], "c"]),
        ),
        (
            "parts/label",
            "m.sources({integrity: 'untrusted', sources: [{kind: 'planner'}, {kind: 'file', name: 'a.txt'}]})",
            json!("the file a.txt"),
        ),
        // A name in our own sentence is quoted, and what cannot be seen in it is shown.
        (
            "parts/kept",
            "m.stillStrange({integrity: 'untrusted', sources: [{kind: 'file', name: 'a\\u202eb'}, {kind: 'file', name: '*'}]}, 'mall').flat(9).map((part) => part.props ? [part.props.children].flat(9).map((one) => one.props ? one.props.children.join('') : one).join('') : part).join('')",
            json!(
                "Still has “…mall…” of the file “aU+202Eb”, what was written into files: treated as from a stranger."
            ),
        ),
        // Whole sentences only, and a text without ends in pieces.
        (
            "parts/words",
            "m.sentences('One is 1.5 of two. (Three!) Four')",
            json!(["One is 1.5 of two.", "(Three!)"]),
        ),
        ("parts/words", "m.sentences('a'.repeat(900)).map((said) => said.length)", json!([400, 400])),
        // What begins anew is another answer, what was told before is not told twice, and a gap is seen. Characters are those of
        // the server: an emoji is one.
        (
            "state/progress",
            "(m.of('t'), [['t', 0, 'x'], ['t', 0, 'a\u{1f600}'], ['t', 2, 'b'], ['t', 1, 'no'], ['other', 3, 'no'], ['t', 9, 'c']].map(([task_id, from, text]) => (m.tell({task_id, step: 1, from, text}), m.words.value[1].text)))",
            json!(["x", "a😀", "a😀b", "a😀b", "a😀b", "a😀b […] c"]),
        ),
        (
            "state/progress",
            "(m.of('u'), m.tell({task_id: 'u', step: 2, from: 0, text: 'a'}), m.tell({task_id: 'u', step: 2, stopped: 'a finding'}), m.words.value)",
            json!({"2": {"text": "a", "count": 1, "stopped": "a finding"}}),
        ),
        (
            "parts/chain",
            "[['text', 7], ['text', 8], ['arg:path', 1], ['value', 1], ['note:<b>', 1]].map(([part, data_id]) => m.partWords({part, data_id, step: part === 'text' ? null : 2, task_id: 't'}, {task_id: 't', answer_data_id: 8}, [{n: 2, call: 'ask'}]))",
            json!(["the plan", "the reply", "“path” of step 2, ask", "what step 2, ask gave", "<b>"]),
        ),
        // Which call made a step can be told where no other has its name.
        (
            "parts/graph",
            "[['a'], ['a', 'a']].map((names) => m.made({calls: names.map((name, n) => ({name, site: n}))}, [{n: 1, call: 'a', value: 1}, {n: 2, call: 'b', value: 2}, {n: 3, call: 'a'}], {name: 'a'}).map((step) => step.n))",
            json!([[1], []]),
        ),
        (
            "parts/graph",
            "m.boxes({calls: [{site: 1, args: []}, {site: 2, args: [{from: [1, 2], label: {integrity: 'trusted'}}, {from: [1], label: {integrity: 'untrusted'}}]}], reply: null}).edges",
            json!([{"from": "1", "to": "2", "strange": true}]),
        ),
        // A line that others stand for is not drawn; one with a stranger's words is, unless they go the other way too.
        (
            "parts/graph",
            "[true, false].map((strange) => { const flow = (from, mine) => ({from, label: {integrity: mine ? 'untrusted' : 'trusted'}}); return m.boxes({calls: [{site: 1, args: []}, {site: 2, args: [flow([1], false)]}, {site: 3, args: [flow([1], strange), flow([2], false)]}], reply: null}).edges.length; })",
            json!([3, 2]),
        ),
        // Two steps of a loop take from each other; both lines stay.
        (
            "parts/graph",
            "m.boxes({calls: [{site: 1, args: [{from: [2], label: {integrity: 'trusted'}}]}, {site: 2, args: [{from: [1], label: {integrity: 'trusted'}}]}, {site: 3, args: [{from: [1, 2], label: {integrity: 'trusted'}}]}], reply: null}).edges.map((e) => e.from + e.to).toSorted()",
            json!(["12", "21", "23"]),
        ),
        (
            "parts/graph",
            "m.rows(m.boxes({calls: [1, 2, 3].map((site) => ({site, args: [{from: [site - 1].filter(Boolean), label: {integrity: 'trusted'}}]})), reply: {from: [3], label: {integrity: 'trusted'}}}))",
            json!({"row": [0, 1, 2, 3], "passed": 3}),
        ),
    ] {
        assert_eq!(says(&mut page, module, expression).await, expected, "{module}: {expression}");
    }
    page.is_clean(&house.url("")).await;
}

/// The hint beside an edit says what the server will say.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_edit_keeps_is_told_by_the_servers_rule() {
    let house = house().await;
    let mut page = Chromium::start("").await;
    page.go(&house.url("/static/missing.html")).await;
    for row in include_str!("../../corpus/edits.jsonl").lines() {
        let expected: Value = serde_json::from_str(row).unwrap();
        let said = says(&mut page, "parts/kept", &format!("m.keeps(({row}).before, ({row}).now)")).await;
        assert_eq!(said, expected["kept"], "{row}");
    }
}
