//! The only maker of error responses: problem+json (RFC 9457).

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::any::Any;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Begins the `type` of every problem; the kind follows.
const TYPE_PREFIX: &str = "urn:sentinel:problem:";

/// Why a request was not answered with what it asked for. A handler's error; [`render`] makes it a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    retry_after: Option<u64>,
}

/// What goes over the wire.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Wire<'p> {
    /// Stable, for programs: `urn:sentinel:problem:` and a kind.
    r#type: String,
    #[schema(value_type = String)]
    title: &'p str,
    status: u16,
    #[schema(value_type = String)]
    detail: &'p str,
    #[schema(value_type = String)]
    request_id: &'p str,
}

impl Problem {
    /// A problem of a kind (a few words with `-`, stable for programs) with a sentence for people. The sentence must
    /// hold no secret.
    pub fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), retry_after: None }
    }

    /// What was sent is not what can be read (400).
    pub fn bad_request(kind: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, kind, detail)
    }

    /// Nobody is logged in (401).
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
    }

    /// Not from there, or not by you (403).
    pub fn forbidden(kind: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, kind, detail)
    }

    /// There is no such thing (404).
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// It was done already, or cannot be done now (409).
    pub fn conflict(kind: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, kind, detail)
    }

    /// Too often (429); `wait` is told in whole seconds, at least one.
    pub fn too_many(kind: &'static str, detail: impl Into<String>, wait: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, kind, detail).after(wait)
    }

    /// Not now (503); try again after `wait`.
    pub fn unavailable(kind: &'static str, detail: impl Into<String>, wait: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, detail).after(wait)
    }

    /// Something broke on our side (500). What broke is for the operator: the detail stays general.
    pub fn internal() -> Self {
        let detail = "something broke on this side; the operator's log has the reason";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// The status it will be sent with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The sentence for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The kind, for programs.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// After how many seconds to try again, where that is known.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_millis().div_ceil(1_000).max(1).try_into().unwrap_or(u64::MAX));
        self
    }

    /// What is told where a part of the framework refused.
    fn of_status(status: StatusCode) -> Self {
        let (kind, detail) = match status {
            StatusCode::NOT_FOUND => ("not-found", "there is nothing at this address"),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method-not-allowed", "this address takes other methods: see the header Allow")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "the body is too large"),
            status if status.is_server_error() => return Self { status, ..Self::internal() },
            _ => ("bad-request", "the request cannot be read"),
        };
        Self::new(status, kind, detail)
    }
}

impl IntoResponse for Problem {
    /// Leaves the body to [`render`], which knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Marks an answer that is not a problem, whatever its status: it goes out as it is.
#[derive(Debug, Clone, Copy)]
pub struct AsItIs;

/// Makes every error response a problem with the request's id. Stands outside of all routes.
pub async fn render(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status().as_u16() < 400 || response.extensions().get::<AsItIs>().is_some() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let problem = parts.extensions.remove().unwrap_or_else(|| Problem::of_status(parts.status));
    let wire = Wire {
        r#type: format!("{TYPE_PREFIX}{}", problem.kind),
        title: problem.status.canonical_reason().unwrap_or("Error"),
        status: problem.status.as_u16(),
        detail: &problem.detail,
        request_id: &uuid::Uuid::now_v7().to_string(),
    };
    let mut response = (problem.status, Json(&wire)).into_response();
    let headers = response.headers_mut();
    if let Some(allow) = parts.headers.remove(header::ALLOW) {
        headers.insert(header::ALLOW, allow);
    }
    if let Some(seconds) = problem.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.status == StatusCode::PAYLOAD_TOO_LARGE || problem.status == StatusCode::REQUEST_TIMEOUT {
        // The rest of the body is on its way and nobody will read it.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// What a panic in a handler becomes. Its text may quote anything, so it is not told.
pub fn caught(_panic: Box<dyn Any + Send + 'static>) -> Response {
    Problem::internal().into_response()
}
