//! Questions to people: see them, decide them.

use super::{blocking, page};
use crate::flow::change::Change;
use crate::flow::controller::EditFailure;
use crate::flow::what_if::WhatIfFailure;
use crate::http::auth::decided;
use crate::http::{Body, Caller, Id, Problem, Query, Site, openapi};
use crate::kernel::id::RunId;
use crate::kernel::record::{Entry, Seq};
use crate::store::{
    self, Answer, AnswerError, QuestionKind, QuestionRow, QuestionState, StoreError, approval_id,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// Longest reason, in characters.
const MAX_REASON_CHARS: usize = 2_000;

/// Records at the journal's end among which a question is looked for whose row is still to come.
const LATEST: u32 = 200;
/// How often its row is looked for, and how long it takes from one look to the next.
const ROW_LOOKS: u32 = 100;
const ROW_WAIT: Duration = Duration::from_millis(20);

/// A question as it is shown: exactly what will happen, where each part comes from, and why it is asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Approval {
    approval_id: String,
    #[schema(value_type = String)]
    task_id: RunId,
    #[schema(value_type = openapi::QuestionKind)]
    kind: QuestionKind,
    #[schema(value_type = openapi::QuestionState)]
    state: QuestionState,
    #[schema(required)]
    step: Option<u32>,
    created: i64,
    expires_at: i64,
    reasons: Value,
    shown: Value,
    #[schema(required)]
    answered_by: Option<String>,
    #[schema(required)]
    answered_at: Option<i64>,
    #[schema(required)]
    reason: Option<String>,
    /// What a person put in the place of arguments.
    #[schema(required, value_type = Option<Object>)]
    edited_args: Option<Map<String, Value>>,
    /// What the call would change in a file, as the file stands now: of one question that is open and writes a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<openapi::Change>)]
    change: Option<Change>,
}

impl From<QuestionRow> for Approval {
    fn from(row: QuestionRow) -> Self {
        let part = |name: &str| row.payload.get(name).cloned().unwrap_or_default();
        Self {
            approval_id: row.approval_id(),
            reasons: part("reasons"),
            shown: part("shown"),
            task_id: row.run,
            kind: row.kind,
            state: row.state,
            step: row.call.map(|call| call.0),
            created: row.created,
            expires_at: row.expires_at,
            answered_by: row.answered_by.map(|by| by.name().to_owned()),
            answered_at: row.answered_at,
            reason: row.reason,
            edited_args: row.edited_args,
            change: None,
        }
    }
}

/// Which questions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    #[param(inline, value_type = Option<openapi::QuestionState>)]
    state: Option<QuestionState>,
    /// Those before this one: `next` of the page before.
    before: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: Option<page::Limit>,
}

/// The answer of GET /approvals.
#[derive(Debug, Serialize, ToSchema)]
pub struct Approvals {
    approvals: Vec<Approval>,
    /// The `before` of the page that follows; none after the last.
    #[schema(required)]
    next: Option<String>,
}

/// The body of POST /approve/{id}.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub(super) granted: bool,
    pub(super) reason: Option<String>,
    /// Own values in the place of a call's arguments, by name. The question is superseded, and the call judged anew. A
    /// value is as one's own words where it wholly replaces what stood there; one that still has four characters in a row
    /// of a stranger's stays a stranger's.
    #[schema(value_type = Option<Object>)]
    pub(super) edited_args: Option<Map<String, Value>>,
}

/// GET /approvals, the latest first, a page at a time.
#[utoipa::path(
    get,
    path = "/approvals",
    operation_id = "approval_list",
    params(Which),
    responses(
        (status = 200, description = "The latest first.", body = Approvals)
    )
)]
pub async fn list(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(Which { state, limit, before }): Query<Which>,
) -> Result<Json<Approvals>, Problem> {
    let limit = page::limit(limit);
    let by = caller.principal().clone();
    let listed = blocking(move || -> Result<_, Problem> {
        if let Some(id) = &before {
            let asked = site.store.question(id)?;
            let own = asked.map(|row| site.controller.owns(&by, &row.run)).transpose()?.flatten();
            page::known(own)?;
        }
        let which =
            store::Approvals { principal: &by, state, before: before.as_deref(), limit: page::ask(limit) };
        Ok(site.store.approvals(&which)?)
    });
    let (rows, more) = page::cut(listed.await??, limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    Ok(Json(Approvals { approvals: rows.into_iter().map(Approval::from).collect(), next }))
}

/// GET /approval/{id}
#[utoipa::path(
    get,
    path = "/approval/{id}",
    operation_id = "approval_show",
    params(("id" = String, Path, description = "The approval's id.")),
    responses(
        (status = 200, description = "The question.", body = Approval),
        (status = 404, description = "There is no such approval.")
    )
)]
pub async fn show(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Id(id): Id<String>,
) -> Result<Json<Approval>, Problem> {
    let (controller, by) = (site.controller.clone(), caller.principal().clone());
    let found = blocking(move || -> Result<_, WhatIfFailure> {
        let Some(row) = controller.approval(&by, &id)? else { return Ok(None) };
        let change = controller.change(&row)?;
        Ok(Some(Approval { change, ..row.into() }))
    });
    found.await??.map(Json).ok_or_else(|| Problem::not_found("there is no such approval"))
}

