//! The page that the user interface starts from. Needs no login: it holds nothing.

use axum::response::Html;

/// GET /
#[utoipa::path(
    get,
    path = "/",
    operation_id = "shell_page",
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html")
    ),
    security(())
)]
pub async fn page() -> Html<&'static str> {
    Html(concat!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sentinel</title>",
        "<h1>Sentinel</h1><p>This server is running. Its interface is JSON; <code>/health</code> tells how it is.</p></html>"
    ))
}
