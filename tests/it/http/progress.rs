//! What a worker writes, while it writes it: to those who follow the task, screened, and without a trace in the journal.

pub mod fake;

use super::house::{House, PIN};
use super::sockets::{Socket, authenticated, hear, say, until};
use super::tasks::{User, text};
use fake::{Fake, Reply, answers};
use sentinel::flow::controller::Wish;
use sentinel::kernel::id::{CallNo, RunId};
use sentinel::kernel::port::{Glimpse, Onlooker, Worker};
use sentinel::kernel::principal::Principal;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

const KIND: &str = "task.step_progress";
const PLAN: &str =
    "text = file_read(path=\"note.txt\")\nanswer(ask(\"What does it say?\", data=text, type=str))";

fn prose(words: usize) -> String {
    (0..words).map(|n| format!("word {n} of them ")).collect()
}

async fn house(worker: Arc<dyn Worker>) -> House {
    let house = House::with_worker(&[], worker).await;
    #[expect(clippy::disallowed_methods, reason = "a person puts a note there")]
    std::fs::write(house.work.path().join("note.txt"), "a note about nothing").unwrap();
    house
}

/// A task that is about to ask its worker; its id.
async fn approved(user: &User<'_>, watch: impl AsyncFnOnce(&str)) -> String {
    let (id, approval) = user.waiting(PLAN).await;
    watch(&id).await;
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
    id
}

async fn subscribed(socket: &mut Socket, task: &str) {
    say(socket, json!({"type": "subscribe", "task_id": task})).await;
    until(socket, "task.approval_requested").await;
}

/// Everything that comes until the task is over.
async fn all(socket: &mut Socket) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let heard = hear(socket).await.unwrap();
        let over = heard["type"] == "task.completed" || heard["type"] == "task.blocked";
        told.push(heard);
        if over {
            return told;
        }
    }
}

