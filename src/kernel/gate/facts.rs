//! What a policy and a person are told of a pending call, and the digests that bind them to it.

use crate::kernel::catalogue::{Effect, Role};
use crate::kernel::id::{CallNo, Digest};
use crate::kernel::port::{ArgFacts, CallFacts};
use crate::kernel::record::RecordedArg;
use crate::kernel::run::What;
use crate::kernel::run::progress::PendingCall;
use crate::kernel::value::Node;
use serde_json::Value as Json;
use std::sync::Arc;

/// The arguments as they are recorded and shown.
pub(super) fn recorded_args(call: &PendingCall) -> Vec<RecordedArg> {
    let arg = |name: &str, node: &Node, value: Json| {
        let mark = node.deep();
        RecordedArg {
            name: Arc::from(name),
            value,
            label: mark.label().clone(),
            through: mark.through().map(CallNo).collect(),
            findings: Vec::new(),
        }
    };
    match &call.wanted.what {
        What::Tool { args, .. } => args
            .iter()
            .filter_map(|(name, node)| Some(arg(name, node, call.args.get(name.as_ref())?.clone())))
            .collect(),
        What::Ask { question, data, ty } => vec![
            arg("question", question, question.to_json()),
            arg("data", data, data.to_json()),
            RecordedArg {
                name: Arc::from("type"),
                value: Json::String(ty.plain().to_string()),
                label: ty.mark().label().clone(),
                through: ty.mark().through().map(CallNo).collect(),
                findings: Vec::new(),
            },
        ],
        What::Confirm { question } => vec![arg("question", question, question.to_json())],
    }
}

/// Facts about each argument for the policy.
pub(super) fn arg_facts(call: &PendingCall, args: &[RecordedArg]) -> Vec<ArgFacts> {
    let param = |name: &str| call.tool.as_ref().and_then(|tool| tool.param(name));
    args.iter()
        .map(|arg| ArgFacts {
            name: arg.name.clone(),
            label: arg.label.clone(),
            value: Some(arg.value.clone()),
            critical: param(&arg.name).is_some_and(|p| p.critical),
            role: param(&arg.name).map_or(Role::Data, |p| p.role),
        })
        .collect()
}

/// Everything the policy may know; `None` for calls that go to no tool.
pub(super) fn call_facts<'c>(call: &'c PendingCall, args: &'c [ArgFacts]) -> Option<CallFacts<'c>> {
    let tool = call.tool.as_deref()?;
    let request = &call.context.request;
    Some(CallFacts {
        principal: &request.principal,
        channel: &request.channel,
        trust_level: request.trust_level,
        tool,
        effect: effect(call),
        args,
        pc: call.pc(),
    })
}

pub(super) fn effect(call: &PendingCall) -> Effect {
    call.tool.as_ref().map_or(Effect::Read, |tool| tool.effect_of(&call.args))
}

/// What the call is: run, position, name and exact arguments. The same again after a restart.
pub(super) fn call_digest(call: &PendingCall, args: &[RecordedArg]) -> Digest {
    let values: Vec<(&str, &Json)> = args.iter().map(|a| (a.name.as_ref(), &a.value)).collect();
    let values = serde_json::to_vec(&values).unwrap_or_default();
    digest(call, "call", &[&values])
}

/// What an approval is bound to: the call, its labels, the policy that asked, and the edit that led here.
pub(super) fn question_digest(call: &PendingCall, args: &[RecordedArg], policy: Digest) -> Digest {
    let all = serde_json::to_vec(&(args, call.pc())).unwrap_or_default();
    let mut parts: Vec<&[u8]> = vec![&all, policy.as_bytes()];
    // Or else a value that is edited back would bring an old question, and with it its old end.
    if let Some(superseded) = &call.edited {
        parts.push(superseded.as_bytes());
    }
    digest(call, "question", &parts)
}

fn digest(call: &PendingCall, purpose: &str, more: &[&[u8]]) -> Digest {
    let request = &call.context.request;
    let (no, site) = (call.no().0.to_be_bytes(), call.site().0.to_be_bytes());
    let name = call.name();
    let first: [&[u8]; 7] = [
        purpose.as_bytes(),
        request.run.as_str().as_bytes(),
        request.principal.name().as_bytes(),
        call.machine.plan().digest.as_bytes(),
        &no,
        &site,
        name.as_bytes(),
    ];
    Digest::of_parts(first.into_iter().chain(more.iter().copied()))
}
