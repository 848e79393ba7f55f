//! The headers that every response carries, and how large a request's may be.

use super::{Problem, Site};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// The content security policy: own scripts, styles and connections only, never framed, no string becomes code.
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                       connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
                       frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Name and value of each. One year of HSTS; browsers ignore it where they do not trust the certificate.
pub const ALWAYS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=(), hid=(), display-capture=()",
    ),
];

/// Most headers of one request; browsers send some twenty.
pub(super) const MOST: usize = 100;

/// Refuses a request whose address and headers are too many or too large.
pub async fn bound(State(site): State<Arc<Site>>, request: Request, next: Next) -> Result<Response, Problem> {
    let most = site.settings.limits.header_bytes;
    let headers = request.headers();
    // As they stood on the wire: `name: value` and the line's end.
    let lines: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if lines.saturating_add(address) > most || headers.len() > MOST {
        let detail = format!(
            "the address and the headers have more than {most} bytes (`header_bytes`) or {MOST} lines"
        );
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers", detail));
    }
    Ok(next.run(request).await)
}

/// Puts them on. What a handler said about caching stays; where it said nothing, nothing is kept.
pub async fn seal(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
