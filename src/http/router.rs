//! Every route on one page.

use super::{Site, api, assets, error, headers, openapi, origin};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// The site's routes and `more`, with everything that holds for all of them: a route cannot be served without its
/// guards. Read the layers from below: the last is outermost.
pub fn routes(site: &Arc<Site>, more: Router<Arc<Site>>) -> Router {
    Router::new()
        .route("/", get(assets::page))
        .route("/static/{*path}", get(assets::show))
        .route("/health", get(api::health::show))
        .route("/metrics", get(api::metrics::show))
        .route("/ws", get(api::ws::open))
        .route("/task", post(api::task::give))
        .route("/task/{id}", get(api::task::show).delete(api::task::stop))
        .route("/tasks", get(api::tasks::list))
        .route("/approvals", get(api::approval::list))
        .route("/approval/{id}", get(api::approval::show))
        .route("/approve/{id}", post(api::approval::decide))
        .route("/session/{id}", get(api::conversation::show))
        .route("/sessions", get(api::conversation::list))
        .route("/validate/path", get(api::validate::path))
        .route("/validate/command", get(api::validate::command))
        .route("/scan", post(api::scan::scan))
        .route("/process", post(api::process::process))
        .route("/api/events", get(api::events::follow))
        .route("/api/policies", get(api::policies::show))
        .route("/api/policies/test", post(api::policies::test))
        .route("/api/playbooks", get(api::playbooks::list))
        .route("/api/provenance/{data_id}", get(api::provenance::show))
        .route("/api/trust", get(api::trust::show))
        .route("/api/setup", post(api::setup::set_up).get(api::setup::show))
        .route("/api/session", post(api::session::open).get(api::session::list).delete(api::session::end_all))
        .route("/api/session/{id}", delete(api::session::end))
        .route("/openapi.json", get(openapi::show))
        .merge(more)
        .fallback(assets::missing)
        .with_state(site.clone())
        .layer(from_fn_with_state(site.clone(), origin::guard))
        .layer(from_fn_with_state(site.clone(), headers::bound))
        .layer(CatchPanicLayer::custom(error::caught))
        .layer(from_fn_with_state(site.clone(), api::metrics::count))
        .layer(from_fn(error::render))
        .layer(from_fn(headers::seal))
}
