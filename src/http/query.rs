//! The parameters of an address, read as strictly as a body.

use super::{Problem, Site, json};
use axum::extract::FromRequestParts;
use axum::extract::rejection::QueryRejection;
use axum::http::request::Parts;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, value};
use std::error::Error;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// What a number's refusal says in `serde_urlencoded`'s words, and what is meant where the type is `u64`; others are [`Whole`].
const NUMBER_FAULTS: [&str; 3] = ["invalid digit", "too large to fit", "cannot parse integer"];
const A_NUMBER: &str = "expected a whole number from 0 to 18446744073709551615";

/// A whole number from `LEAST` to `MOST`; what is none of them is refused with that range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const LEAST: u64, const MOST: u64>(pub u64);

impl<'de, const LEAST: u64, const MOST: u64> Deserialize<'de> for Whole<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = String::deserialize(deserializer)?.parse().ok();
        let fits = number.filter(|number| (LEAST..=MOST).contains(number));
        fits.map(Self)
            .ok_or_else(|| de::Error::custom(format!("expected a whole number from {LEAST} to {MOST}")))
    }
}

/// Parameters of type `T`, which must be `deny_unknown_fields`: each at most once, none unknown, without NUL.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Site>> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _site: &Arc<Site>) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Problem::bad_request("nul", "a parameter contains the character NUL"));
        }
        // Else what is no text would be judged with other letters in its place.
        if !parts.uri.query().is_none_or(is_utf8) {
            return Err(Problem::bad_request("not-utf8", "a parameter is not UTF-8 once `%` is decoded"));
        }
        axum::extract::Query::try_from_uri(&parts.uri).map(|found| Self(found.0)).map_err(|e| misfit(&e))
    }
}

/// Whether the percent-decoded text is UTF-8.
fn is_utf8(query: &str) -> bool {
    let hex =
        |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let (mut decoded, mut rest) = (Vec::with_capacity(query.len()), query.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let (byte, left) = match (first, hex(after.first()), hex(after.get(1))) {
            (b'%', Some(high), Some(low)) => (high * 16 + low, after.get(2..).unwrap_or_default()),
            _ => (*first, after),
        };
        decoded.push(byte);
        rest = left;
    }
    std::str::from_utf8(&decoded).is_ok()
}

/// Names the parameter and what is allowed, and never quotes its value.
fn misfit(rejection: &QueryRejection) -> Problem {
    let mut cause: Option<&(dyn Error + 'static)> = Some(rejection);
    while let Some(error) = cause {
        if let Some(e) = error.downcast_ref::<serde_path_to_error::Error<value::Error>>() {
            return Problem::bad_request("query", detail(&e.path().to_string(), &e.inner().to_string()));
        }
        cause = error.source();
    }
    Problem::bad_request("query", "the parameters of this address cannot be read")
}

fn detail(name: &str, text: &str) -> String {
    if ["unknown field", "missing field", "duplicate field"].iter().any(|begin| text.starts_with(begin)) {
        return json::misfit(text).replacen("field", "parameter", 1);
    }
    if NUMBER_FAULTS.iter().any(|fault| text.contains(fault)) {
        return format!("`{}`: {A_NUMBER}", json::short(name));
    }
    format!("`{}`: {}", json::short(name), json::misfit(text))
}
