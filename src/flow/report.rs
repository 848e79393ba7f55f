//! A task as people and programs read it, made from the journal: the same for the command line and for HTTP.

use crate::bus::event::beginning;
use crate::kernel::analysis::{Analysis, Concern};
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::label::Label;
use crate::kernel::port::{Assessment, Finding, Usage, Verdict};
use crate::kernel::principal::Principal;
use crate::kernel::record::{CallKind, Entry, QuestionEnd, RecordedArg, RunEnd};
use crate::session::BLOCK;
use crate::store::{DatumId, DatumRow, QuestionRow, Record, Store, StoreError};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// All of it. Fields may be added; none is renamed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Which.
    pub task_id: RunId,
    /// Where it stands: `queued`, or a run's state.
    pub state: &'static str,
    /// What was asked for, once it was screened.
    pub request: Option<String>,
    /// The plan's text, once there is one.
    pub plan: Option<String>,
    /// The calls, by number.
    pub steps: Vec<Step>,
    /// The reply, once it was released.
    pub answer: Option<String>,
    /// Where the reply comes from.
    pub label: Option<Label>,
    /// By which number the reply is told with its origins.
    pub answer_data_id: Option<DatumId>,
    /// The questions to people, oldest first.
    pub questions: Vec<Json>,
    /// What ended it early: a message, or the reasons of a refusal.
    pub error: Json,
    /// What somebody who reads the reply should know.
    pub warnings: Vec<String>,
    /// How the request was weighed with what was said before it; none when there was nothing to say.
    pub conversation: Option<Analysis>,
    /// What a model used to plan, over all rounds; none for written plans.
    pub usage: Option<Usage>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Its number, from 1.
    pub n: CallNo,
    /// The tool, or `ask` or `confirm`.
    pub call: String,
    /// To whom it goes.
    pub kind: CallKind,
    /// What policy said.
    pub verdict: Verdict,
    /// `started`, `returned`, `failed` or `refused`.
    pub state: &'static str,
    /// The exact arguments.
    pub args: Map<String, Json>,
    /// The line of the plan, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Where the result comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// What it gave, or the text of its error; of a long one the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// By which numbers its values are told with their origins.
    pub data_ids: DataIds,
    /// What people decided about it, in the order in which they did.
    pub decided: Vec<Decided>,
}

/// What a person said to a question about a call, as the journal tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// How the question ended: `approved`, `denied`, or `superseded` by an edit.
    pub end: QuestionEnd,
    /// Who said it.
    pub by: Principal,
    /// When, Unix milliseconds.
    pub at: i64,
    /// In the person's words.
    pub reason: Option<String>,
    /// The arguments that were edited, by name.
    pub edited: Vec<Arc<str>>,
}

/// The numbers of a call's values, as GET /api/provenance takes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DataIds {
    /// By the argument's name.
    pub args: BTreeMap<String, DatumId>,
    /// What it gave, or the text of its error.
    pub result: Option<DatumId>,
}

/// The report of a run; of one without records, that it is queued.
///
/// # Errors
/// When it could not be read.
pub fn of(store: &Store, run: &RunId) -> Result<Report, StoreError> {
    let state = store.run(run)?.map_or("queued", |row| row.state.as_str());
    let records = store.records(run)?;
    let questions = store.questions(run)?;
    let mut report = from_records(run, state, &records, &questions);
    report.number(&store.data(run)?);
    Ok(report)
}

fn from_records(run: &RunId, state: &'static str, records: &[Record], questions: &[QuestionRow]) -> Report {
    let mut report = Report {
        task_id: run.clone(),
        state,
        request: None,
        plan: None,
        steps: Vec::new(),
        answer: None,
        label: None,
        answer_data_id: None,
        questions: questions.iter().map(|row| question(row, records)).collect(),
        error: Json::Null,
        warnings: Vec::new(),
        conversation: None,
        usage: None,
    };
    for record in records {
        report.take(&record.entry);
        if matches!(record.entry, Entry::Released { .. }) {
            report.answer_data_id = record.data.first().copied();
        }
    }
    report.decided(records);
    report
}

