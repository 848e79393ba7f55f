//! What the scanners say about a text.

use super::blocking;
use crate::http::{Body, Caller, Problem, Site, openapi};
use crate::kernel::port::{Border, Crossing, ScannerFailure};
use crate::scan::report::Report;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// When to come again after scanners could not be run.
const COME_AGAIN: Duration = Duration::from_secs(10);

/// The body of POST /scan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScan {
    text: String,
    #[serde(default = "tool_output")]
    #[schema(value_type = openapi::Border, default = "tool_output")]
    border: Border,
    /// A machine would run or obey the text.
    #[serde(default)]
    executed: bool,
    /// What the user said, for what an answer or a reply may repeat of it.
    #[serde(default)]
    asked: String,
}

fn tool_output() -> Border {
    Border::ToolOutput
}

/// POST /scan: what each scanner finds. Nothing is decided, and nothing is kept.
#[utoipa::path(
    post,
    path = "/scan",
    operation_id = "scan_scan",
    request_body = NewScan,
    responses((status = 200, description = "What each scanner found, and its time.", body = openapi::Scanned))
)]
pub async fn scan(
    State(site): State<Arc<Site>>,
    _caller: Caller,
    Body(NewScan { text, border, executed, asked }): Body<NewScan>,
) -> Result<Json<Report>, Problem> {
    let scanners = site.controller.parts().scanners.clone();
    let said = blocking(move || {
        let said = scanners.each(&text, &Crossing { border, executed, asked: &asked })?;
        Ok::<_, ScannerFailure>(Report::of(&text, said))
    });
    said.await?.map(Json).map_err(|failure| {
        tracing::error!(reason = %failure, "the scanners cannot be run");
        let detail = "the scanners cannot be run now: the operator's log has the reason";
        Problem::unavailable("scanners", detail, COME_AGAIN)
    })
}
