//! The five gates. Each checks and mints its proof in one function of one leaf file; there is no other maker.
//!
//! | gate | takes | gives |
//! |---|---|---|
//! | [`screened`] | a request, or what a call returned | `Screened<T>` |
//! | [`checked`] | a parsed plan | `CheckedPlan` |
//! | [`approved`] | a checked plan for a screened request | `ApprovedPlan` |
//! | [`permitted`] | a pending call | `Permitted` |
//! | [`released`] | the finished run's reply | `Released` |
//!
//! A proof wraps what it is about, is used up by the next stage, is written to the journal before it exists, and
//! is never loaded from disk.
//!
//! Each stage takes only what the stage before it makes, so skipping a gate does not build.
//!
//! A plan cannot start without approval:
//! ```
//! # use sentinel::kernel::{gate::approved::ApprovedPlan, run::Limits};
//! # fn f(plan: ApprovedPlan) {
//! let progress = sentinel::kernel::run::progress::start(plan, Limits::default());
//! # }
//! ```
//! ```compile_fail,E0308
//! # use sentinel::kernel::{gate::checked::CheckedPlan, run::Limits};
//! # fn f(plan: CheckedPlan) {
//! let progress = sentinel::kernel::run::progress::start(plan, Limits::default());
//! # }
//! ```
//! A plan cannot be judged for a request that was not screened:
//! ```
//! # use sentinel::kernel::{gate::{approved, checked::CheckedPlan, screened::{Request, Screened}}, port::*};
//! # fn f(plan: CheckedPlan, request: &Screened<Request>, policy: &dyn Policy, journal: &dyn Journal) {
//! let judged = approved::judge(plan, request, policy, approved::Terms::default(), journal);
//! # }
//! ```
//! ```compile_fail,E0308
//! # use sentinel::kernel::{gate::{approved, checked::CheckedPlan, screened::{Request, Screened}}, port::*};
//! # fn f(plan: CheckedPlan, request: &Request, policy: &dyn Policy, journal: &dyn Journal) {
//! let judged = approved::judge(plan, request, policy, approved::Terms::default(), journal);
//! # }
//! ```
//! A parsed plan is not a checked plan:
//! ```compile_fail,E0308
//! # use sentinel::kernel::{gate::{approved, screened::{Request, Screened}}, plan::Plan, port::*};
//! # fn f(plan: Plan, request: &Screened<Request>, policy: &dyn Policy, journal: &dyn Journal) {
//! let judged = approved::judge(plan, request, policy, approved::Terms::default(), journal);
//! # }
//! ```
//! A call that is pending cannot be performed, a permitted one can, once:
//! ```
//! # use sentinel::kernel::{gate::permitted::Permitted, port::*};
//! # fn f(call: Permitted, tools: &dyn Tools, worker: &dyn Worker) {
//! let returned = call.perform(tools, worker);
//! # }
//! ```
//! ```compile_fail,E0599
//! # use sentinel::kernel::{run::progress::PendingCall, port::*};
//! # fn f(call: PendingCall, tools: &dyn Tools, worker: &dyn Worker) {
//! let returned = call.perform(tools, worker);
//! # }
//! ```
//! ```compile_fail,E0382
//! # use sentinel::kernel::{gate::permitted::Permitted, port::*};
//! # fn f(call: Permitted, tools: &dyn Tools, worker: &dyn Worker) {
//! let once = call.perform(tools, worker);
//! let twice = call.perform(tools, worker);
//! # }
//! ```
//! What came back does not go on into the run before it is screened:
//! ```
//! # use sentinel::kernel::gate::{returned::Returned, screened::Screened};
//! # fn f(returned: Screened<Returned>) {
//! let progress = sentinel::kernel::run::progress::resume(returned);
//! # }
//! ```
//! ```compile_fail,E0308
//! # use sentinel::kernel::gate::{returned::Returned, screened::Screened};
//! # fn f(returned: Returned) {
//! let progress = sentinel::kernel::run::progress::resume(returned);
//! # }
//! ```
//! A reply leaves only through its gate, and proofs cannot be made up, copied or read back from text:
//! ```
//! # fn f(reply: sentinel::kernel::gate::released::Released) {
//! println!("{}", reply.text());
//! # }
//! ```
//! ```compile_fail,E0599
//! # fn f(reply: sentinel::kernel::run::progress::Finished) {
//! println!("{}", reply.text());
//! # }
//! ```
//! ```compile_fail,E0451
//! # use sentinel::kernel::gate::released::Released;
//! let forged = Released { text: String::new(), label: todo!(), findings: Vec::new() };
//! ```
//! ```compile_fail,E0599
//! # fn f(call: sentinel::kernel::gate::permitted::Permitted) {
//! let copy = call.clone();
//! # }
//! ```
//! ```compile_fail,E0277
//! # use sentinel::kernel::gate::{screened::{Request, Screened}};
//! let forged: Screened<Request> = serde_json::from_str("{}").unwrap();
//! ```

mod aloud;
pub mod approved;
pub mod checked;
pub mod edit;
mod facts;
pub(in crate::kernel) mod output;
pub mod permitted;
pub mod question;
mod redaction;
pub mod released;
pub mod returned;
pub mod screened;
mod screening;
#[cfg(test)]
mod tests;
mod texts;

use super::port::{JournalFailure, PolicyFailure, ScannerFailure, WorkerFailure};

/// A gate could not do its work, so it stays shut.
#[derive(Debug, thiserror::Error)]
pub enum GateFailure {
    /// No record, no decision.
    #[error(transparent)]
    Journal(#[from] JournalFailure),
    /// No policy, no permission.
    #[error(transparent)]
    Policy(#[from] PolicyFailure),
    /// A scanner that fails counts as a hit.
    #[error(transparent)]
    Scanner(#[from] ScannerFailure),
    /// Nothing scans, so nothing passes.
    #[error("no scanner is active, so nothing can be screened; see `sentinel doctor`")]
    NoScanner,
    /// An answer to another question, or by somebody who may not answer.
    #[error("the answer does not belong to this question: {0}")]
    WrongAnswer(String),
    /// A person's own values do not fit the call.
    #[error("the edit cannot be used: {0}")]
    WrongEdit(#[from] edit::EditRefused),
    /// What the journal remembers of a call is not the call that the plan makes now.
    #[error("the run cannot go on: {0}")]
    Diverged(String),
    /// Nobody is there to answer a question; the run can go on once somebody is.
    #[error(transparent)]
    Worker(#[from] WorkerFailure),
}