impl Report {
    fn take(&mut self, entry: &Entry) {
        match entry {
            Entry::RequestScreened { request, findings, .. } => {
                self.request = Some(request.to_string());
                self.warn("the request", findings);
            }
            Entry::RequestBlocked { findings, .. } => self.error = json!(findings),
            Entry::Weighed { analysis } => {
                if analysis.verdict == Concern::Warn {
                    let why: Vec<&str> = analysis.reasons.iter().map(|weight| weight.why.as_str()).collect();
                    let why = if why.is_empty() {
                        "earlier requests of it".to_owned()
                    } else {
                        format!("this request {}", why.join(", "))
                    };
                    let score = analysis.score;
                    let said = format!(
                        "the conversation's score is {score} (from {BLOCK:.1} on nothing is planned): {why}"
                    );
                    self.warnings.retain(|warning| *warning != said);
                    self.warnings.push(said);
                }
                self.conversation = Some(analysis.clone());
            }
            Entry::Drafted { usage, assessment, .. } => {
                self.usage =
                    Some(self.usage.take().map_or_else(|| usage.clone(), |so_far| so_far.plus(usage)));
                if let Some(assessment) = assessment.as_ref().filter(|assessment| assessment.risk > 0) {
                    let Assessment { risk, reason } = assessment;
                    self.warnings.push(format!("the planner sees a risk of {risk} in 100: {reason}"));
                }
            }
            Entry::PlanChecked { text, .. } => self.plan = Some(text.clone()),
            Entry::Answered { by: Some(by), edits, .. } if !edits.is_empty() => {
                let names: Vec<String> = edits.iter().map(|edit| format!("`{}`", edit.name)).collect();
                let names = names.join(", ");
                self.warnings.push(format!("{by} edited {names}: the reply may still say what the plan had"));
            }
            Entry::PlanRefused { reasons, .. } => self.error = json!(reasons),
            Entry::CallStarted { call, name, kind, verdict, args, .. } => {
                self.step(*call, name, *kind, verdict.clone(), "started", args);
            }
            Entry::CallRefused { call, line, name, args, reasons, .. } => {
                let verdict = Verdict::Deny(reasons.clone());
                self.step(*call, name, kind_of(name), verdict, "refused", args).line = Some(*line);
            }
            Entry::CallReturned { call, value, label, findings, .. } => {
                self.warn(&format!("what {call} gave"), findings);
                self.finish(*call, "returned", beginning(value), Some(label.clone()));
            }
            Entry::CallFailed { call, message, .. } => {
                self.finish(*call, "failed", beginning(&json!(message)), None);
            }
            Entry::Released { text, label, defanged, .. } => {
                self.answer = Some(text.clone());
                self.label = Some(label.clone());
                if *defanged > 0 {
                    self.warnings.push(format!("{defanged} links or images of the reply were made harmless"));
                }
            }
            Entry::HeldBack { label, .. } => self.label = Some(label.clone()),
            // A resumed run has no end yet.
            Entry::Resumed { .. } => self.error = Json::Null,
            Entry::Ended(RunEnd::Refused { reasons }) if self.error.is_null() => self.error = json!(reasons),
            Entry::Ended(RunEnd::Failed { message }) => self.error = json!(message),
            _ => {}
        }
    }

    /// Says of each call what people decided about it.
    fn decided(&mut self, records: &[Record]) {
        let mut asked: HashMap<Digest, CallNo> = HashMap::new();
        for Record { at, entry, .. } in records {
            match entry {
                Entry::Asked { question, call: Some(call), .. } => {
                    asked.insert(*question, *call);
                }
                Entry::Answered { question, end, by: Some(by), reason, edits } => {
                    let call = asked.get(question);
                    let Some(step) = self.steps.iter_mut().find(|step| Some(&step.n) == call) else {
                        continue;
                    };
                    let edited = edits.iter().map(|edit| edit.name.clone()).collect();
                    let (end, by, reason) = (*end, by.clone(), reason.clone());
                    step.decided.push(Decided { end, by, at: *at, reason, edited });
                }
                _ => {}
            }
        }
    }

    /// Says which data rows the steps' values are; of a call that was made again, those of the last time.
    fn number(&mut self, data: &[DatumRow]) {
        for row in data {
            let Some(step) = self.steps.iter_mut().find(|step| Some(step.n) == row.call) else { continue };
            match row.part.strip_prefix("arg:") {
                Some(name) => {
                    step.data_ids.args.insert(name.to_owned(), row.id);
                }
                None if matches!(&*row.part, "value" | "message") => step.data_ids.result = Some(row.id),
                None => {}
            }
        }
    }

    fn warn(&mut self, what: &str, findings: &[Finding]) {
        let said = findings.iter().map(|f| format!("{what}: {} ({})", f.reason, f.rule));
        let new: Vec<String> = said.filter(|text| !self.warnings.contains(text)).collect();
        self.warnings.extend(new);
    }

    fn step(
        &mut self,
        n: CallNo,
        name: &str,
        kind: CallKind,
        verdict: Verdict,
        state: &'static str,
        args: &[RecordedArg],
    ) -> &mut Step {
        let args = args.iter().map(|arg| (arg.name.to_string(), arg.value.clone())).collect();
        let (call, data_ids, decided) = (name.to_owned(), DataIds::default(), Vec::new());
        let (line, label, value) = (None, None, None);
        let step = Step { n, call, kind, verdict, state, args, line, label, value, data_ids, decided };
        // A call that is made again after a restart stands once.
        self.steps.retain(|step| step.n != n);
        self.steps.push_mut(step)
    }

    fn finish(&mut self, n: CallNo, state: &'static str, value: Json, label: Option<Label>) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.n == n) {
            step.state = state;
            step.value = Some(value);
            step.label = label;
        }
    }
}

fn kind_of(name: &str) -> CallKind {
    match name {
        "ask" => CallKind::Ask,
        "confirm" => CallKind::Confirm,
        _ => CallKind::Tool,
    }
}

/// A question with its end as the journal tells it.
fn question(row: &QuestionRow, records: &[Record]) -> Json {
    let end: Option<QuestionEnd> = records.iter().rev().find_map(|record| match &record.entry {
        Entry::Answered { question, end, .. } if *question == row.digest => Some(*end),
        _ => None,
    });
    json!({"id": row.id, "approval_id": row.approval_id(), "kind": row.kind, "state": row.state, "call": row.call,
           "end": end, "reasons": row.payload.get("reasons"), "shown": row.payload.get("shown"),
           "expires_at": row.expires_at, "edited_args": row.edited_args})
}
