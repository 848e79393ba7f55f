//! The interface as a program reads it: OpenAPI 3.1, made from what stands above each handler.
//!
//! A handler tells what only it may answer. What the guards and readers around all handlers may answer is added here,
//! by what an operation takes and who may call it.

mod shape;
#[cfg(test)]
mod tests;

pub(super) use shape::scanned::{Border, Processed, Scanned};
pub(super) use shape::validated::{CommandVerdict, PathVerdict};
pub(super) use shape::{
    ApprovalMode, Change, Event, Judged, Operation, QuestionKind, QuestionState, SessionLine, Task, TaskLine,
    TaskState, Trust, TrustLevel,
};

use super::auth::{PIN_HEADER, session};
use super::{Caller, api, error};
use axum::Json;
use utoipa::openapi::path::Operation as Described;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, Content, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi as _, PartialSchema};

/// The name of the schema of every error.
const PROBLEM: &str = "Problem";
/// hyper refuses twice as much before there is a request, and so without a problem's text.
const LARGE: &str =
    "The address and the headers together are too large; without a body where they are far too large.";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Sentinel",
        description = "Give tasks, see what they ask, decide, follow. Errors are problem+json (RFC 9457)."
    ),
    paths(
        super::assets::page,
        super::assets::show,
        api::health::show,
        api::metrics::show,
        api::ws::open,
        api::task::give,
        api::task::show,
        api::task::stop,
        api::tasks::list,
        api::approval::list,
        api::approval::show,
        api::approval::decide,
        api::conversation::show,
        api::conversation::list,
        api::validate::path,
        api::validate::command,
        api::scan::scan,
        api::process::process,
        api::events::follow,
        api::policies::show,
        api::policies::test,
        api::playbooks::list,
        api::provenance::show,
        api::trust::show,
        api::setup::set_up,
        api::setup::show,
        api::session::open,
        api::session::list,
        api::session::end_all,
        api::session::end,
        show
    ),
    modifiers(&Login, &Guards),
    security(("pin" = []), ("session" = []))
)]
struct Interface;

/// GET /openapi.json
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "openapi_show",
    responses((status = 200, description = "This document.", body = shape::Document))
)]
pub async fn show(_caller: Caller) -> Json<OpenApi> {
    Json(document())
}

/// The whole document.
pub fn document() -> OpenApi {
    Interface::openapi()
}

/// Either of the two ways in is enough.
struct Login;

impl Modify for Login {
    fn modify(&self, openapi: &mut OpenApi) {
        let pin = ApiKey::Header(ApiKeyValue::with_description(
            PIN_HEADER.as_str(),
            "The PIN with every request: for programs.",
        ));
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            session::COOKIE,
            "What POST /api/session gives: for browsers.",
        ));
        let components = openapi.components.get_or_insert_with(|| ComponentsBuilder::new().build());
        components.add_security_scheme("pin", SecurityScheme::ApiKey(pin));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}

/// What may be answered before a handler is asked, and that every error is a problem.
struct Guards;

impl Modify for Guards {
    fn modify(&self, openapi: &mut OpenApi) {
        let components = openapi.components.get_or_insert_with(|| ComponentsBuilder::new().build());
        components.schemas.insert(PROBLEM.to_owned(), <error::Wire<'static> as PartialSchema>::schema());
        for item in openapi.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.delete];
            operations.into_iter().flatten().for_each(guarded);
        }
    }
}

fn guarded(operation: &mut Described) {
    let mut may = vec![
        (403, "The host is not ours, or another site's page asks (`origin.rs`)."),
        (431, LARGE),
        (500, "Something broke on this side."),
    ];
    if operation.parameters.as_ref().is_some_and(|some| !some.is_empty()) {
        may.push((400, "A parameter cannot be read."));
    }
    if operation.request_body.is_some() {
        may.push((400, "The body cannot be read, or says what cannot be meant."));
        may.push((408, "The body did not arrive in time."));
        may.push((413, "The body is too large."));
        may.push((415, "The body is not `application/json` in UTF-8, or is packed."));
    }
    // An operation that says nothing of its own stands behind the login.
    if operation.security.is_none() {
        may.push((401, "Nobody is logged in, or the PIN is wrong."));
        may.push((429, "Too many requests, or too many wrong PINs: `Retry-After` says when again."));
        may.push((503, "Nothing can be made durable now, or the server goes down."));
    }
    let responses = &mut operation.responses.responses;
    for (status, why) in may {
        let response = || RefOr::T(ResponseBuilder::new().description(why).build());
        responses.entry(status.to_string()).or_insert_with(response);
    }
    for (status, response) in responses.iter_mut() {
        // As `error::render` does it, whoever refused.
        if let (true, RefOr::T(response)) = (status.as_str() >= "400", response) {
            let problem = Content::new(Some(Ref::from_schema_name(PROBLEM)));
            response.content.insert("application/problem+json".to_owned(), problem);
        }
    }
}
