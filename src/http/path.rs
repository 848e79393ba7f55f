//! What an address names: an id as a part of its path.

use super::{Problem, Site};
use axum::extract::FromRequestParts;
use axum::extract::path::{ErrorKind, Path};
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// An id, percent-decoded.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Site>> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        Path::from_request_parts(parts, site).await.map(|Path(id)| Self(id)).map_err(|e| misfit(&e))
    }
}

/// Says what an id looks like, and never quotes what came.
fn misfit(rejection: &PathRejection) -> Problem {
    let number = match rejection {
        PathRejection::FailedToDeserializePathParams(e) => {
            matches!(e.kind(), ErrorKind::ParseError { .. } | ErrorKind::ParseErrorAtKey { .. })
        }
        _ => false,
    };
    let detail = match number {
        true => {
            "the id in this address must be a whole number such as 42: the steps of GET /task/{id} have them as \
                 `data_ids`"
        }
        false => {
            "the id in this address is no text in UTF-8: an id is letters, digits and `-`, such as \
                  01990c4e-7d2a-7b31-9f0e-3c5d1a2b4e6f; copy it from the answer that told it"
        }
    };
    Problem::bad_request("id", detail)
}