/// POST /approve/{id}: counts once; 409 when it was decided before, 410 when it is too late.
#[utoipa::path(
    post,
    path = "/approve/{id}",
    operation_id = "approval_decide",
    params(("id" = String, Path, description = "The approval's id.")),
    request_body = Decision,
    responses(
        (status = 200, description = "It is decided, or superseded by an edit.", body = Approval),
        (status = 404, description = "There is no such approval."),
        (status = 409, description = "It was decided before."),
        (status = 410, description = "It is too late, or what would happen has changed.")
    )
)]
pub async fn decide(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Id(id): Id<String>,
    Body(decision): Body<Decision>,
) -> Result<Json<Approval>, Problem> {
    Ok(Json(said(&site, &caller, id, decision).await?.into()))
}

/// What a person says to a question, by whichever transport.
pub(super) async fn said(
    site: &Site,
    caller: &Caller,
    id: String,
    decision: Decision,
) -> Result<QuestionRow, Problem> {
    let reason = decision.reason.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if reason.as_ref().is_some_and(|text| text.chars().count() > MAX_REASON_CHARS) {
        let detail = format!("`reason` has more than {MAX_REASON_CHARS} characters");
        return Err(Problem::bad_request("reason", detail));
    }
    await_row(site, &id).await?;
    let (controller, by) = (site.controller.clone(), caller.principal().clone());
    let answer = match (decision.granted, decision.edited_args) {
        (false, Some(_)) => {
            let detail =
                "a denial changes nothing: leave out `edited_args`, or send them with `granted` true";
            return Err(Problem::bad_request("edited-args", detail));
        }
        (true, Some(args)) => {
            let name = id.clone();
            let row = blocking(move || controller.edit(&id, args, &by, reason.as_deref())).await??;
            decided(caller, &name, "edit");
            return Ok(row);
        }
        (true, None) => Answer::Granted,
        (false, None) => Answer::Denied,
    };
    let name = id.clone();
    let row = blocking(move || controller.decide(&id, answer, &by, reason.as_deref())).await??;
    decided(caller, &name, if decision.granted { "approve" } else { "deny" });
    Ok(row)
}

impl From<EditFailure> for Problem {
    fn from(failure: EditFailure) -> Self {
        match failure {
            EditFailure::Refused(why) => Self::bad_request("edited-args", format!("`edited_args`: {why}")),
            EditFailure::Denied { .. } => Self::bad_request(
                "edited-args",
                format!("`edited_args`: {failure}. Write something else, or deny"),
            ),
            EditFailure::Unjudged(e) => {
                tracing::error!(error = %e, "an edit could not be judged");
                Self::internal()
            }
            EditFailure::Gate(e) => {
                tracing::error!(error = %e, "an edit could not be screened");
                Self::internal()
            }
            EditFailure::Answer(e) => e.into(),
            EditFailure::Store(e) => e.into(),
        }
    }
}

impl From<AnswerError> for Problem {
    fn from(failure: AnswerError) -> Self {
        let gone = |kind, detail: &str| Self::new(StatusCode::GONE, kind, detail);
        match failure {
            AnswerError::Unknown(_) => Self::not_found("there is no such approval"),
            AnswerError::AlreadyDecided { state, .. } => {
                Self::conflict("decided", format!("this was decided before: {}", state.as_str()))
            }
            AnswerError::Expired(_) => gone("expired", "nobody answered in time: give the task again"),
            AnswerError::Superseded(_) => {
                gone("superseded", "what would happen has changed: look at it again")
            }
            AnswerError::Store(e) => e.into(),
        }
    }
}

/// Waits, within reason, for a question that the journal tells of already: its event is a moment older than its row, and
/// a program answers within that moment.
async fn await_row(site: &Site, id: &str) -> Result<(), Problem> {
    for _ in 0..ROW_LOOKS {
        let (store, id) = (site.store.clone(), id.to_owned());
        let coming = blocking(move || -> Result<bool, StoreError> {
            if store.approval(&id)?.is_some() {
                return Ok(false);
            }
            let Seq(newest) = store.newest()?;
            let latest = store.records_after(Seq(newest.saturating_sub(LATEST.into())), LATEST)?;
            let asks =
                |entry: &Entry| matches!(entry, Entry::Asked { question, .. } if approval_id(question) == id);
            Ok(latest.iter().any(|record| asks(&record.entry)))
        });
        if !coming.await?? {
            return Ok(());
        }
        tokio::time::sleep(ROW_WAIT).await;
    }
    Ok(())
}
