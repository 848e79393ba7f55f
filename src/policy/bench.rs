//! Measuring decisions, for `sentinel bench policy` and the release test.

use super::engine::Engine;
use crate::kernel::catalogue::{Effect, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Label, Readers, Source};
use crate::kernel::port::{ArgFacts, CallFacts, Policy as _, PolicyFailure};
use crate::kernel::principal::Principal;
use crate::shell::command_facts;
use serde_json::{Value as Json, json};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `count` more policies of the kinds that administrators write, as one file: a third are about writes and judged
/// with the measured call, a third about what leaves, a third about reading. None of them decides the measured call.
pub fn bench_sources(count: usize) -> (String, String) {
    let policy = |n: usize| match n % 3 {
        0 => format!(
            "@id(\"bench-{n}\") @reason(\"measured\") forbid (principal, action in Action::\"write\", resource)\n\
             when {{ context.paths.roots.contains(\"bench-{n}\") && !context.flow.trusted }} unless {{ context.approved }};"
        ),
        1 => format!(
            "@id(\"bench-{n}\") @reason(\"measured\") forbid (principal, action in Action::\"egress\", resource)\n\
             when {{ context.flow.source_kinds.contains(\"web\") && context.channel == \"bench-{n}\" }};"
        ),
        _ => format!(
            "@id(\"bench-{n}\") permit (principal == User::\"guest-{n}\", action in Action::\"read\", resource)\n\
             when {{ context.channel == \"cli\" }};"
        ),
    };
    ("bench.cedar".to_owned(), (0..count).map(policy).collect::<Vec<_>>().join("\n"))
}

/// Judges a write of untrusted private text `n` times; every duration is one whole decision, context included.
///
/// # Errors
/// When a decision fails.
pub fn bench_decision(engine: &Engine, n: usize) -> Result<Vec<Duration>, PolicyFailure> {
    let writes = |tool: &&Arc<Tool>| tool.effect == Effect::Write && tool.effect_with.is_empty();
    let tool = engine.catalogue().iter().filter(writes).max_by_key(|tool| tool.params.len());
    let tool = tool.or_else(|| engine.catalogue().iter().next());
    let Some(tool) = tool else { return Err(PolicyFailure("the catalogue has no tool to judge".to_owned())) };
    let principal = Principal::new("ann");
    let args: Vec<ArgFacts> = tool.params.iter().map(|param| fact(param, &principal)).collect();
    let pc = Label::trusted_from(Source::User);
    let facts = CallFacts {
        principal: &principal,
        channel: "cli",
        trust_level: 0,
        tool,
        effect: tool.effect,
        args: &args,
        pc: &pc,
    };
    let mut durations = Vec::with_capacity(n);
    for _ in 0..n {
        let start = Instant::now();
        black_box(engine.judge_call(black_box(&facts))?);
        durations.push(start.elapsed());
    }
    Ok(durations)
}

/// Commands of the kinds that people write, from a word to a screenful of pipes.
const COMMANDS: [&str; 8] = [
    "ls -la reports",
    "grep -rn 'fn main' src --include='*.rs' | head -n 20",
    "git log --oneline -n 5 && git status --short",
    "cargo test --workspace -- --nocapture 2>&1 | tee test.log",
    "for f in reports/*.md; do wc -l \"$f\"; done | sort -n | tail -3",
    "find . -name '*.log' -mtime +7 -exec gzip {} \\;",
    "awk -F, 'NR > 1 {sum += $3} END {printf \"%.2f\\n\", sum}' sales.csv",
    "curl -s https://example.com/data.json | jq -r '.items[] | select(.open) | .name' > open.txt",
];

/// Reads commands `n` times; every duration is one command from its text to its facts.
pub fn bench_commands(n: usize) -> Vec<Duration> {
    let one = |command: &&str| {
        let start = Instant::now();
        black_box(command_facts(black_box(command)));
        start.elapsed()
    };
    COMMANDS.iter().cycle().take(n).map(one).collect()
}

fn fact(param: &Param, principal: &Principal) -> ArgFacts {
    let label = match param.critical || param.role != Role::Data {
        true => Label::trusted_from(Source::Planner),
        false => {
            let worker = Label::untrusted_from(Source::Worker("embedded".into()), Capacity::Span);
            let file = Label::untrusted_from(Source::File("inbox/invoice-0042.txt".into()), Capacity::Text);
            worker.join(&file).narrowed_to(&Readers::only(principal.clone()))
        }
    };
    let value = match (&param.ty, param.role) {
        (Type::Str, Role::Path) => json!("reports/summary.md"),
        (Type::Str, _) => json!("Invoice 0042 is due on Friday; the total is 1,204.50. ".repeat(20)),
        (Type::Bool, _) => json!(true),
        (Type::Int, _) => json!(42),
        (Type::Float | Type::Decimal, _) => json!(1204.5),
        _ => Json::Null,
    };
    ArgFacts {
        name: param.name.clone(),
        label,
        value: Some(value),
        critical: param.critical,
        role: param.role,
    }
}
