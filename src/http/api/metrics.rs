//! The program's metrics: counts every request, and reads the rest off the journal when somebody looks.

mod tally;

pub use tally::Tally;

use super::blocking;
use crate::http::auth::{PIN_HEADER, cookie, session};
use crate::http::{Caller, Problem, Site};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::time::Instant;

#[cfg(test)]
mod tests;

/// The text form's media type, as its specification writes it.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
/// The route of what no route takes.
const NO_ROUTE: &str = "none";

/// GET /metrics
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics_show",
    responses(
        (status = 200, description = "All counts, in the text form of OpenMetrics.", body = String,
         content_type = "application/openmetrics-text")
    )
)]
pub async fn show(State(site): State<Arc<Site>>, _caller: Caller) -> Result<Response, Problem> {
    let text = blocking(move || {
        let metrics = site.controller.metrics();
        site.tally.catch_up(&site.store, metrics)?;
        let (running, queued) = site.controller.load();
        metrics.load(running, queued);
        Ok::<_, Problem>(metrics.render())
    });
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text.await??).into_response())
}

/// Counts a request and how it came out. Stands where problems are not rendered yet, so that their kind is known.
pub async fn count(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    // INVARIANT: the pattern, never the path: a stranger must not make series.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = move || route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let method = method(request.method());
    let shown = shown(request.headers());
    let began = Instant::now();
    let response = next.run(request).await;
    let (metrics, route) = (site.controller.metrics(), route());
    metrics.http(&route, method, response.status().as_u16(), began.elapsed());
    if let Some(problem) = response.extensions().get::<Problem>() {
        refused(&site, problem, way_in(&route, method).or(shown));
    }
    response
}

/// Counts what a refusal says of attacks: failed attempts to authenticate, by the way that was tried, and limits that
/// were met. Who tried nothing failed nothing.
pub fn refused(site: &Site, problem: &Problem, tried: Option<&'static str>) {
    let metrics = site.controller.metrics();
    match (problem.kind(), tried) {
        ("unauthenticated", Some(way)) => metrics.auth_failed(way),
        ("throttled", _) => metrics.throttled("pin"),
        ("rate", _) => metrics.throttled("rate"),
        _ => {}
    }
}

/// The routes whose body holds what is tried.
fn way_in(route: &str, method: &'static str) -> Option<&'static str> {
    match (route, method) {
        ("/api/session", "POST") => Some("login"),
        ("/api/setup", "POST") => Some("setup"),
        _ => None,
    }
}

/// What a request's headers try to authenticate with.
fn shown(headers: &HeaderMap) -> Option<&'static str> {
    if headers.contains_key(PIN_HEADER) {
        return Some("header");
    }
    cookie(headers, session::COOKIE).map(|_| "cookie")
}

/// A method of ours; a stranger may send any word.
fn method(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 7] = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
    ];
    KNOWN.iter().find(|(known, _)| known == method).map_or("other", |(_, word)| word)
}
