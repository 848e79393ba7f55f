//! The playbooks that a task may name.

use super::blocking;
use crate::http::{Caller, Problem, Site};
use crate::planner::playbook::{Param, Playbook};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The answer of GET /api/playbooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Playbooks {
    playbooks: Vec<ListedPlaybook>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ListedPlaybook {
    name: String,
    title: String,
    description: String,
    params: Vec<PlaybookParam>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlaybookParam {
    name: String,
    /// `str`, `int`, `float`, `bool`, `date` or `list[str]`.
    r#type: String,
    doc: String,
    /// As it would be written; none where a value must be given.
    #[schema(required)]
    default: Option<String>,
}

/// GET /api/playbooks
#[utoipa::path(
    get,
    path = "/api/playbooks",
    operation_id = "playbooks_list",
    responses(
        (status = 200, description = "By name.", body = Playbooks)
    )
)]
pub async fn list(State(site): State<Arc<Site>>, _caller: Caller) -> Result<Json<Playbooks>, Problem> {
    let controller = site.controller.clone();
    let all = blocking(move || controller.playbooks()).await?.map_err(|failure| {
        tracing::error!(reason = %failure, "the playbooks cannot be listed");
        Problem::internal()
    })?;
    Ok(Json(Playbooks { playbooks: all.into_iter().map(ListedPlaybook::from).collect() }))
}

impl From<Playbook> for ListedPlaybook {
    fn from(book: Playbook) -> Self {
        Self {
            name: book.name.to_string(),
            title: book.title,
            description: book.description,
            params: book.params.into_iter().map(PlaybookParam::from).collect(),
        }
    }
}

impl From<Param> for PlaybookParam {
    fn from(param: Param) -> Self {
        Self {
            name: param.name.to_string(),
            r#type: param.ty.to_string(),
            doc: param.doc,
            default: param.default.map(|value| value.written()),
        }
    }
}
