//! The page that the user interface starts from. Needs no login: it holds nothing.

use axum::response::Html;

/// GET /
pub async fn page() -> Html<&'static str> {
    Html(concat!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sentinel</title>",
        "<h1>Sentinel</h1><p>This server is running. Its interface is JSON; <code>/health</code> tells how it is.</p></html>"
    ))
}
