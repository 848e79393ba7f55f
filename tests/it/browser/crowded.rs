//! Much at once: a list of thousands, and a plan of hundreds of calls.

use super::person::{UI, house, signed_in};
use crate::http::house::House;
use crate::http::tasks::{User, text};
use sentinel::kernel::id::RunId;
use sentinel::kernel::principal::Principal;
use sentinel::store::{Accepted, NewTask, Session, SessionId};
use serde_json::json;

const MANY: usize = 5_000;
/// What the server says at once.
const PAGE: usize = 50;

/// As many tasks that wait for their turn, as after a restart in a busy hour.
async fn fill(house: &House) {
    let (id, _) = User::new(house).waiting("answer(\"hello\")").await;
    let like = house.site.store.task(&RunId::new(id)).unwrap().unwrap();
    // Many at a time, for what is written together is made durable together.
    std::thread::scope(|scope| {
        for part in 0..25 {
            let like = &like;
            scope.spawn(move || {
                for n in 0..MANY / 25 {
                    let name = format!("{part:02}-{n:04}");
                    let mut order = like.order.clone().unwrap();
                    order["request"] = json!(format!("task {name}"));
                    let new = NewTask {
                        id: RunId::new(format!("task-{name}")),
                        principal: Principal::new("user"),
                        session: Session::New(SessionId::new(format!("session-{name}"))),
                        order,
                        idempotency: None,
                        trust_level: 0,
                        created: like.created + 1,
                    };
                    assert!(matches!(house.site.store.accept(new), Ok(Accepted::New(_))));
                }
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_tasks_come_a_page_at_a_time() {
    let house = House::open(&[UI, ("SENTINEL_REQUEST_PER_MINUTE", "10000")]).await;
    fill(&house).await;
    house.pass(2);
    let user = User::new(&house);
    let mut page = signed_in(&house, "").await;
    let rows = "document.querySelectorAll('.task-list li').length";
    page.until(&format!("{rows} === {PAGE}")).await;
    // What is new takes the place of what is old, as long as nobody asks for that.
    user.waiting("answer(\"one\")").await;
    page.until("document.querySelectorAll('.group').length === 2").await;
    assert_eq!(page.js(rows).await, json!(PAGE));
    house.pass(2);
    let older =
        "[...document.querySelectorAll('.side button')].find((b) => b.innerText === 'Show older ones')";
    page.js(&format!("{older}.id = 'older'")).await;
    page.click("#older").await;
    page.until(&format!("{rows} === {}", 2 * PAGE)).await;
    // What is new comes on top of what was loaded, and nothing stands there twice.
    user.waiting("answer(\"one more\")").await;
    page.until(&format!("{rows} === {}", 2 * PAGE + 1)).await;
    let twice = "(() => { const all = [...document.querySelectorAll('.task-list a')].map((a) => a.hash); return all.length - new Set(all).size; })()";
    assert_eq!(page.js(twice).await, json!(0));
    // To the end of it, and the page can still be used.
    let rest = "Promise.all(['api', 'state/tasks'].map((name) => import(`/static/app/${name}.js`))).then(async ([{ get }, { tasks, next }]) => {
        const all = [...tasks.value];
        while (next.value) {
            const page = await get(`/tasks?limit=200&before=${encodeURIComponent(next.value)}`);
            all.push(...page.tasks);
            next.value = page.next;
        }
        tasks.value = all;
    })";
    page.js(rest).await;
    page.until(&format!("{rows} === {}", MANY + 3)).await;
    assert_eq!(page.js(twice).await, json!(0));
    page.write("#request", "still here").await;
    page.until("document.querySelector('#request').value === 'still here'").await;
    page.click(".task-list li:last-child a").await;
    page.until("document.querySelector('.thread h1')?.innerText === 'do it'").await;
    page.size(390, 844).await;
    assert_eq!(page.js("document.documentElement.scrollWidth > innerWidth").await, json!(false));
    page.is_clean(&house.url("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_two_hundred_calls_is_drawn_and_listed() {
    let house = house().await;
    let user = User::new(&house);
    // A chain in which each step also takes from a read of its own: the longest lines pass a hundred rows.
    let mut plan = "s0 = today()\n".to_owned();
    for n in 1..=99 {
        plan.push_str(&format!(
            "r{n} = list_dir(path=\"{n}\")\ns{n} = list_dir(path=f\"{{s{}}}{{r{n}}}\")\n",
            n - 1
        ));
    }
    plan.push_str("answer(f\"{s99}{today()}\")");
    let (id, _) = user.waiting(&plan).await;
    let mut page = signed_in(&house, "").await;
    page.js(&format!("location.hash = '#/flow/{id}'")).await;
    page.until("document.querySelectorAll('svg g.box').length === 201").await;
    assert_eq!(page.js("document.querySelectorAll('.flow-table tbody tr').length").await, json!(200));
    // Two into each step of the chain and two into the reply, although each takes from everything before it.
    assert_eq!(page.js("document.querySelectorAll('svg path.edge').length").await, json!(200));
    // Every box has a place of its own.
    let places = "new Set([...document.querySelectorAll('svg g.box rect')].map((r) => `${r.getAttribute('x')} ${r.getAttribute('y')}`)).size";
    assert_eq!(page.js(places).await, json!(201));
    page.js("document.querySelectorAll('svg g.box')[150].focus()").await;
    page.key("Enter").await;
    page.until("document.querySelector('.detail')?.innerText.includes('Step 151')").await;
    for (width, height) in [(1280, 860), (390, 844)] {
        page.size(width, height).await;
        assert_eq!(
            page.js("document.documentElement.scrollWidth > innerWidth").await,
            json!(false),
            "{width}"
        );
    }
    // The question about it, as well.
    page.js("location.hash = '#/approvals'").await;
    page.until("document.querySelectorAll('.ask .flow-table tbody tr').length === 200").await;
    assert!(text(&page.js("document.querySelector('.ask').innerText").await).contains("May this plan run?"));
    page.is_clean(&house.url("")).await;
}
