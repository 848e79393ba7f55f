//! What a page of a stranger may try, and what every response says to a browser.

use super::house::{House, PIN};
use super::sockets::dial;
use super::tasks::User;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_stranger_changes_nothing() {
    let house = House::open(&[("SENTINEL_ALLOWED_ORIGINS", "https://home.example")]).await;
    let client = house.client("127.0.0.1");
    let cookie = house.cookie(&client).await;
    let own = house.url("");
    let delete = |headers: &[(&str, &str)]| {
        let request = client.delete(house.url("/api/session/nothing"));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send()
    };
    let cookie = ("cookie", cookie.as_str());
    for headers in [
        &[cookie, ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
        &[cookie, ("origin", "null")],
        &[cookie, ("sec-fetch-site", "same-site")],
        &[cookie],
        &[cookie, ("origin", &own), ("host", "evil.example")],
        &[("x-sentinel-pin", PIN), ("origin", "https://evil.example")],
    ] {
        assert_eq!(delete(headers).await.unwrap().status(), 403, "{headers:?}");
    }
    let alone: serde_json::Value = delete(&[cookie]).await.unwrap().json().await.unwrap();
    assert!(alone["detail"].as_str().unwrap().contains("`Origin`"), "it says what to do: {alone}");
    for headers in [
        &[cookie, ("origin", own.as_str()), ("sec-fetch-site", "same-origin")][..],
        &[cookie, ("origin", "https://home.example"), ("host", "home.example")],
        &[cookie, ("sec-fetch-site", "same-origin")],
        &[("x-sentinel-pin", PIN)],
    ] {
        assert_eq!(delete(headers).await.unwrap().status(), 404, "{headers:?}");
    }
    // A form can send text; a request with a preflight is never allowed one.
    let form = client.post(house.url("/api/session")).header("content-type", "text/plain");
    assert_eq!(form.body(json!({ "pin": PIN }).to_string()).send().await.unwrap().status(), 415);
    let preflight = client.request(reqwest::Method::OPTIONS, house.url("/api/session"));
    let preflight = preflight.header("origin", "https://evil.example").send().await.unwrap();
    assert!(!preflight.headers().contains_key("access-control-allow-origin"));
    assert_eq!(preflight.status(), 403);
}

/// With the cookie of somebody who is logged in, the page tries every operation there is, in every way that a browser lets it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_stranger_that_tries_everything_changes_and_reads_nothing() {
    let house = House::open(&[("SENTINEL_REQUEST_PER_MINUTE", "10000")]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting("answer(\"hello\")").await;
    let cookie = house.cookie(&user.client).await;
    let state = async || {
        let (_, task) = user.get(&format!("/task/{id}")).await;
        let (_, open) = user.get("/approvals?state=pending").await;
        let (_, logins) = user.get("/api/session").await;
        let sessions = logins["sessions"].as_array().unwrap().len();
        (task["state"].clone(), open["approvals"].as_array().unwrap().len(), sessions)
    };
    let before = state().await;
    let (_, document) = user.get("/openapi.json").await;
    let (mut orders, mut looks) = (0, 0);
    for path in document["paths"].as_object().unwrap().keys() {
        let real = if path.starts_with("/appro") { &approval } else { &id };
        let url = house.url(&path.replace("{data_id}", "1").replace("{id}", real));
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            for (origin, site, kind) in [
                ("https://evil.example", "cross-site", "application/json"),
                ("null", "cross-site", "text/plain"),
                ("http://localhost", "same-site", "application/x-www-form-urlencoded"),
            ] {
                let order = json!({"request": "do it", "granted": true, "pin": PIN, "code": "x", "plan": "answer(\"x\")"});
                let request = user.client.request(method.parse().unwrap(), &url).header("cookie", &cookie);
                let request = request.header("origin", origin).header("sec-fetch-site", site);
                let request = request.header("content-type", kind).body(order.to_string());
                let response = request.send().await.unwrap();
                let status = response.status().as_u16();
                let headers = response.headers();
                // Without this no browser shows a page what came back.
                assert!(!headers.contains_key("access-control-allow-origin"), "{method} {path}");
                assert!(!headers.contains_key("access-control-allow-methods"), "{method} {path}");
                if matches!(method, "GET" | "HEAD") {
                    looks += 1;
                    continue;
                }
                orders += 1;
                assert_eq!(status, 403, "{method} {path} from {origin}");
            }
        }
    }
    let strange = [("origin", "https://evil.example"), ("cookie", cookie.as_str())];
    assert!(dial(house.port, &house.pem(), &strange).await.is_err(), "a WebSocket opened");
    assert!(orders >= 300 && looks >= 120, "{orders} {looks}");
    assert_eq!(state().await, before);
    assert_eq!(before.0, "waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_carries_the_headers() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
               connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
               frame-ancestors 'none'; require-trusted-types-for 'script'";
    for (path, status) in [("/", 200), ("/health", 200), ("/api/session", 401), ("/missing", 404)] {
        let response = client.get(house.url(path)).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-security-policy"), csp);
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        // The page itself holds nothing and is asked for again each time.
        assert_eq!(header("cache-control"), if path == "/" { "no-cache" } else { "no-store" });
        assert!(header("strict-transport-security").starts_with("max-age=31536000"));
        assert!(header("permissions-policy").contains("camera=()"));
    }
    let wrong = client.put(house.url("/api/session")).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
    assert_eq!(wrong.headers()["content-type"], "application/problem+json");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_port_redirects_our_own_names_and_nothing_else() {
    let house = House::open(&[("SENTINEL_ALLOWED_ORIGINS", "https://home.example")]).await;
    let client = house.client("127.0.0.1");
    let ask = |host: String| {
        client.post(format!("http://127.0.0.1:{}/a?b=c", house.http)).header("host", host).send()
    };
    let response = ask(format!("localhost:{}", house.http)).await.unwrap();
    assert_eq!(response.status(), 308);
    assert_eq!(response.headers()["location"], house.url("/a?b=c").as_str());
    assert_eq!(ask("home.example".into()).await.unwrap().headers()["location"], "https://home.example/a?b=c");
    let strange = ask("evil.example".into()).await.unwrap();
    assert_eq!((strange.status().as_u16(), strange.headers().contains_key("location")), (403, false));
}
