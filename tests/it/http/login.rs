//! PIN, throttle, setup and sessions.

use super::house::{House, PIN};
use super::sockets;
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_opens_by_header_and_by_cookie_and_nothing_else_does() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let response = client.get(house.url("/api/session")).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 200);
    assert_eq!(house.get(&client, "x-sentinel-pin", "135791").await.0, 401);
    let cookie = house.cookie(&client).await;
    let (status, list) = house.get(&client, "cookie", &cookie).await;
    assert_eq!((status, &list["sessions"][0]["current"]), (200, &json!(true)));
    assert!(!list.to_string().contains(cookie.split('=').nth(1).unwrap()));
    let forged = format!("__Host-sentinel={}", "0".repeat(64));
    assert_eq!(house.get(&client, "cookie", &forged).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_its_file_holds_in_plain_is_compared_and_throttled_from_the_first() {
    let pin = Some(PIN.to_owned());
    let house = House::with(tempfile::tempdir().unwrap(), &[], pin, axum::Router::new()).await;
    let client = house.client("127.0.0.1");
    for _ in 0..5 {
        assert_eq!(house.get(&client, "x-sentinel-pin", "135791").await.0, 401);
    }
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 429);
    let other = house.client("127.0.0.2");
    assert_eq!(house.get(&other, "x-sentinel-pin", PIN).await.0, 200);
    house.cookie(&other).await;
    assert_eq!(house.get(&other, "x-sentinel-pin", "").await.0, 401);
}

