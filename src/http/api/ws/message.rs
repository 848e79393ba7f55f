//! What a client may say on the WebSocket.

use crate::http::{Problem, json};
use crate::kernel::port::ApprovalMode;
use indexmap::IndexMap;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

/// One message.
#[derive(Debug)]
pub(super) enum Said {
    /// Who it is; without a PIN the session's cookie says so.
    Auth(Auth),
    /// A new task.
    Task(Task),
    /// A decision.
    Approval(Approval),
    /// Events of a task, or of all.
    Subscribe(Subscribe),
    /// No further call of this task.
    Cancel(Cancel),
}

/// Which message it is. The other fields are read once that is known, so that a misfit can be told with its name.
#[derive(Debug, Deserialize)]
struct Tagged {
    r#type: Type,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Type {
    Auth,
    Task,
    Approval,
    Subscribe,
    Cancel,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Auth {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    pub pin: Option<SecretString>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Task {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    pub request: String,
    pub session_id: Option<String>,
    pub plan: Option<String>,
    pub playbook: Option<String>,
    #[serde(default)]
    pub params: IndexMap<String, Value>,
    pub approval_mode: Option<ApprovalMode>,
    pub idempotency_key: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Approval {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    pub approval_id: String,
    pub granted: bool,
    pub reason: Option<String>,
    pub edited_args: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subscribe {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    pub task_id: Option<String>,
    #[serde(default)]
    pub after: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    pub task_id: String,
}

impl Said {
    /// What an error says it is about.
    pub(super) fn echo(&self) -> Option<Value> {
        match self {
            Self::Auth(_) => Some(json!({"about": "auth"})),
            Self::Task(_) => Some(json!({"about": "task"})),
            Self::Approval(Approval { approval_id, .. }) => {
                Some(json!({"about": "approval", "approval_id": approval_id}))
            }
            Self::Subscribe(Subscribe { task_id, .. }) => {
                Some(json!({"about": "subscribe", "task_id": task_id}))
            }
            Self::Cancel(Cancel { task_id, .. }) => Some(json!({"about": "cancel", "task_id": task_id})),
        }
    }
}

/// Reads a message as strictly as a body.
pub(super) fn from_client(text: &str) -> Result<Said, Problem> {
    let bytes = text.as_bytes();
    let Tagged { r#type } = json::parse(bytes)?;
    Ok(match r#type {
        Type::Auth => Said::Auth(json::parse(bytes)?),
        Type::Task => Said::Task(json::parse(bytes)?),
        Type::Approval => Said::Approval(json::parse(bytes)?),
        Type::Subscribe => Said::Subscribe(json::parse(bytes)?),
        Type::Cancel => Said::Cancel(json::parse(bytes)?),
    })
}

/// A refusal as a message.
pub(super) fn problem(refused: &Problem, echo: Option<Value>) -> Value {
    let mut out = json!({"type": "error", "status": refused.status().as_u16(), "kind": refused.kind(), "detail": refused.detail()});
    if let Value::Object(fields) = &mut out {
        // As the header of that name says over plain HTTP.
        fields.extend(refused.retry_after().map(|seconds| ("retry_after".to_owned(), seconds.into())));
        if let Some(Value::Object(echo)) = echo {
            fields.extend(echo);
        }
    }
    out
}
