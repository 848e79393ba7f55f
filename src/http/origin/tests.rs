use super::*;
use axum::http::HeaderValue;

const PORT: u16 = 8443;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs =
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let mut map = HeaderMap::new();
    pairs.for_each(|(name, value)| {
        map.append(name, value);
    });
    map
}

fn origins() -> Origins {
    Origins::new(vec!["https://home.example".into(), "https://proxy.example:9".into()])
}

#[test]
fn only_our_own_hosts_are_answered() {
    for good in [
        "localhost:8443",
        "LOCALHOST:8443",
        "127.0.0.1:8443",
        "[::1]:8443",
        "home.example",
        "home.example:443",
    ] {
        let map = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(good))]);
        assert!(origins().judge_host(&map, PORT).is_ok(), "{good}");
    }
    for bad in [
        "evil.example",
        "localhost",
        "localhost:1",
        "home.example:8443",
        "localhost:8443.evil.example",
        "",
        "0.0.0.0:8443",
    ] {
        let map = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(bad))]);
        assert_eq!(origins().judge_host(&map, PORT).unwrap_err().kind(), "host-not-allowed", "{bad}");
    }
    assert!(origins().judge_host(&HeaderMap::new(), PORT).is_err());
    let twice = headers(&[("host", "localhost:8443"), ("host", "localhost:8443")]);
    assert!(origins().judge_host(&twice, PORT).is_err());
}

/// What a page of a stranger, our page, and a program send.
#[test]
fn the_matrix_of_changes() {
    let cookie = ("cookie", "__Host-sentinel=x");
    let pin = ("x-sentinel-pin", "123456");
    let good: &[&[(&str, &str)]] = &[
        &[],
        &[pin],
        &[pin, cookie],
        &[("origin", "https://localhost:8443"), cookie],
        &[("origin", "https://home.example"), ("sec-fetch-site", "same-origin"), cookie],
        &[("sec-fetch-site", "same-origin"), cookie],
        &[("sec-fetch-site", "none"), pin],
    ];
    let bad: &[&[(&str, &str)]] = &[
        &[cookie],
        &[cookie, ("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://localhost:8443")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://localhost:8443"), cookie],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site"), pin],
        &[("origin", "null"), cookie],
        &[("origin", "null"), pin],
        &[("origin", "https://evil.example"), pin],
        &[("origin", "http://localhost:8443"), cookie],
        &[("origin", "https://localhost:9999"), cookie],
        &[("origin", "https://home.example.evil.example"), cookie],
        &[("origin", "https://home.example"), ("origin", "https://evil.example"), cookie],
    ];
    let judge = |pairs: &[(&'static str, &'static str)]| {
        let mut map = headers(pairs);
        map.insert(header::HOST, HeaderValue::from_static("localhost:8443"));
        origins().judge_change(&map, PORT)
    };
    good.iter().for_each(|pairs| assert!(judge(pairs).is_ok(), "{pairs:?}"));
    bad.iter().for_each(|pairs| assert_eq!(judge(pairs).unwrap_err().status(), 403, "{pairs:?}"));
}

#[test]
fn a_socket_of_a_page_needs_our_origin_and_one_of_a_program_has_no_cookie_rights() {
    let judge = |pairs: &[(&'static str, &'static str)]| origins().judge_upgrade(&headers(pairs), PORT);
    let host = ("host", "localhost:8443");
    let cookie = ("cookie", "__Host-sentinel=x");
    assert_eq!(judge(&[host, ("origin", "https://localhost:8443"), cookie]).unwrap(), Upgrade::Page);
    assert_eq!(judge(&[host]).unwrap(), Upgrade::Program);
    assert_eq!(judge(&[host, cookie]).unwrap(), Upgrade::Program);
    for bad in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        assert!(judge(&[host, bad, cookie]).is_err(), "{bad:?}");
    }
    assert!(judge(&[("host", "evil.example:8443"), ("origin", "https://localhost:8443")]).is_err());
}
