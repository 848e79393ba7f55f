//! Sessions: log in, list, end one or all.

use crate::http::auth::{Address, Caller, session};
use crate::http::{Body, Id, Problem, Site};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The body of POST /api/session.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[schema(value_type = String, format = Password)]
    pin: SecretString,
}

/// A session in lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed {
    id: String,
    address: String,
    created: String,
    last_used: String,
    current: bool,
}

/// The answer of GET /api/session.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    principal: String,
    sessions: Vec<Listed>,
}

/// POST /api/session: 204 and the cookie; a session that the same browser had before is over.
#[utoipa::path(
    post,
    path = "/api/session",
    operation_id = "session_open",
    request_body = Login,
    responses(
        (status = 204, description = "Logged in.", headers(("Set-Cookie" = String, description = "The session."))),
        (status = 401, description = "It is wrong."),
        (status = 409, description = "This server asks for no PIN."),
        (status = 429, description = "Too many wrong ones: `Retry-After` says when again."),
        (status = 503, description = "Too many logins at once.")
    ),
    security(())
)]
pub async fn open(
    State(site): State<Arc<Site>>,
    from: Address,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<impl IntoResponse, Problem> {
    let cookie = site.auth.log_in(from, &headers, login.pin).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// GET /api/session
#[utoipa::path(
    get,
    path = "/api/session",
    operation_id = "session_list",
    responses(
        (status = 200, description = "The newest first.", body = Sessions)
    )
)]
pub async fn list(State(site): State<Arc<Site>>, caller: Caller) -> Result<Json<Sessions>, Problem> {
    let rows = site.auth.sessions(&caller).await?;
    let time = |ms| Timestamp::from_millisecond(ms).map(|at| at.to_string()).unwrap_or_default();
    let sessions = rows.into_iter().map(|row| Listed {
        current: caller.session() == Some(row.id.as_str()),
        created: time(row.created),
        last_used: time(row.used),
        address: row.address,
        id: row.id,
    });
    Ok(Json(Sessions { principal: caller.principal().name().to_owned(), sessions: sessions.collect() }))
}

/// DELETE /api/session/{id}
#[utoipa::path(
    delete,
    path = "/api/session/{id}",
    operation_id = "session_end",
    params(("id" = String, Path, description = "The session's public name.")),
    responses(
        (status = 204, description = "It is over."),
        (status = 404, description = "There is no such session.")
    )
)]
pub async fn end(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Id(id): Id<String>,
) -> Result<StatusCode, Problem> {
    site.auth.end_session(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// DELETE /api/session: all of them, and the cookie.
#[utoipa::path(
    delete,
    path = "/api/session",
    operation_id = "session_end_all",
    responses(
        (status = 204, description = "All of them are over.", headers(("Set-Cookie" = String, description = "Takes the cookie away.")))
    )
)]
pub async fn end_all(State(site): State<Arc<Site>>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    site.auth.end_sessions(&caller).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session::FORGET)]))
}
