//! The page's files over the wire: for anybody, kept by the browser, and nothing beside them.

use super::house::House;
use std::collections::BTreeMap;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_s_files_need_no_login_and_are_kept_by_the_browser() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let get = async |path: &str, headers: &[(&str, &str)]| {
        let request = client.get(house.url(path));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers: BTreeMap<String, String> =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        (status, headers, response.bytes().await.unwrap())
    };
    for name in sentinel::http::assets::names() {
        let (status, plain, body) = get(&format!("/static/{name}"), &[]).await;
        assert_eq!((status, plain["cache-control"].as_str()), (200, "no-cache"), "{name}");
        assert!(plain.contains_key("content-security-policy") && plain["vary"] == "accept-encoding");
        let kind = match name.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "webmanifest" => "application/manifest+json",
            _ => "text/plain; charset=utf-8",
        };
        assert_eq!(
            (plain["content-type"].as_str(), plain["x-content-type-options"].as_str()),
            (kind, "nosniff")
        );
        let (status, packed, smaller) = get(&format!("/static/{name}"), &[("accept-encoding", "gzip")]).await;
        assert_eq!(status, 200);
        if packed.contains_key("content-encoding") {
            assert_ne!(packed["etag"], plain["etag"], "{name}: two bodies under one tag");
            let mut whole = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&smaller[..]), &mut whole).unwrap();
            assert_eq!(whole, body, "{name}");
        }
        let again = [("if-none-match", packed["etag"].as_str()), ("accept-encoding", "gzip")];
        let (status, kept, nothing) = get(&format!("/static/{name}"), &again).await;
        assert_eq!((status, nothing.len(), &kept["etag"]), (304, 0, &packed["etag"]), "{name}");
    }
    assert_eq!(get("/", &[]).await.2, get("/static/index.html", &[]).await.2);
    let head = client.head(house.url("/static/index.html")).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.bytes().await.unwrap().len()), (200, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_file_of_the_page_is_not_there() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    for path in [
        "/static",
        "/static/",
        "/static/app",
        "/static/app/",
        "/static/README.md",
        "/static/vendor/lock.json",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/app%2f..%2findex.html",
        "/static//index.html",
        "/static/index.html%00.js",
        "/static/Index.html",
    ] {
        let response = client.get(house.url(path)).send().await.unwrap();
        assert!(matches!(response.status().as_u16(), 400 | 404), "{path}: {}", response.status());
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_a_wrong_link_gets_a_page_and_a_program_a_problem() {
    let house = House::open(&[]).await;
    let client = house.client("127.0.0.1");
    let person = client.get(house.url("/nowhere")).header("sec-fetch-mode", "navigate").send().await.unwrap();
    assert_eq!(person.status(), 404);
    assert_eq!(person.headers()["content-type"], "text/html; charset=utf-8");
    assert!(person.headers().contains_key("content-security-policy"));
    assert!(person.text().await.unwrap().contains("Nothing here"));
    let program = client.get(house.url("/nowhere")).send().await.unwrap();
    assert_eq!(
        (program.status().as_u16(), &program.headers()["content-type"]),
        (404, &"application/problem+json".parse().unwrap())
    );
    let order = client.post(house.url("/nowhere")).header("sec-fetch-mode", "navigate").send().await.unwrap();
    assert_eq!(order.headers()["content-type"], "application/problem+json");
}
