use super::*;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::middleware::from_fn;
use axum::routing::get;
use serde_json::Value as Json;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

async fn panics() -> &'static str {
    panic!("c4n4ry")
}

async fn limited() -> Result<(), Problem> {
    Err(Problem::too_many("rate", "too often", Duration::from_millis(1_200)))
}

async fn ask(method: &str, path: &str) -> (axum::http::HeaderMap, Json) {
    let routes = Router::new()
        .route("/panics", get(panics))
        .route("/limited", get(limited))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn(render));
    let request = axum::http::Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = routes.oneshot(request).await.unwrap();
    let headers = response.headers().clone();
    let status = response.status().as_u16();
    let body: Json = serde_json::from_slice(&to_bytes(response.into_body(), 10_000).await.unwrap()).unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    assert!(!body["request_id"].as_str().unwrap().is_empty() && !body["title"].as_str().unwrap().is_empty());
    (headers, body)
}

#[tokio::test]
async fn every_error_is_a_problem_with_an_id() {
    let (_, missing) = ask("GET", "/missing").await;
    assert_eq!(
        (&missing["status"], &missing["type"]),
        (&404.into(), &"urn:sentinel:problem:not-found".into())
    );
    let (headers, wrong) = ask("DELETE", "/limited").await;
    assert_eq!((&wrong["status"], headers[header::ALLOW].to_str().unwrap()), (&405.into(), "GET,HEAD"));
    let (headers, limited) = ask("GET", "/limited").await;
    assert_eq!(
        (&limited["detail"], headers[header::RETRY_AFTER].to_str().unwrap()),
        (&"too often".into(), "2")
    );
    assert_ne!(missing["request_id"], limited["request_id"]);
}

#[tokio::test]
async fn a_panic_is_a_problem_without_its_words() {
    let (_, broken) = ask("GET", "/panics").await;
    assert_eq!(broken["status"], 500);
    assert!(!broken.to_string().contains("c4n4ry"));
}
