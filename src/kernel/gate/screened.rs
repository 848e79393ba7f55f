//! The first and the fourth gate: texts that crossed a border have been scanned.

use super::GateFailure;
use super::edit::Edit;
use super::returned::{Outcome, Returned};
use crate::kernel::id::RunId;
use crate::kernel::plan::PlanError;
use crate::kernel::port::{Border, Crossing, FileLabels, Finding, Journal, Scanners, Severity};
use crate::kernel::principal::Principal;
use crate::kernel::record::Entry;
use crate::kernel::value::Node;
use serde_json::Value as Json;
use std::sync::Arc;

/// A job that an authenticated principal asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The run that it starts.
    pub run: RunId,
    /// Who asks.
    pub principal: Principal,
    /// To whom the reply goes; mostly who asks.
    pub reply_to: Principal,
    /// By which channel, such as `cli`.
    pub channel: Arc<str>,
    /// The controller's trust level, 0 to 4.
    pub trust_level: u8,
    /// The words.
    pub text: String,
}

/// A `T` whose texts all active scanners have seen. Made only here.
#[derive(Debug)]
#[must_use = "a screened value is there to be passed on"]
pub struct Screened<T> {
    inner: T,
    findings: Vec<Finding>,
}

impl<T> Screened<T> {
    /// What the scanners noted.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl Screened<Request> {
    /// The request. Reading it is harmless; only this type says that it was screened.
    pub fn request(&self) -> &Request {
        &self.inner
    }
}

/// A request passes, or is blocked.
#[must_use]
#[derive(Debug)]
pub enum Screening {
    /// It may be planned for.
    Passed(Screened<Request>),
    /// A scanner found something grave.
    Blocked(Vec<Finding>),
}

/// Screens a request.
///
/// # Errors
/// When no scanner is active, one fails, or the journal does.
pub fn screen_request(
    request: Request,
    scanners: &dyn Scanners,
    journal: &dyn Journal,
) -> Result<Screening, GateFailure> {
    let findings = scan(scanners, &request.text, Border::Request)?;
    let (principal, channel) = (request.principal.clone(), request.channel.clone());
    if findings.iter().any(|f| f.severity >= Severity::High) {
        let entry = Entry::RequestBlocked { principal, channel, findings: findings.clone() };
        journal.record(&request.run, &entry)?;
        return Ok(Screening::Blocked(findings));
    }
    let text = request.text.clone();
    let entry = Entry::RequestScreened { principal, channel, request: text, findings: findings.clone() };
    journal.record(&request.run, &entry)?;
    Ok(Screening::Passed(Screened { inner: request, findings }))
}

/// An edit passes, or is blocked.
#[must_use]
#[derive(Debug)]
pub enum EditScreening {
    /// It may be taken.
    Passed(Screened<Edit>),
    /// A scanner found something grave.
    Blocked(Vec<Finding>),
}

/// Screens what a person put in the place of arguments: it becomes as trusted as a request, so it is looked at like one.
///
/// # Errors
/// When no scanner is active, or one fails.
pub fn screen_edit(edit: Edit, scanners: &dyn Scanners) -> Result<EditScreening, GateFailure> {
    let texts: Vec<String> = edit.args.values().map(texts_of).collect();
    let findings = scan(scanners, &texts.join("\n"), Border::ToolArgument)?;
    if findings.iter().any(|finding| finding.severity >= Severity::High) {
        return Ok(EditScreening::Blocked(findings));
    }
    Ok(EditScreening::Passed(Screened { inner: edit, findings }))
}

impl Screened<Edit> {
    pub(super) fn edit(&self) -> &Edit {
        &self.inner
    }
}

/// Screens what a call gave back, labels it, and writes it down.
///
/// # Errors
/// When no scanner is active, one fails, the store cannot tell a file's label, or the journal fails.
pub fn screen_returned(
    mut returned: Returned,
    scanners: &dyn Scanners,
    files: &dyn FileLabels,
    journal: &dyn Journal,
) -> Result<Screened<Returned>, GateFailure> {
    let border = returned.border();
    let findings = match returned.text() {
        Some(text) => scan(scanners, &text, border)?,
        None => active(scanners).map(|()| Vec::new())?,
    };
    returned.label_outcome(files)?;
    // Before the record that says the call is over: a file whose label got lost is read as a stranger's.
    if let Some((file, label)) = returned.written() {
        files.note_written(returned.run(), &file, &label)?;
    }
    if let Some(entry) = returned.entry(&findings) {
        journal.record(returned.run(), &entry)?;
    }
    Ok(Screened { inner: returned, findings })
}

impl Screened<Returned> {
    /// Hands the value and the machine to the interpreter.
    pub(in crate::kernel) fn into_parts(self) -> (crate::kernel::run::progress::PendingCall, Labelling) {
        self.inner.into_parts()
    }
}

/// A labelled value, or why there is none.
pub(in crate::kernel) type Labelling = Result<Node, (PlanError, String)>;

fn active(scanners: &dyn Scanners) -> Result<(), GateFailure> {
    if scanners.names().is_empty() { Err(GateFailure::NoScanner) } else { Ok(()) }
}

fn scan(scanners: &dyn Scanners, text: &str, border: Border) -> Result<Vec<Finding>, GateFailure> {
    active(scanners)?;
    Ok(scanners.scan(text, &Crossing::at(border))?)
}

/// All texts in a JSON value, one per line, for the scanners.
pub(super) fn texts_of(json: &Json) -> String {
    fn collect(json: &Json, out: &mut Vec<String>) {
        match json {
            Json::String(s) => out.push(s.clone()),
            Json::Array(items) => items.iter().for_each(|i| collect(i, out)),
            Json::Object(map) => map.iter().for_each(|(k, v)| {
                out.push(k.clone());
                collect(v, out);
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
    let mut out = Vec::new();
    collect(json, &mut out);
    out.join("\n")
}

/// Whether an outcome carries text from outside at all.
pub(super) fn text_of(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Tool(output) => Some(texts_of(&output.value)),
        Outcome::Answer(json) => Some(texts_of(json)),
        Outcome::ToolError(failure) => Some(failure.message.clone()),
        Outcome::NoAnswer | Outcome::WorkerError(_) | Outcome::Confirmed(_) | Outcome::Recalled { .. } => {
            None
        }
    }
}
