//! The WebSocket: who gets in, what is said, and what a flood does.

use super::house::{House, PIN};
use super::tasks::User;
use super::wire::connect;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

pub type Socket = WebSocketStream<tokio_rustls::client::TlsStream<TcpStream>>;

pub async fn open(house: &House, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
    dial(house.port, &house.pem(), headers).await
}

pub async fn dial(port: u16, pem: &[u8], headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
    let mut request = format!("wss://localhost:{port}/ws").into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let (socket, _) = tokio_tungstenite::client_async(request, connect(port, pem).await).await?;
    Ok(socket)
}

pub async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message; `None` when the server closed.
pub async fn hear(socket: &mut Socket) -> Option<Value> {
    loop {
        match timeout(Duration::from_secs(20), socket.next()).await.unwrap()? {
            Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// Listens until this kind of message comes.
pub async fn until(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let heard = hear(socket).await.unwrap_or_else(|| panic!("closed before {kind}"));
        if heard["type"] == kind {
            return heard;
        }
    }
}

pub async fn authenticated(house: &House) -> Socket {
    let mut socket = open(house, &[]).await.unwrap();
    say(&mut socket, json!({"type": "auth", "pin": PIN})).await;
    assert_eq!(hear(&mut socket).await.unwrap()["type"], "auth_ok");
    socket
}

/// Tries a PIN; the status of the refusal, or 200.
pub async fn guess(house: &House, pin: &str) -> u16 {
    let mut socket = open(house, &[]).await.unwrap();
    say(&mut socket, json!({"type": "auth", "pin": pin})).await;
    let heard = hear(&mut socket).await.unwrap();
    heard["status"].as_u64().map_or(200, |status| status as u16)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_given_decided_and_followed_on_one_socket() {
    let house = House::open(&[("SENTINEL_PLANNER", "none")]).await;
    let user = User::new(&house);
    let mut socket = authenticated(&house).await;
    let (id, approval) = user.waiting("answer(\"hello\")").await;
    say(&mut socket, json!({"type": "subscribe", "task_id": id})).await;
    let asked = until(&mut socket, "task.approval_requested").await;
    assert_eq!((&asked["approval_id"], &asked["task_id"]), (&json!(approval), &json!(id)));
    say(&mut socket, json!({"type": "approval", "approval_id": approval, "granted": true})).await;
    assert_eq!(until(&mut socket, "task.approval_decided").await["granted"], true);
    let done = until(&mut socket, "task.completed").await;
    assert!(done["seq"].as_u64() > asked["seq"].as_u64() && done["at"].is_i64());

    // The planner is nobody: the task fails, and says so here.
    say(&mut socket, json!({"type": "task", "request": "do it"})).await;
    let accepted = until(&mut socket, "task.accepted").await;
    let ended = until(&mut socket, "task.blocked").await;
    assert_eq!((&ended["task_id"], &ended["state"]), (&accepted["task_id"], &json!("failed")));

    let (id, _) = user.waiting("answer(\"hello\")").await;
    say(&mut socket, json!({"type": "subscribe", "task_id": id})).await;
    say(&mut socket, json!({"type": "cancel", "task_id": id})).await;
    assert_eq!(until(&mut socket, "task.blocked").await["state"], "stopped");
    say(&mut socket, json!({"type": "cancel", "task_id": "nobodys"})).await;
    let error = until(&mut socket, "error").await;
    assert_eq!((&error["status"], &error["about"]), (&json!(404), &json!("cancel")));
}

/// The event is in the journal a moment before its question can be found.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_can_be_answered_the_moment_it_is_told() {
    let house = House::open(&[]).await;
    let mut socket = authenticated(&house).await;
    for n in 0..10 {
        let task = json!({"type": "task", "request": "do it", "plan": format!("answer(\"{n}\")")});
        say(&mut socket, task).await;
        let asked = until(&mut socket, "task.approval_requested").await;
        let id = &asked["approval_id"];
        say(&mut socket, json!({"type": "approval", "approval_id": id, "granted": true})).await;
        loop {
            let heard = hear(&mut socket).await.unwrap();
            assert_ne!(heard["type"], "error", "{heard}");
            if heard["type"] == "task.completed" {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_comes_once_however_often_it_is_asked_for() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting("answer(\"hello\")").await;
    let (_, page) = user.get(&format!("/api/events?task_id={id}")).await;
    let second = page["events"][1]["seq"].clone();
    let mut socket = authenticated(&house).await;
    // The later part, the same again, what came before it, and everything.
    let task = |after: &Value| json!({"type": "subscribe", "task_id": id, "after": after});
    for subscribe in [
        task(&second),
        task(&second),
        task(&json!(0)),
        task(&json!(0)),
        json!({"type": "subscribe"}),
        json!({"type": "subscribe", "after": 1}),
    ] {
        say(&mut socket, subscribe).await;
    }
    // An answer to what was said last: all subscriptions stand.
    say(&mut socket, json!({"type": "cancel", "task_id": "nobodys"})).await;
    let mut seen = Vec::new();
    let mut granted = false;
    let (mut refused, mut completed) = (false, false);
    while !(refused && completed) {
        let heard = hear(&mut socket).await.unwrap();
        refused |= heard["type"] == "error";
        completed |= heard["type"] == "task.completed";
        seen.extend(heard["seq"].as_u64());
        if refused && !granted {
            granted = true;
            user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
        }
    }
    // Another task's end comes after whatever was still to come of this one.
    let (other, approval) = user.waiting("answer(\"other\")").await;
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
    assert_eq!(until(&mut socket, "task.completed").await["task_id"], json!(other), "told twice");
    seen.sort_unstable();
    let (_, page) = user.get(&format!("/api/events?task_id={id}")).await;
    let all: Vec<u64> =
        page["events"].as_array().unwrap().iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert_eq!(seen, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_a_pin_or_a_session_of_our_own_page() {
    let house = House::open(&[]).await;
    let own = format!("https://localhost:{}", house.port);
    for first in [
        json!({"type": "auth"}),
        json!({"type": "auth", "pin": "wrong1"}),
        json!({"type": "subscribe"}),
        json!(7),
    ] {
        let mut socket = open(&house, &[]).await.unwrap();
        say(&mut socket, first.clone()).await;
        assert_eq!(hear(&mut socket).await.unwrap()["type"], "error", "{first}");
        assert!(hear(&mut socket).await.is_none(), "{first}");
    }
    let cookie = house.cookie(&house.client("127.0.0.1")).await;
    let strange = open(&house, &[("origin", "https://evil.example"), ("cookie", &cookie)]).await;
    assert!(matches!(strange, Err(Error::Http(response)) if response.status() == 403));
    // A program has no page's origin, so its cookie does not count.
    let mut socket = open(&house, &[("cookie", &cookie)]).await.unwrap();
    say(&mut socket, json!({"type": "auth"})).await;
    assert_eq!(hear(&mut socket).await.unwrap()["status"], 401);
    let mut socket = open(&house, &[("origin", &own), ("cookie", &cookie)]).await.unwrap();
    say(&mut socket, json!({"type": "auth"})).await;
    assert_eq!(hear(&mut socket).await.unwrap()["type"], "auth_ok");
    say(&mut socket, json!({"type": "auth"})).await;
    assert_eq!(until(&mut socket, "error").await["status"], 409);
}

/// A socket of our own page, with its session.
async fn of_page(house: &House, cookie: &str) -> Socket {
    let own = format!("https://localhost:{}", house.port);
    let mut socket = open(house, &[("origin", &own), ("cookie", cookie)]).await.unwrap();
    say(&mut socket, json!({"type": "auth"})).await;
    until(&mut socket, "auth_ok").await;
    socket
}

/// The code and the word with which the server closes.
async fn closed(socket: &mut Socket) -> (u16, String) {
    loop {
        match timeout(Duration::from_secs(10), socket.next()).await.unwrap().unwrap().unwrap() {
            Message::Close(Some(frame)) => return (frame.code.into(), frame.reason.to_string()),
            Message::Text(text) if text.contains("task.") => panic!("it was done or told: {text}"),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_takes_its_sockets_and_streams_along() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let (cookie, other) = (house.cookie(&client).await, house.cookie(&client).await);
    let (mut socket, mut stays) = (of_page(&house, &cookie).await, of_page(&house, &other).await);
    let stream = client.get(house.url("/api/events")).header("accept", "text/event-stream");
    let mut stream = stream.header("cookie", &cookie).send().await.unwrap();
    let list = house.get(&client, "cookie", &cookie).await.1;
    let own = list["sessions"].as_array().unwrap().iter().find(|row| row["current"] == true).unwrap();
    let end = client.delete(house.url(&format!("/api/session/{}", own["id"].as_str().unwrap())));
    assert_eq!(end.header("x-sentinel-pin", PIN).send().await.unwrap().status(), 204);
    // At once: sooner than the next look at its age.
    let over = (1008, "session ended".to_owned());
    assert_eq!(closed(&mut socket).await, over);
    let read = async { while stream.chunk().await.unwrap().is_some() {} };
    timeout(Duration::from_secs(10), read).await.expect("the stream goes on");
    say(&mut stays, json!({"type": "cancel", "task_id": "nobodys"})).await;
    assert_eq!(until(&mut stays, "error").await["status"], 404);
    assert_eq!(
        client.delete(house.url("/api/session")).header("x-sentinel-pin", PIN).send().await.unwrap().status(),
        204
    );
    assert_eq!(closed(&mut stays).await, over);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_for_a_session_that_grew_too_old() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let cookie = house.cookie(&client).await;
    let (mut socket, mut listens) = (of_page(&house, &cookie).await, of_page(&house, &cookie).await);
    say(&mut listens, json!({"type": "subscribe"})).await;
    let stream = client.get(house.url("/api/events")).header("accept", "text/event-stream");
    let mut stream = stream.header("cookie", &cookie).send().await.unwrap();
    house.pass(29 * 60);
    say(&mut socket, json!({"type": "cancel", "task_id": "nobodys"})).await;
    assert_eq!(until(&mut socket, "error").await["status"], 404, "it was used in time");
    house.pass(30 * 60);
    say(&mut socket, json!({"type": "task", "request": "do it"})).await;
    let over = (1008, "session ended".to_owned());
    assert_eq!(closed(&mut socket).await, over);
    // Another's task is not told of any more.
    User::new(&house).waiting("answer(\"hello\")").await;
    let mut told = Vec::new();
    let read = async {
        while let Some(chunk) = stream.chunk().await.unwrap() {
            told.extend(chunk);
        }
    };
    timeout(Duration::from_secs(10), read).await.expect("the stream goes on");
    assert!(!String::from_utf8_lossy(&told).contains("task."), "{told:?}");
    assert_eq!(closed(&mut listens).await, over);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_answered_within_the_rate_and_harms_nobody() {
    let house = House::open(&[("SENTINEL_REQUEST_PER_MINUTE", "50")]).await;
    let socket = authenticated(&house).await;
    let (mut sender, mut receiver) = socket.split();
    let flood = async {
        for _ in 0..100_000 {
            if sender.feed(Message::text(r#"{"type":"cancel","task_id":"nobodys"}"#)).await.is_err() {
                break;
            }
        }
        let _closed = sender.flush().await;
    };
    let count = async {
        let (mut refused, mut limited) = (0_u32, 0_u32);
        while refused + limited < 100_000 {
            match timeout(Duration::from_secs(30), receiver.next()).await {
                Ok(Some(Ok(Message::Text(said)))) if said.contains("\"status\":404") => refused += 1,
                Ok(Some(Ok(Message::Text(said)))) if said.contains("\"status\":429") => limited += 1,
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) | Err(_) => break,
            }
        }
        (refused, limited)
    };
    let ((), (refused, limited)) = tokio::join!(flood, count);
    assert!(refused <= 50, "{refused} got through");
    assert_eq!(refused + limited, 100_000);
    assert_eq!(house.client("127.0.0.1").get(house.url("/health")).send().await.unwrap().status(), 200);
}
