//! The first and the fourth gate: texts that crossed a border have been scanned.

use super::GateFailure;
use super::edit::Edit;
use super::returned::Returned;
use super::screening::{Screener, findings, reasons};
use super::texts::{self, Texts};
use crate::kernel::id::RunId;
use crate::kernel::plan::PlanError;
use crate::kernel::port::{
    Border, Crossing, FileLabels, Finding, Journal, Policy, Reason, Scanners, Treatment,
};
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
    asks: Vec<Reason>,
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

impl Screened<Request> {
    /// Why a person must look at whatever is planned for it; empty when nobody must.
    pub(super) fn asks(&self) -> &[Reason] {
        &self.asks
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

/// Screens a request. Policy may have words taken out of it: nobody but the scanners sees those then.
///
/// # Errors
/// When no scanner is active, one fails, or policy or journal does.
pub fn screen_request(
    mut request: Request,
    scanners: &dyn Scanners,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Screening, GateFailure> {
    let screener = Screener { scanners, policy, request: &request };
    let treated = screener.screen(&request.text, &Crossing::at(Border::Request), true)?;
    let (principal, channel) = (request.principal.clone(), request.channel.clone());
    if treated.iter().any(|t| t.treatment == Treatment::Block) {
        let findings = findings(&treated);
        let entry = Entry::RequestBlocked { principal, channel, findings: findings.clone() };
        journal.record(&request.run, &entry)?;
        return Ok(Screening::Blocked(findings));
    }
    request.text = texts::redacted(&request.text, &treated, policy.redaction_key());
    let (findings, asks) = (findings(&treated), reasons(&treated, &[Treatment::Ask]));
    let text = request.text.clone();
    let entry = Entry::RequestScreened { principal, channel, request: text, findings: findings.clone() };
    journal.record(&request.run, &entry)?;
    Ok(Screening::Passed(Screened { inner: request, findings, asks }))
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

/// Screens what a person put in the place of arguments: it becomes as trusted as the request, so it is looked at like
/// one. Nothing is taken out of it: a person who is told can write it again.
///
/// # Errors
/// When no scanner is active, one fails, or policy does.
pub fn screen_edit(
    edit: Edit,
    request: &Request,
    scanners: &dyn Scanners,
    policy: &dyn Policy,
) -> Result<EditScreening, GateFailure> {
    let texts = Texts::of(&Json::Object(edit.args.clone()));
    let screener = Screener { scanners, policy, request };
    let treated = screener.screen(texts.joined(), &Crossing::at(Border::Request), true)?;
    let findings = findings(&treated);
    if treated.iter().any(|t| t.treatment == Treatment::Block || t.treatment.takes_out()) {
        return Ok(EditScreening::Blocked(findings));
    }
    Ok(EditScreening::Passed(Screened { inner: edit, findings, asks: Vec::new() }))
}

impl Screened<Edit> {
    pub(super) fn edit(&self) -> &Edit {
        &self.inner
    }
}

/// Screens what a call gave back, labels it, and writes it down.
///
/// # Errors
/// When no scanner is active, one fails, the store cannot tell a file's label, or policy or journal fails.
pub fn screen_returned(
    mut returned: Returned,
    scanners: &dyn Scanners,
    policy: &dyn Policy,
    files: &dyn FileLabels,
    journal: &dyn Journal,
) -> Result<Screened<Returned>, GateFailure> {
    returned.label_outcome(files)?;
    let written = returned.written();
    let request = returned.request().clone();
    let screener = Screener { scanners, policy, request: &request };
    screener.active()?;
    let texts = returned.texts();
    let asked = returned.asked();
    let crossing = Crossing { border: returned.border(), executed: false, asked: &asked };
    let treated = screener.screen(texts.joined(), &crossing, returned.is_trusted())?;
    returned.obey(&texts, &treated, policy, files)?;
    // Before the record that says the call is over: a file whose label got lost is read as a stranger's.
    if let Some((file, label)) = written {
        files.note_written(returned.run(), &file, &label)?;
    }
    let findings = findings(&treated);
    if let Some(entry) = returned.entry(&findings) {
        journal.record(returned.run(), &entry)?;
    }
    Ok(Screened { inner: returned, findings, asks: Vec::new() })
}

impl Screened<Returned> {
    /// Hands the value and the machine to the interpreter.
    pub(in crate::kernel) fn into_parts(self) -> (crate::kernel::run::progress::PendingCall, Labelling) {
        self.inner.into_parts()
    }
}

/// A labelled value, or why there is none.
pub(in crate::kernel) type Labelling = Result<Node, (PlanError, String)>;
