//! A JSON body, read strictly: what cannot be meant is refused with where it stands.

use super::{Problem, Site};
use crate::config::name::nearest;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_json::error::Category;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Deepest nesting that is taken. Our requests need three.
const MAX_DEPTH: usize = 32;
/// Longest name of a stranger's that a detail quotes, in characters.
const MAX_QUOTED: usize = 120;

/// A body of type `T`: JSON in UTF-8, within the size limit, without NUL, and without fields that `T` does not know
/// (`T` must be `deny_unknown_fields`).
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Site>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Problem> {
        judge_type(request.headers())?;
        judge_encoding(request.headers())?;
        let limits = &site.settings.limits;
        let too_large = || {
            let detail = format!("the body is larger than {} bytes (`body_bytes`)", limits.body_bytes);
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
        };
        let told = request.headers().get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse().ok());
        if told.is_some_and(|bytes: usize| bytes > limits.body_bytes) {
            return Err(too_large());
        }
        let reading = to_bytes(request.into_body(), limits.body_bytes);
        let Ok(read) = tokio::time::timeout(limits.body, reading).await else {
            let detail = "the body did not arrive in time (`body_seconds`)";
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "slow", detail));
        };
        // Either more came than was told, or the connection broke off, and then nobody reads the answer.
        let bytes = read.map_err(|_| too_large())?;
        parse(&bytes).map(Self)
    }
}

fn judge_type(headers: &HeaderMap) -> Result<(), Problem> {
    // Of two, others on the way may have believed the other one.
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let given = match (given.next(), given.next()) {
        (Some(only), None) => only.to_str().unwrap_or_default(),
        _ => "",
    };
    let (kind, rest) = given.split_once(';').unwrap_or((given, ""));
    let charset = rest.trim().to_ascii_lowercase().replace('"', "");
    match kind.trim().eq_ignore_ascii_case("application/json") && matches!(&*charset, "" | "charset=utf-8") {
        true => Ok(()),
        false => {
            let detail = "send JSON in UTF-8 with one `Content-Type: application/json`";
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", detail))
        }
    }
}

/// A body that must be unpacked first may become any size.
fn judge_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    match encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        true => Ok(()),
        false => {
            let detail = "send the body as it is, without `Content-Encoding`: nothing is unpacked here";
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding", detail))
        }
    }
}

/// Reads JSON text into a type.
///
/// # Errors
/// 400 with what is wrong and where; values are not quoted, they may be secrets.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let detail = format!("the body is not UTF-8: byte {} is wrong", e.valid_up_to());
        Problem::bad_request("not-utf8", detail)
    })?;
    if text.trim().is_empty() {
        let detail = "the body is empty: send JSON, an object such as {}";
        return Err(Problem::bad_request("empty", detail));
    }
    let whole: Json =
        serde_json::from_str(text).map_err(|e| Problem::bad_request("not-json", unreadable(&e)))?;
    // A list would be taken for the fields in their order.
    if !whole.is_object() {
        return Err(Problem::bad_request("unfit", "the body must be a JSON object"));
    }
    walk(&whole, &mut String::new(), 0)?;
    // A second pass from the text: the value above has forgotten fields that were given twice.
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|e| {
        let path = e.path().to_string();
        let place = if path == "." { "the body".to_owned() } else { format!("`{}`", short(&path)) };
        Problem::bad_request("unfit", format!("{place}: {}", misfit(&e.inner().to_string())))
    })
}

fn unreadable(e: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", e.line(), e.column());
    let text = e.to_string();
    let what = match e.classify() {
        Category::Eof => "ends in the middle",
        _ if text.contains("recursion limit") => "is nested too deeply",
        _ if text.contains("surrogate") || text.contains("end of hex escape") => "has half a surrogate pair",
        _ if text.contains("control character") => "has a raw control character in a text",
        _ => "is not JSON",
    };
    format!("the body {what} at {place}")
}

/// No text with NUL, and no depth that only an attack needs.
fn walk(value: &Json, path: &mut String, depth: usize) -> Result<(), Problem> {
    if depth > MAX_DEPTH {
        let detail = format!("`{}` is nested deeper than {MAX_DEPTH}", short(path));
        return Err(Problem::bad_request("too-deep", detail));
    }
    let nul = |path: &str| {
        let place = if path.is_empty() { "the body".to_owned() } else { format!("`{}`", short(path)) };
        Problem::bad_request("nul", format!("{place} contains the character NUL"))
    };
    let mut step = |name: &str, inner: &Json| {
        let before = path.len();
        if before > 0 {
            path.push('.');
        }
        path.push_str(name);
        let outcome = walk(inner, path, depth + 1);
        path.truncate(before);
        outcome
    };
    match value {
        Json::String(text) if text.contains('\0') => Err(nul(path)),
        Json::Array(items) => items.iter().enumerate().try_for_each(|(n, item)| step(&n.to_string(), item)),
        Json::Object(fields) => fields.iter().try_for_each(|(name, inner)| match name.contains('\0') {
            true => Err(nul("a field's name")),
            false => step(name, inner),
        }),
        _ => Ok(()),
    }
}

/// serde's sentence without the value that it may quote, and without the place that is told as a path.
pub(super) fn misfit(text: &str) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(before, _)| before);
    if let Some(unknown) = unknown_field(text) {
        return unknown;
    }
    let names = ["missing field", "duplicate field"];
    if names.iter().any(|begin| text.starts_with(begin)) {
        return short(text);
    }
    match text.rsplit_once("expected ") {
        Some((_, "u64")) => "expected a whole number, 0 or more".to_owned(),
        Some((_, expected)) => format!("expected {}", short(expected)),
        None => "the value does not fit".to_owned(),
    }
}

/// serde's sentence about a field that there is not, with the one that may be meant. Our own names are never cut.
fn unknown_field(text: &str) -> Option<String> {
    let rest = text.strip_prefix("unknown field `")?;
    // From the right: the stranger's name may look like the rest of the sentence.
    let (name, known) =
        rest.rsplit_once("`, expected ").or_else(|| rest.rsplit_once("`, there are no fields"))?;
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let meant = nearest(name, known.iter().copied()).map(|meant| format!("; did you mean `{meant}`?"));
    let known = match known.is_empty() {
        true => "there are no fields".to_owned(),
        false => format!("known are `{}`", known.join("`, `")),
    };
    Some(format!("unknown field `{}`{} {known}", short(name), meant.unwrap_or_else(|| ":".to_owned())))
}

/// A stranger's name, cut and on one line.
pub(super) fn short(text: &str) -> String {
    let mut told: String = text.chars().filter(|c| !c.is_control()).take(MAX_QUOTED + 1).collect();
    if told.chars().count() > MAX_QUOTED {
        told.pop();
        told.push('…');
    }
    told
}
