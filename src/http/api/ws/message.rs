//! What a client may say on the WebSocket.

use crate::http::{Problem, json};
use crate::kernel::port::ApprovalMode;
use indexmap::IndexMap;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One message.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Said {
    /// Who it is; without a PIN the session's cookie says so.
    Auth { pin: Option<SecretString> },
    /// A new task.
    Task {
        request: String,
        session_id: Option<String>,
        plan: Option<String>,
        playbook: Option<String>,
        #[serde(default)]
        params: IndexMap<String, Value>,
        approval_mode: Option<ApprovalMode>,
        idempotency_key: Option<String>,
    },
    /// A decision.
    Approval {
        approval_id: String,
        granted: bool,
        reason: Option<String>,
        edited_args: Option<Map<String, Value>>,
    },
    /// Events of a task, or of all.
    Subscribe {
        task_id: Option<String>,
        #[serde(default)]
        after: u64,
    },
    /// No further call of this task.
    Cancel { task_id: String },
}

impl Said {
    /// What an error says it is about.
    pub(super) fn echo(&self) -> Option<Value> {
        match self {
            Self::Auth { .. } => Some(json!({"about": "auth"})),
            Self::Task { .. } => Some(json!({"about": "task"})),
            Self::Approval { approval_id, .. } => {
                Some(json!({"about": "approval", "approval_id": approval_id}))
            }
            Self::Subscribe { task_id, .. } => Some(json!({"about": "subscribe", "task_id": task_id})),
            Self::Cancel { task_id } => Some(json!({"about": "cancel", "task_id": task_id})),
        }
    }
}

/// Reads a message as strictly as a body.
pub(super) fn from_client(text: &str) -> Result<Said, Problem> {
    json::parse(text.as_bytes())
}

/// A refusal as a message.
pub(super) fn problem(refused: &Problem, echo: Option<Value>) -> Value {
    let mut out = json!({"type": "error", "status": refused.status().as_u16(), "kind": refused.kind(), "detail": refused.detail()});
    if let (Value::Object(fields), Some(Value::Object(echo))) = (&mut out, echo) {
        fields.extend(echo);
    }
    out
}
