//! What scanners say about a text, and what became of one that was processed.

use super::Reason;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The border that a text crosses.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Border {
    Request,
    Plan,
    Answer,
    ToolOutput,
    ToolArgument,
    Reply,
}

/// How much a finding matters.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Note,
    Medium,
    High,
}

/// What all scanners said about a text.
#[derive(ToSchema)]
pub struct Scanned {
    /// The gravest severity of any finding.
    #[schema(required)]
    worst: Option<Severity>,
    /// All scanners together, in microseconds.
    took_us: u64,
    /// One for each scanner, in the order in which they ran.
    scanners: Vec<ScannerTold>,
}

/// What one scanner said.
#[derive(ToSchema)]
pub struct ScannerTold {
    scanner: String,
    /// Microseconds.
    took_us: u64,
    findings: Vec<Located>,
}

/// A finding and where it stands. It never quotes the text.
#[derive(ToSchema)]
pub struct Located {
    /// Such as `injection`; a scanner that could not say counts as a finding of the class `failed`.
    class: String,
    severity: Severity,
    /// First byte in the text's UTF-8.
    start: u64,
    /// One past the last byte.
    end: u64,
    /// From 1.
    line: u64,
    /// In characters, from 1.
    column: u64,
    end_line: u64,
    end_column: u64,
    /// By its stable name.
    rule: String,
    reason: String,
}

/// How a pass of the worker came out.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcessedStatus {
    Done,
    Blocked,
    Failed,
}

/// A finding at a border.
#[derive(ToSchema)]
pub struct FoundAt {
    border: Border,
    scanner: String,
    class: String,
    severity: Severity,
    /// In bytes of the text at that border.
    start: u64,
    end: u64,
    rule: String,
    reason: String,
}

/// What came of one pass of the worker.
#[derive(ToSchema)]
pub struct Processed {
    /// Under which id the journal has it.
    run_id: String,
    status: ProcessedStatus,
    /// Without links that load or hide something.
    #[schema(required)]
    answer: Option<String>,
    /// Where the answer comes from: always untrusted.
    #[schema(required, value_type = Option<Object>)]
    label: Option<Value>,
    /// Why there is no answer.
    reasons: Vec<Reason>,
    /// `request` is the instruction, `tool_output` the text, `answer` the worker's, `reply` what goes out.
    findings: Vec<FoundAt>,
}
