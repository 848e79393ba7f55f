//! Proofs at each stage of the way, made by the gates themselves.

use super::ports::{Tell, asks};
use crate::kernel::catalogue::{Catalogue, Effect, Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::gate::approved::{self, ApprovedPlan, Judgement, Terms};
use crate::kernel::gate::checked::{self, CheckedPlan, Checking};
use crate::kernel::gate::permitted::{self, CallQuestion, Permission, Permitted};
use crate::kernel::gate::question::{Answer, Decision, Question};
use crate::kernel::gate::screened::{self, Request, Screened, Screening};
use crate::kernel::label::{Capacity, Integrity};
use crate::kernel::port::Policy;
use crate::kernel::principal::Principal;
use crate::kernel::run::Limits;
use crate::kernel::run::progress::{self, Finished, PendingCall, Progress};
use crate::kernel::testing::{Easy, Nobody, request};
use serde_json::json;
use std::sync::Arc;

pub(in crate::kernel::gate) fn catalogue() -> Arc<Catalogue> {
    let param = |name: &str, ty: Type, required: bool| Param {
        name: name.into(),
        ty,
        required,
        doc: "".into(),
        critical: true,
        role: Role::Data,
    };
    let tool = |name: &str, params: Vec<Param>| Tool {
        name: name.into(),
        doc: "".into(),
        params,
        returns: Type::Str,
        effect: Effect::Write,
        effect_with: vec![],
        output: Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public: false },
        fields: vec![],
        origin: Origin::Tool,
        idempotent: false,
    };
    let (to, amount) = (param("to", Type::Str, true), param("amount", Type::Float, true));
    let pay = vec![to, amount, param("note", Type::Str, false)];
    let look = Tool { returns: Type::Any, ..tool("look", Vec::new()) };
    Arc::new(Catalogue::new([tool("tell", vec![param("text", Type::Str, true)]), tool("pay", pay), look]))
}

pub(in crate::kernel::gate) fn screened_request() -> Screened<Request> {
    match screened::screen_request(request(), &Easy::default(), &Easy::default(), &Easy::default()).unwrap() {
        Screening::Passed(request) => request,
        Screening::Blocked(findings) => panic!("{findings:?}"),
    }
}

pub(in crate::kernel::gate) fn checked_plan(text: &str, policy: &dyn Policy) -> CheckedPlan {
    let checking =
        checked::check(text, &screened_request(), &catalogue(), &Easy::default(), policy, &Easy::default());
    match checking.unwrap() {
        Checking::Checked(plan) => plan,
        Checking::Faulty(errors) => panic!("{errors}"),
    }
}

pub(in crate::kernel::gate) fn approved_plan(text: &str) -> ApprovedPlan {
    let plan = checked_plan(text, &Easy::default());
    let judged =
        approved::judge(plan, &screened_request(), &Easy::default(), Terms::default(), &Easy::default());
    let Judgement::Approved(plan) = judged.unwrap() else { panic!("not approved") };
    plan
}

pub(in crate::kernel::gate) fn pending(text: &str) -> PendingCall {
    match progress::start(approved_plan(text), Limits::default()) {
        Progress::Call(call) => call,
        other => panic!("{other:?}"),
    }
}

pub(in crate::kernel::gate) fn question(text: &str) -> CallQuestion {
    match permitted::permit(pending(text), &Easy::default(), &asks(), &Easy::default()).unwrap() {
        Permission::Ask(question) => question,
        other => panic!("{other:?}"),
    }
}

pub(in crate::kernel::gate) fn permit(text: &str) -> Permitted {
    match permitted::permit(pending(text), &Easy::default(), &Easy::default(), &Easy::default()).unwrap() {
        Permission::Permitted(permit) => permit,
        other => panic!("{other:?}"),
    }
}

pub(in crate::kernel::gate) fn yes(question: &Question) -> Answer {
    let by = Principal::new("user");
    Answer { question: question.digest, decision: Decision::Approve, by, reason: None }
}

pub(in crate::kernel::gate) fn finished(said: &str) -> Finished {
    let returned = permit("answer(tell(text=\"a\"))").perform(&Tell(json!(said)), &Nobody).unwrap();
    let easy = Easy::default();
    match progress::resume(screened::screen_returned(returned, &easy, &easy, &easy, &easy).unwrap()) {
        Progress::Done(finished) => finished,
        other => panic!("{other:?}"),
    }
}

pub(in crate::kernel::gate) const TELL: &str = "tell(text=\"a\")";
