//! What a record says to somebody who follows a task.

use crate::kernel::id::RunId;
use crate::kernel::port::{Assessment, Verdict};
use crate::kernel::record::{Entry, QuestionEnd, RecordedArg, RunEnd, Seq};
use crate::store::{Record, Store, StoreError, approval_id};
use serde::Serialize;
use serde_json::{Value as Json, json};

/// Longest text of a value in an event; the whole value is the task's to show.
const MAX_TEXT: usize = 2_000;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// What happened, such as `task.step_started`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Which task.
    pub task_id: RunId,
    /// The record's number. The same on every transport.
    pub seq: Seq,
    /// When, Unix milliseconds.
    pub at: i64,
    /// What belongs to this kind of event.
    #[serde(flatten)]
    pub body: Json,
}

impl Event {
    /// The event of a record in its journal; some records are for the audit only.
    ///
    /// # Errors
    /// When the journal could not be read.
    pub fn of(record: &Record, store: &Store) -> Result<Option<Self>, StoreError> {
        let Some((kind, mut body)) = describe(&record.entry) else { return Ok(None) };
        if let (Entry::Asked { .. }, Json::Object(fields)) = (&record.entry, &mut body) {
            fields.insert("assessment".to_owned(), json!(assessed(record, store)?));
        }
        let (task_id, seq, at) = (record.run.clone(), record.seq, record.at);
        Ok(Some(Self { kind, task_id, seq, at, body }))
    }
}

/// The gravest that the planner thought of the conversation before this record: whoever is asked is told beside it.
fn assessed(record: &Record, store: &Store) -> Result<Option<Assessment>, StoreError> {
    let drafts = store.drafts(&record.run)?.into_iter().filter(|draft| draft.seq < record.seq);
    let thought = drafts.filter_map(|draft| match draft.entry {
        Entry::Drafted { assessment, .. } => assessment,
        _ => None,
    });
    Ok(thought.reduce(|gravest, next| if next.risk > gravest.risk { next } else { gravest }))
}

fn describe(entry: &Entry) -> Option<(&'static str, Json)> {
    Some(match entry {
        Entry::RequestScreened { request, findings, .. } => {
            ("task.started", json!({"request": cut(request), "findings": findings}))
        }
        Entry::RequestBlocked { findings, .. } => {
            ("task.blocked", json!({"state": "refused", "findings": findings}))
        }
        Entry::Weighed { analysis } => ("task.weighed", json!(analysis)),
        Entry::Resumed { .. } => ("task.resumed", json!({})),
        Entry::Drafted { round, usage, assessment, .. } => {
            ("task.drafted", json!({"round": round, "usage": usage, "assessment": assessment}))
        }
        Entry::PlanChecked { text, digest, .. } => ("task.planned", json!({"plan": text, "digest": digest})),
        Entry::PlanApproved { by, reasons, .. } => ("task.approved", json!({"by": by, "reasons": reasons})),
        Entry::Asked { question, call, reasons } => (
            "task.approval_requested",
            json!({"approval_id": approval_id(question), "step": call, "reasons": reasons}),
        ),
        Entry::Answered { question, end, by, reason, edits } => {
            let id = approval_id(question);
            let granted = *end == QuestionEnd::Approved;
            let edited = (!edits.is_empty()).then(|| shown(edits));
            let body = json!({"approval_id": id, "end": end, "granted": granted, "by": by, "reason": reason,
                              "edited_args": edited});
            ("task.approval_decided", body)
        }
        Entry::CallStarted { call, kind, name, args, verdict, .. } => {
            let approved = matches!(verdict, Verdict::Ask(_));
            let body =
                json!({"step": call, "kind": kind, "call": name, "args": shown(args), "approved": approved});
            ("task.step_started", body)
        }
        Entry::CallReturned { call, value, label, findings, .. } => {
            let body = json!({"step": call, "state": "returned", "value": beginning(value), "label": label, "findings": findings});
            ("task.step_completed", body)
        }
        Entry::CallFailed { call, message, .. } => {
            ("task.step_completed", json!({"step": call, "state": "failed", "message": cut(message)}))
        }
        Entry::CallRefused { call, line, name, args, reasons, .. } => {
            let body = json!({"step": call, "state": "refused", "call": name, "line": line, "args": shown(args), "reasons": reasons});
            ("task.step_completed", body)
        }
        Entry::Ended(RunEnd::Done) => ("task.completed", json!({"state": "done"})),
        Entry::Ended(RunEnd::Refused { reasons }) => {
            ("task.blocked", json!({"state": "refused", "reasons": reasons}))
        }
        Entry::Ended(RunEnd::Failed { message }) => {
            ("task.blocked", json!({"state": "failed", "message": cut(message)}))
        }
        Entry::Ended(RunEnd::Stopped) => ("task.blocked", json!({"state": "stopped"})),
        Entry::Sketched { .. }
        | Entry::PlanRefused { .. }
        | Entry::Released { .. }
        | Entry::HeldBack { .. } => return None,
    })
}

fn shown(args: &[RecordedArg]) -> Json {
    let arg = |arg: &RecordedArg| json!({"value": beginning(&arg.value), "trusted": arg.label.is_trusted()});
    Json::Object(args.iter().map(|a| (a.name.to_string(), arg(a))).collect())
}

/// A value that is shown whole when it is short, and as the beginning of its text when it is not.
pub fn beginning(value: &Json) -> Json {
    match value {
        Json::String(text) => Json::String(cut(text)),
        other => {
            let text = other.to_string();
            if text.len() <= MAX_TEXT { other.clone() } else { Json::String(cut(&text)) }
        }
    }
}

fn cut(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(MAX_TEXT).collect();
    out.push('\u{2026}');
    out
}
