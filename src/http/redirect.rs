//! The plain port: sends browsers to TLS and does nothing else.

use super::{Ends, Problem, Site, error, headers};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The redirect of a site whose TLS port is `https_port`.
pub fn routes(site: Arc<Site>, https_port: u16) -> Router {
    Router::new()
        .fallback(away)
        .with_state((site, https_port))
        .layer(from_fn(error::render))
        .layer(from_fn(headers::seal))
}

/// 308, which keeps the method, to the same path under the same name. The name must be ours: an open redirect would
/// lend our name to anybody.
async fn away(
    State((site, https_port)): State<(Arc<Site>, u16)>,
    request: Request,
) -> Result<Response, Problem> {
    let _from: &Ends = request.extensions().get().ok_or_else(Problem::internal)?;
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let Some(origin) = site.origins.of_host(host, https_port) else {
        let detail = "this server does not answer under that host name; add it to `allowed_origins`";
        return Err(Problem::forbidden("host-not-allowed", detail));
    };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    let target = HeaderValue::from_str(&format!("{origin}{path}"));
    let target =
        target.map_err(|_| Problem::bad_request("bad-request", "this address cannot be sent back"))?;
    Ok((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response())
}
