//! The parameters of an address, read as strictly as a body.

use super::{Problem, Site, json};
use axum::extract::FromRequestParts;
use axum::extract::rejection::QueryRejection;
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, value};
use std::error::Error;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// What a number's refusal says in `serde_urlencoded`'s words, and what is meant. All our numbers are of this range.
const NUMBER_FAULTS: [&str; 3] = ["invalid digit", "too large to fit", "cannot parse integer"];
const A_NUMBER: &str = "expected a whole number from 0 to 18446744073709551615";

/// Parameters of type `T`, which must be `deny_unknown_fields`: each at most once, none unknown, without NUL.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Site>> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _site: &Arc<Site>) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Problem::bad_request("nul", "a parameter contains the character NUL"));
        }
        axum::extract::Query::try_from_uri(&parts.uri).map(|found| Self(found.0)).map_err(|e| misfit(&e))
    }
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
