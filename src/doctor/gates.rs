//! Policy and scanners: whole plans through the real gates, with everything that could act made harmless.

#[cfg(test)]
pub(super) mod tests;

use super::{Gap, Tried};
use crate::eval::case::Sidecar;
use crate::eval::rehearse::Otherwise;
use crate::eval::{Case, Ledger, Rehearsal, rehearse};
use crate::flow::Outcome;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::GateFailure;
use crate::kernel::gate::screened::{Request, Screening, screen_request};
use crate::kernel::id::RunId;
use crate::kernel::port::{Border, Crossing, Finding, Policy, Reason, ScannerFailure, Scanners, Severity};
use crate::kernel::principal::Principal;
use crate::scan::planted;
use crate::tool::simulated::Unscripted;
use crate::worker::Scripted;
use std::collections::BTreeMap;
use std::sync::Arc;

const MEND_POLICY: &str = "compare the policies with the shipped ones; see `sentinel policy check`";
const MEND_SCANNERS: &str = "this is a fault of Sentinel; do not use it, and report it";
const NOTE: &str = "note.txt";

/// A forbid that overflows wherever it is evaluated: the one error that strict validation cannot exclude.
pub const FAILING_RULE: &str = "@id(\"doctor-planted\") @reason(\"planted by sentinel doctor\")
forbid (principal, action, resource)
when { context.trust_level - 9223372036854775807 - 2 < 0 };";

/// A write outside the workspace is refused, though the person would approve anything; a plan that only answers runs.
///
/// # Errors
/// When it is not.
pub fn policy_denies(policy: &dyn Policy, catalogue: &Arc<Catalogue>) -> Tried {
    let plain = trial("answer(\"ok\")", policy, catalogue, Otherwise::Approve);
    let Ok(Rehearsal { outcome: Ok(Outcome::Done(_)), .. }) = plain else {
        let found = format!("a plan that only answers did not run: {}", told(&plain));
        return Err(Gap::new(found, MEND_POLICY));
    };
    let plan = "file_write(path=\"../outside.txt\", content=\"x\")\nanswer(\"done\")";
    let escape = trial(plan, policy, catalogue, Otherwise::Approve);
    match &escape {
        Ok(Rehearsal { outcome: Ok(Outcome::Refused(reasons)), effects, .. }) if effects.is_empty() => {
            Ok(format!(
                "a write to ../outside.txt that the person approved was refused by {}, and a plan that only answers ran",
                names(reasons)
            ))
        }
        _ => Err(Gap::new(
            format!("a write to ../outside.txt was not refused: {}", told(&escape)),
            MEND_POLICY,
        )),
    }
}

/// A stranger's text that names the folder to make does not get there while nobody approves it.
///
/// # Errors
/// When it does.
pub fn policy_holds_strangers(policy: &dyn Policy, catalogue: &Arc<Catalogue>) -> Tried {
    let plan = "place = file_read(path=\"note.txt\")\nmkdir(path=place)\nanswer(\"done\")";
    let tried = trial(plan, policy, catalogue, Otherwise::Silence);
    let asked = match &tried {
        Ok(Rehearsal { outcome: Ok(Outcome::Waiting { question, .. }), .. }) => names(&question.reasons),
        Ok(Rehearsal { outcome: Ok(Outcome::Refused(reasons)), .. }) => names(reasons),
        _ => String::new(),
    };
    let made = tried.as_ref().is_ok_and(|seen| seen.effects.iter().any(|call| call.tool.as_ref() == "mkdir"));
    if made || asked.is_empty() {
        let found =
            format!("a stranger's file chose a folder to make, and nobody was asked: {}", told(&tried));
        return Err(Gap::new(found, MEND_POLICY));
    }
    Ok(format!("a stranger's file chose a folder to make: held for a person by {asked}, and not made"))
}

/// With [`FAILING_RULE`] among the rules nothing happens at all. `failing` is the loaded policies and that one.
///
/// # Errors
/// When something does.
pub fn policy_error_denies(failing: &dyn Policy, catalogue: &Arc<Catalogue>) -> Tried {
    let plan = "mkdir(path=\"made\")\nanswer(\"done\")";
    let tried = trial(plan, failing, catalogue, Otherwise::Approve);
    let stopped = match &tried {
        Ok(Rehearsal { outcome: Err(_), effects, .. }) => effects.is_empty(),
        Ok(_) => false,
        Err(_) => true,
    };
    if stopped {
        return Ok(
            "with a planted rule that fails on every call, a plan that makes a folder stopped before it"
                .into(),
        );
    }
    Err(Gap::new(format!("a rule that cannot be evaluated was passed over: {}", told(&tried)), MEND_SCANNERS))
}