/// How many PINs are guessed, and from how many addresses.
const GUESSES: u32 = 10_000;
const ADDRESSES: u32 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_over_all_paths_and_addresses_admit_at_most_the_budget() {
    // All sockets come from one address.
    let settings = [("SENTINEL_LOGIN_TRIES_GLOBAL", "12"), ("SENTINEL_MAX_CONNECTIONS_PER_ADDRESS", "256")];
    let house = House::open(&settings).await;
    let guess = async |address: u32| {
        let client = house.client(&format!("127.0.0.{}", 2 + address));
        let mut outcomes = Vec::new();
        for n in 0..GUESSES / ADDRESSES {
            let (url, pin) = (house.url("/api/session"), format!("{:06}", address * 1_000 + n));
            let request = match n % 20 {
                0 => {
                    outcomes.push((sockets::guess(&house, &pin).await, true));
                    continue;
                }
                n if n % 2 == 0 => client.get(url).header("x-sentinel-pin", pin),
                _ => client.post(url).json(&json!({ "pin": pin })),
            };
            let response = request.send().await.unwrap();
            outcomes.push((response.status().as_u16(), response.headers().contains_key("retry-after")));
        }
        outcomes
    };
    let outcomes: Vec<(u16, bool)> =
        join_all((0..ADDRESSES).map(guess)).await.into_iter().flatten().collect();
    assert_eq!(outcomes.len(), GUESSES as usize);
    let admitted = outcomes.iter().filter(|(status, _)| *status == 401).count();
    assert!((5..=12).contains(&admitted), "{admitted} guesses were judged");
    let refused = |outcome: &&(u16, bool)| !matches!(outcome, (401, _) | (429 | 503, true));
    assert_eq!(outcomes.iter().find(refused), None);
    // The right PIN is not told apart while everybody waits, by whichever way and from wherever.
    let client = house.client("127.0.0.99");
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 429);
    let login = client.post(house.url("/api/session")).json(&json!({ "pin": PIN }));
    assert_eq!(login.send().await.unwrap().status(), 429);
    house.pass(15 * 60);
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_after_a_login_are_counted_too_and_a_session_goes_on() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let cookie = house.cookie(&client).await;
    for _ in 0..5 {
        assert_eq!(house.get(&client, "x-sentinel-pin", "000000").await.0, 401);
    }
    assert_eq!(house.get(&client, "x-sentinel-pin", "000000").await.0, 429);
    assert_eq!(house.get(&client, "x-sentinel-pin", PIN).await.0, 429);
    assert_eq!(house.get(&client, "cookie", &cookie).await.0, 200);
    assert_eq!(house.get(&house.client("127.0.0.2"), "x-sentinel-pin", PIN).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setup_code_sets_the_first_pin_once() {
    let house = House::with(tempfile::tempdir().unwrap(), &[], None, axum::Router::new()).await;
    let client = house.client("127.0.0.1");
    let said = house.said.lock().unwrap().concat();
    let code = said.rsplit(' ').next().unwrap().to_owned();
    let set_up = |code: &str, pin: &str| {
        client.post(house.url("/api/setup")).json(&json!({ "code": code, "pin": pin })).send()
    };
    assert_eq!(house.get(&client, "x-sentinel-pin", "123456").await.0, 401);
    assert_eq!(set_up("AAAAA-AAAAA-AAAAA-AAAAA", PIN).await.unwrap().status(), 401);
    for unfit in ["12345", "777777", "345678", "271828", "password"] {
        assert_eq!(set_up(&code, unfit).await.unwrap().status(), 400, "{unfit}");
    }
    let (one, two) = tokio::join!(set_up(&code.to_lowercase(), PIN), set_up(&code, "974318"));
    let mut statuses = [one.unwrap().status().as_u16(), two.unwrap().status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    assert_eq!(set_up(&code, PIN).await.unwrap().status(), 409);
    let right = [PIN, "974318"];
    let mut opened = 0;
    for pin in right {
        opened += u32::from(house.get(&client, "x-sentinel-pin", pin).await.0 == 200);
    }
    assert_eq!(opened, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_setup_codes_are_throttled() {
    let house = House::with(tempfile::tempdir().unwrap(), &[], None, axum::Router::new()).await;
    let client = house.client("127.0.0.1");
    let mut statuses = Vec::new();
    for n in 0..7 {
        let body = json!({ "code": format!("{n:020}"), "pin": PIN });
        statuses
            .push(client.post(house.url("/api/setup")).json(&body).send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_idling_by_age_by_login_and_by_revoking() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let first = house.cookie(&client).await;
    house.pass(29 * 60);
    assert_eq!(house.get(&client, "cookie", &first).await.0, 200);
    house.pass(29 * 60);
    assert_eq!(house.get(&client, "cookie", &first).await.0, 200, "it was used in between");
    house.pass(30 * 60);
    assert_eq!(house.get(&client, "cookie", &first).await.0, 401, "idle");
    let second = house.cookie(&client).await;
    for _ in 0..24 {
        house.pass(29 * 60);
        assert_eq!(house.get(&client, "cookie", &second).await.0, 200);
    }
    house.pass(24 * 60);
    assert_eq!(house.get(&client, "cookie", &second).await.0, 401, "12 hours");

    let third = house.cookie(&client).await;
    let again = client.post(house.url("/api/session")).header("cookie", &third);
    let again = again.header("origin", house.url("").trim_end_matches('/')).json(&json!({ "pin": PIN }));
    assert_eq!(again.send().await.unwrap().status(), 204);
    assert_eq!(house.get(&client, "cookie", &third).await.0, 401, "a login replaces the session before");

    let (one, two) = (house.cookie(&client).await, house.cookie(&client).await);
    let list = house.get(&client, "cookie", &one).await.1;
    let own = list["sessions"].as_array().unwrap().iter().find(|row| row["current"] == true).unwrap();
    let end = |path: String| client.delete(house.url(&path)).header("x-sentinel-pin", PIN).send();
    assert_eq!(end(format!("/api/session/{}", own["id"].as_str().unwrap())).await.unwrap().status(), 204);
    assert_eq!(house.get(&client, "cookie", &one).await.0, 401);
    assert_eq!(house.get(&client, "cookie", &two).await.0, 200);
    assert_eq!(end("/api/session/nothing".into()).await.unwrap().status(), 404);
    assert_eq!(end("/api/session".into()).await.unwrap().status(), 204);
    assert_eq!(house.get(&client, "cookie", &two).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_pin_this_machine_is_let_in_and_strange_hosts_are_not() {
    let house = House::open(&[("SENTINEL_PIN_REQUIRED", "false")]).await;
    let client = house.client("127.0.0.1");
    assert_eq!(house.get(&client, "accept", "*/*").await.0, 200);
    assert_eq!(house.get(&client, "host", "rebound.example").await.0, 403);
    for (first, note) in [(json!({"type": "auth"}), false), (json!({"type": "auth", "pin": "any one"}), true)]
    {
        let mut socket = sockets::open(&house, &[]).await.unwrap();
        sockets::say(&mut socket, first).await;
        let welcome = sockets::until(&mut socket, "auth_ok").await;
        assert_eq!(welcome["note"].is_string(), note, "{welcome}");
    }
    let strange = sockets::open(&house, &[("origin", "https://evil.example")]).await;
    assert!(strange.is_err());
}
