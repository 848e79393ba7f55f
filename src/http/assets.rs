//! The page's files, for anybody: they hold no secret, and whoever has no PIN must be able to load what asks for it.
//!
//! They are part of the program, so that what runs in the browser is what was built. A developer may name a folder
//! instead (`ui_dir`), which is read anew at each request.

mod embedded;
#[cfg(test)]
mod tests;

use super::error::AsItIs;
use super::{Id, Problem, Site};
use crate::egress::workspace::{Workspace, WorkspaceFailure, WorkspacePath};
use crate::kernel::id::Digest;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use embedded::EMBEDDED;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// What `/` shows.
const PAGE: &str = "index.html";
/// What somebody sees who followed a wrong link.
const MISSING: &str = "missing.html";
/// Largest file of `ui_dir`, in bytes.
const MAX_BYTES: u64 = 4 << 20;
/// A browser keeps a file and asks each time whether it still holds: after an update no page is half old.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Names and media types of what is served: a file of another ending is not there for anybody.
const KINDS: [(&str, &str); 7] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    // Some phones take no other as an app's icon.
    ("png", "image/png"),
    ("webmanifest", "application/manifest+json"),
    ("txt", "text/plain; charset=utf-8"),
];

/// Where the page's files come from.
#[derive(Debug)]
pub struct Assets {
    folder: Option<Arc<Workspace>>,
}

/// A file ready to be sent.
#[derive(Debug, Clone)]
struct Asset {
    kind: &'static str,
    /// The ETag of the plain body; the packed one's has `-gz` in it.
    tag: String,
    plain: Bytes,
    packed: Option<Bytes>,
}

/// The names of the files that are part of the program, as they stand after `/static/`.
pub fn names() -> impl Iterator<Item = &'static str> {
    EMBEDDED.iter().map(|file| file.name)
}

impl Assets {
    /// The files of this program, or those of a folder.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open(folder: Option<&Path>) -> Result<Self, WorkspaceFailure> {
        let folder = folder.map(Workspace::open).transpose()?;
        Ok(Self { folder: folder.map(Arc::new) })
    }

    /// INVARIANT: a name is looked up, never opened as a path; in a developer's folder [`Workspace`] opens it, which
    /// follows no link and leaves the folder by no `..`.
    async fn find(&self, name: &str) -> Option<Asset> {
        let kind = kind(name)?;
        let Some(folder) = self.folder.clone() else {
            return EMBEDDED.iter().find(|file| file.name == name).map(|file| file.asset(kind));
        };
        let path = WorkspacePath::parse(name).ok()?;
        let read = tokio::task::spawn_blocking(move || folder.read(&path, MAX_BYTES)).await;
        let plain = Bytes::from(read.ok()?.ok()?);
        Some(Asset { kind, tag: tag(&plain), plain, packed: None })
    }
}

/// GET /: the page that everything else is shown in.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "assets_page",
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html"),
        (status = 304, description = "It is as the browser has it.")
    ),
    security(())
)]
pub async fn page(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Problem> {
    let asset = site.assets.find(PAGE).await.ok_or_else(nothing)?;
    Ok(asset.answer(&headers))
}

/// GET /static/{*path}: a script, a style sheet, an icon.
#[utoipa::path(
    get,
    path = "/static/{*path}",
    operation_id = "assets_show",
    params(("*path" = String, Path, description = "The file's name, such as `app/main.js`.")),
    responses(
        (status = 200, description = "The file.", body = String),
        (status = 304, description = "It is as the browser has it."),
        (status = 404, description = "There is no such file.")
    ),
    security(())
)]
pub async fn show(
    State(site): State<Arc<Site>>,
    Id(name): Id<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asset = site.assets.find(&name).await.ok_or_else(nothing)?;
    Ok(asset.answer(&headers))
}

/// What no route takes: a page for a person who followed a link, a problem for a program.
pub async fn missing(State(site): State<Arc<Site>>, method: Method, headers: HeaderMap) -> Response {
    let is = |name, value: &str| headers.get(name).is_some_and(|found| found.as_bytes() == value.as_bytes());
    if method != Method::GET || !is("sec-fetch-mode", "navigate") {
        return nothing().into_response();
    }
    match site.assets.find(MISSING).await {
        Some(asset) => {
            let page = ([(header::CONTENT_TYPE, asset.kind)], asset.plain);
            (StatusCode::NOT_FOUND, Extension(AsItIs), page).into_response()
        }
        None => nothing().into_response(),
    }
}

impl Asset {
    /// The file, or that the browser's own copy still holds.
    fn answer(self, headers: &HeaderMap) -> Response {
        let (body, tag, coding) = match self.packed.filter(|_| takes_gzip(headers)) {
            Some(packed) => (packed, format!("\"{}-gz\"", self.tag), Some("gzip")),
            None => (self.plain, format!("\"{}\"", self.tag), None),
        };
        let mut response = if holds(headers, &self.tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, self.kind)], body).into_response()
        };
        let out = response.headers_mut();
        out.insert(header::CACHE_CONTROL, ASK_AGAIN);
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            out.insert(header::ETAG, tag);
        }
        if let Some(coding) = coding.filter(|_| response.status() == StatusCode::OK) {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    }
}

fn nothing() -> Problem {
    Problem::not_found("there is nothing at this address")
}

fn kind(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    KINDS.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind)
}

/// SHA-256 of a file, as hex.
fn tag(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

/// The body packed, where that is worth it.
fn packed(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < bytes.len()).then(|| Bytes::from(packed))
}

/// `gzip` in Accept-Encoding, unless with the weight 0.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        named && weight.is_none_or(|weight| weight.trim().parse().is_ok_and(|weight: f32| weight > 0.0))
    })
}

/// Whether If-None-Match names the file as it is, packed or not.
fn holds(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).any(|known| {
        let known = known.strip_prefix("W/").unwrap_or(known).trim_matches('"');
        known == "*" || known.strip_suffix("-gz").unwrap_or(known) == tag
    })
}