fn trial(
    plan: &str,
    policy: &dyn Policy,
    catalogue: &Arc<Catalogue>,
    otherwise: Otherwise,
) -> Result<Rehearsal, String> {
    let files = BTreeMap::from([(NOTE.to_owned(), "made-by-a-stranger".to_owned())]);
    let sidecar = Sidecar { request: "a trial of sentinel doctor".to_owned(), files, ..Sidecar::default() };
    let name = "doctor".to_owned();
    let case = Case { name, text: plan.to_owned(), sidecar, catalogue: catalogue.clone() };
    let worker = Scripted::from_json("[]").map_err(|e| e.to_string())?;
    rehearse(&case, policy, &worker, otherwise, Unscripted::MadeUp)
}

fn told(tried: &Result<Rehearsal, String>) -> String {
    match tried {
        Err(failure) | Ok(Rehearsal { outcome: Err(failure), .. }) => failure.clone(),
        Ok(Rehearsal { outcome: Ok(outcome), .. }) => match outcome {
            Outcome::Done(_) => "the plan ran to its end".to_owned(),
            Outcome::Refused(reasons) => format!("refused by {}", names(reasons)),
            Outcome::Waiting { .. } => "it waits for a person".to_owned(),
            Outcome::Failed(failure) => failure.fault.to_string(),
            Outcome::Faulty(errors) => errors.to_string(),
            Outcome::Blocked(_) | Outcome::Expired(_) | Outcome::Stopped | Outcome::HeldBack(_) => {
                "it ended another way".to_owned()
            }
        },
    }
}

fn names(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.policy.as_str()).collect::<Vec<_>>().join(", ")
}

/// Each scanner is there and finds what was planted for it, and finds nothing in an ordinary text.
///
/// # Errors
/// When there is none, one misses, or one has nothing planted for it.
pub fn scanners_find(scanners: &dyn Scanners) -> Tried {
    let all = scanners.names();
    if all.is_empty() {
        return Err(Gap::new("no scanner is active", MEND_SCANNERS));
    }
    for name in &all {
        let Some(text) = planted::text_for(name) else {
            return Err(Gap::new(format!("nothing is planted for the scanner {name}"), MEND_SCANNERS));
        };
        let found = scanners.scan(text, &planted::crossing_for(name));
        if !found.is_ok_and(|found| found.iter().any(|finding| finding.scanner == *name)) {
            return Err(Gap::new(
                format!("the scanner {name} missed what was planted for it"),
                MEND_SCANNERS,
            ));
        }
    }
    match scanners.scan(planted::ORDINARY, &Crossing::at(Border::ToolOutput)) {
        Ok(found) if found.is_empty() => {}
        _ => return Err(Gap::new("an ordinary sentence was taken for an attack", MEND_SCANNERS)),
    }
    Ok(format!("each found what was planted for it, and nothing in an ordinary sentence: {}", all.join(", ")))
}

/// A request with something grave in it is blocked, and so is any request while a scanner fails or none is there.
///
/// # Errors
/// When one passes.
pub fn scanners_block(scanners: &dyn Scanners, policy: &dyn Policy) -> Tried {
    let grave = |name: &Arc<str>| {
        let text = planted::text_for(name)?;
        let found = scanners.scan(text, &Crossing::at(Border::Request)).ok()?;
        found.iter().any(|finding| finding.severity >= Severity::High).then_some(text)
    };
    let Some(text) = scanners.names().iter().find_map(grave) else {
        return Err(Gap::new("no scanner calls what was planted for it grave", MEND_SCANNERS));
    };
    if !matches!(screened(text, scanners, policy), Ok(Screening::Blocked(_))) {
        return Err(Gap::new("a request with something grave in it was not blocked", MEND_SCANNERS));
    }
    if screened(planted::ORDINARY, &Broken, policy).is_ok() {
        return Err(Gap::new("a request passed while a scanner failed", MEND_SCANNERS));
    }
    if screened(planted::ORDINARY, &Nobody, policy).is_ok() {
        return Err(Gap::new("a request passed without any scanner", MEND_SCANNERS));
    }
    Ok("a request with hidden text was blocked, and so was every request while a scanner failed or none was there".into())
}

fn screened(text: &str, scanners: &dyn Scanners, policy: &dyn Policy) -> Result<Screening, GateFailure> {
    screen_request(request(text), scanners, policy, &Ledger::default())
}

/// A request of nobody's, for trials.
pub(super) fn request(text: &str) -> Request {
    let user = Principal::new("user");
    Request {
        run: RunId::new("doctor"),
        reply_to: user.clone(),
        principal: user,
        channel: Arc::from("doctor"),
        trust_level: 0,
        text: text.to_owned(),
    }
}

/// A scanner that crashed.
struct Broken;

impl Scanners for Broken {
    fn names(&self) -> Vec<Arc<str>> {
        vec![Arc::from("broken")]
    }

    fn scan(&self, _text: &str, _: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure> {
        Err(ScannerFailure { scanner: "broken".to_owned(), reason: "planted by sentinel doctor".to_owned() })
    }
}

/// No scanner at all.
struct Nobody;

impl Scanners for Nobody {
    fn names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }

    fn scan(&self, _text: &str, _: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure> {
        Ok(Vec::new())
    }
}