/// The words of these, each of which begins where the one before it ended.
fn words(told: &[Value]) -> String {
    let mut words = String::new();
    for progress in told.iter().filter(|told| told["type"] == KIND && told["stopped"].is_null()) {
        assert_eq!(progress["from"], words.chars().count(), "{progress}");
        words.push_str(progress["text"].as_str().unwrap());
    }
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_sees_the_worker_write() {
    let said = format!("{} the end", prose(100));
    let marked = said.split(' ').map(|word| format!("^{word}")).collect::<Vec<_>>().join(" ");
    let mut reply = answers(&marked);
    reply.content = format!("<think>{} to myself</think>{}", prose(30), reply.content);
    reply.pause = 2_500;
    let fake = Fake::replying(vec![reply]);
    let house = house(fake.worker()).await;
    let (user, mut socket, mut other) =
        (User::new(&house), authenticated(&house).await, authenticated(&house).await);
    // Whoever follows everything follows no worker.
    say(&mut other, json!({"type": "subscribe"})).await;
    let id = approved(&user, async |id| {
        subscribed(&mut socket, id).await;
        // However often it is asked for.
        say(&mut socket, json!({"type": "subscribe", "task_id": id, "after": 1})).await;
    })
    .await;
    let first = until(&mut socket, KIND).await;
    let mut told = vec![first.clone()];
    // It came while the worker still writes.
    let (_, page) = user.get(&format!("/api/events?task_id={id}")).await;
    let steps: Vec<&Value> =
        page["events"].as_array().unwrap().iter().filter(|e| e["type"] == "task.step_started").collect();
    assert_eq!((&first["task_id"], &first["step"]), (&json!(id), &steps[1]["step"]), "{page}");
    assert_eq!(steps[1]["call"], "ask");
    assert_eq!(
        page["events"].as_array().unwrap().iter().filter(|e| e["type"] == "task.step_completed").count(),
        1
    );
    fake.go_on();
    told.extend(all(&mut socket).await);
    let words = words(&told);
    assert!(said.starts_with(&words) && words.len() > 1_000, "{words}");
    for progress in told.iter().filter(|told| told["type"] == KIND) {
        let keys: Vec<&String> = progress.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["type", "task_id", "step", "from", "text"], "no number of the journal's");
    }
    let (_, done) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!(done["answer"], json!(said), "the answer is whole, whatever was shown");
    assert!(all(&mut other).await.iter().all(|told| told["type"] != KIND));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_events_has_it_without_an_id() {
    let fake = Fake::replying(vec![answers(&prose(100))]);
    let house = house(fake.worker()).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting(PLAN).await;
    let stream =
        user.client.get(house.url(&format!("/api/events?task_id={id}"))).header("x-sentinel-pin", PIN);
    let mut stream = stream.header("accept", "text/event-stream").send().await.unwrap();
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
    let (mut seen, mut told_to_go_on) = (String::new(), false);
    while !seen.contains("event: task.completed") {
        let chunk = timeout(Duration::from_secs(20), stream.chunk()).await.unwrap().unwrap().unwrap();
        seen.push_str(std::str::from_utf8(&chunk).unwrap());
        if seen.contains(KIND) && !told_to_go_on {
            told_to_go_on = true;
            fake.go_on();
        }
    }
    let (progress, events): (Vec<&str>, Vec<&str>) =
        seen.split_terminator("\n\n").partition(|block| block.starts_with(&format!("event: {KIND}\n")));
    assert!(!progress.is_empty(), "{seen}");
    assert!(progress.iter().all(|block| !block.contains("\nid:") && !block.contains("seq")), "{progress:?}");
    let read = |block: &&str| -> Value {
        serde_json::from_str(block.lines().find_map(|line| line.strip_prefix("data: ")).unwrap()).unwrap()
    };
    let told: Vec<Value> = progress.iter().map(read).collect();
    assert!(prose(100).starts_with(&words(&told)));
    // The events are the journal's, each with its number.
    assert!(events.iter().all(|block| block.starts_with("id: ")), "{events:?}");
    let events: Vec<Value> = events.iter().map(read).collect();
    assert_eq!(events, user.events(&format!("task_id={id}&")).await);
}

/// Of letters and digits, so that no key stands in this file.
fn key() -> String {
    let alphabet = "q7Rk2vXz9LmP4tWbN8sYd3HgJ6cFaE5uTiKoZ1xVnBw0GhQyDjUe".as_bytes();
    let body = (0..36).map(|at| char::from(alphabet[(at * at + 3 * at + at / 7) % alphabet.len()]));
    format!("ghp_{}", body.collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_ends_what_is_shown_and_no_part_of_it_is() {
    // The key stands where the server pauses: its halves come in two pieces of the stream.
    let lead = prose(60);
    let said = format!("{lead}and the key is {} {}", key(), prose(60));
    let mut reply = answers(&said);
    reply.pause = reply.content.find("ghp_").unwrap() + 20;
    let fake = Fake::replying(vec![reply]);
    let house = house(fake.worker()).await;
    let (user, mut socket) = (User::new(&house), authenticated(&house).await);
    approved(&user, async |id| subscribed(&mut socket, id).await).await;
    let mut told = vec![until(&mut socket, KIND).await];
    fake.go_on();
    told.extend(all(&mut socket).await);
    let shown = words(&told);
    assert!(lead.starts_with(shown.trim_end()) && !shown.is_empty(), "{shown}");
    let stopped: Vec<&Value> = told.iter().filter(|told| told["stopped"].is_string()).collect();
    assert_eq!((stopped.len(), &stopped[0]["stopped"]), (1, &json!("a finding")), "{told:?}");
    let after = told.iter().rposition(|told| told["type"] == KIND).unwrap();
    assert!(told[after]["stopped"].is_string(), "nothing comes after it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_leaves_no_trace() {
    let (first, second) = (answers(&prose(100)), answers(&prose(100)));
    let fake = Fake::replying(vec![first, second]);
    let house = house(fake.worker()).await;
    let user = User::new(&house);
    let mut journals = Vec::new();
    for watched in [true, false] {
        let mut socket = authenticated(&house).await;
        let id = approved(&user, async |id| {
            if watched {
                subscribed(&mut socket, id).await;
            }
        })
        .await;
        fake.go_on();
        if watched {
            assert!(all(&mut socket).await.iter().any(|told| told["type"] == KIND));
        }
        let (_, done) = user.get(&format!("/task/{id}?wait=20")).await;
        assert_eq!(done["state"], "done", "{done}");
        let entries = house.site.store.entries(&RunId::new(id.as_str())).unwrap();
        let plain = |entry: &Value| {
            // What differs from run to run: its name, and what is made of it.
            let mut entry = entry.clone();
            strip(&mut entry, &id);
            entry
        };
        let entries: Vec<Value> =
            entries.iter().map(|(_, _, entry)| plain(&serde_json::to_value(entry).unwrap())).collect();
        journals.push(entries);
    }
    assert_eq!(journals[0], journals[1]);
    let written = serde_json::to_string(&journals).unwrap();
    assert!(written.contains("word 99 of them") && !written.contains("progress"));
}

/// Takes out digests and names that are bound to one run.
fn strip(value: &mut Value, id: &str) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| !matches!(name.as_str(), "digest" | "question"));
            map.values_mut().for_each(|value| strip(value, id));
        }
        Value::Array(all) => all.iter_mut().for_each(|value| strip(value, id)),
        Value::String(text) => *text = text.replace(id, "this task"),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_breaks_off_is_asked_again_and_is_heard_anew() {
    let broken = Reply { error: Some("CUDA error"), ..answers(&prose(80)) };
    let fake = Fake::replying(vec![broken, answers(&format!("other {}", prose(80)))]);
    let house = house(fake.worker()).await;
    let (user, mut socket) = (User::new(&house), authenticated(&house).await);
    let id = approved(&user, async |id| subscribed(&mut socket, id).await).await;
    let first = until(&mut socket, KIND).await;
    assert!(first["text"].as_str().unwrap().starts_with("word 0"), "{first}");
    fake.go_on();
    // It is not the answer that is to blame: the task waits for a better time.
    house.pass(10);
    let again = async {
        loop {
            house.site.controller.tick();
            // What has not ended yet is taken up at one of the next ticks.
            let Ok(heard) = timeout(Duration::from_millis(50), hear(&mut socket)).await else { continue };
            match heard.unwrap()["type"].as_str() {
                Some("task.resumed") => return,
                kind => assert_eq!(kind, Some(KIND)),
            }
        }
    };
    timeout(Duration::from_secs(20), again).await.unwrap();
    let anew = until(&mut socket, KIND).await;
    assert_eq!(anew["from"], 0);
    assert!(anew["text"].as_str().unwrap().starts_with("other word 0"), "{anew}");
    fake.go_on();
    let (_, done) = user.get(&format!("/task/{id}?wait=20")).await;
    assert!(text(&done["answer"]).starts_with("other word 0"), "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_principals_task_is_not_watched() {
    let house = House::open(&[]).await;
    let (user, mut socket) = (User::new(&house), authenticated(&house).await);
    let wish = Wish {
        principal: Principal::new("somebody else"),
        channel: "web".into(),
        request: "do it".to_owned(),
        session: None,
        plan: Some("answer(\"hello\")".to_owned()),
        playbook: None,
        mode: None,
        idempotency: None,
    };
    let theirs = house.site.controller.submit(wish).unwrap().id;
    let begun = async {
        while house.site.store.entries(&theirs).unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), begun).await.unwrap();
    say(&mut socket, json!({"type": "subscribe", "task_id": theirs})).await;
    assert_eq!(until(&mut socket, "error").await["status"], 404);
    let stream =
        user.client.get(house.url(&format!("/api/events?task_id={theirs}"))).header("x-sentinel-pin", PIN);
    let refused = stream.header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(refused.status(), 404);
    // Whoever follows their own task and everything sees nothing of it either.
    let (own, _) = user.waiting("answer(\"hello\")").await;
    say(&mut socket, json!({"type": "subscribe", "task_id": own})).await;
    say(&mut socket, json!({"type": "subscribe"})).await;
    let mut told = Vec::new();
    while told.iter().all(|told: &Value| told["type"] != "task.approval_requested") {
        told.push(hear(&mut socket).await.unwrap());
    }
    let glimpses = house.site.controller.glimpses();
    let words = |text: &str| Glimpse::Words { from: 0, text: text.to_owned() };
    glimpses.see(&theirs, CallNo(1), words("theirs"));
    glimpses.see(&RunId::new(own.as_str()), CallNo(1), words("own"));
    while told.iter().all(|told| told["type"] != KIND) {
        told.push(hear(&mut socket).await.unwrap());
    }
    assert_eq!(told.last().unwrap()["text"], "own");
    assert!(told.iter().all(|told| told["task_id"] != json!(theirs)), "{told:?}");
    let events = user.events("").await;
    assert!(events.iter().any(|event| event["task_id"] == json!(own)), "{events:?}");
    assert!(events.iter().all(|event| event["task_id"] == json!(own)), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_misses_words_and_no_event() {
    let house = House::open(&[]).await;
    let (user, mut socket) = (User::new(&house), authenticated(&house).await);
    let (id, approval) = user.waiting("answer(\"hello\")").await;
    say(&mut socket, json!({"type": "subscribe", "task_id": id})).await;
    let stream =
        user.client.get(house.url(&format!("/api/events?task_id={id}"))).header("x-sentinel-pin", PIN);
    let mut stream = stream.header("accept", "text/event-stream").send().await.unwrap();
    until(&mut socket, "task.approval_requested").await;
    // More than any buffer on the way holds, while nobody reads; the worker does not wait for that.
    const MANY: usize = 300;
    let run = RunId::new(id.as_str());
    for n in 0..MANY {
        let text = format!("{n} {}", "x".repeat(50_000));
        house.site.controller.glimpses().see(&run, CallNo(1), Glimpse::Words { from: n, text });
    }
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
    user.get(&format!("/task/{id}?wait=20")).await;
    let told = all(&mut socket).await;
    let missed = MANY - told.iter().filter(|told| told["type"] == KIND).count();
    assert!(missed > 0, "everything was kept for a slow client");
    let seen: Vec<u64> = told.iter().filter_map(|told| told["seq"].as_u64()).collect();
    let journal = user.events(&format!("task_id={id}&")).await;
    let numbers: Vec<u64> = journal.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert!(numbers.ends_with(&seen) && seen.len() >= 3, "{seen:?} of {numbers:?}");
    let mut read = String::new();
    while !read
        .get(read.len().saturating_sub(100_000)..)
        .is_some_and(|end| end.contains("event: task.completed"))
    {
        let chunk = timeout(Duration::from_secs(20), stream.chunk()).await.unwrap().unwrap().unwrap();
        read.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert_eq!(read.matches("\nid: ").count() + usize::from(read.starts_with("id: ")), numbers.len());
}
