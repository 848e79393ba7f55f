//! What a page of a stranger may try, and what every response says to a browser.

use super::house::{House, PIN};
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
        assert_eq!(header("cache-control"), "no-store");
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
