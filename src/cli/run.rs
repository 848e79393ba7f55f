//! `sentinel run`: a plan or playbook on the workspace, from the first gate to the reply.

use super::live::{Live, Show};
use super::screen::{Screen, Tone, safe};
use super::terminal::Terminal;
use super::{Exit, House, graph, local_user};
use crate::approval::predicate::Beforehand;
use crate::approval::{Desk, Nobody, Predicate, Voice};
use crate::flow::resume::{self, Interrupted, ResumeFailure};
use crate::flow::{self, Outcome, Past, Ports, report};
use crate::kernel::gate::screened::Request;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::plan::error::nearest;
use crate::kernel::port::ApprovalMode;
use crate::kernel::record::Entry;
use crate::kernel::run::Limits;
use crate::planner::playbook::{self, Playbook};
use crate::planner::written::Written;
use crate::session::Conversation;
use crate::store::StoreError;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The request when none is written.
const NO_WORDS: &str = "run this plan";

/// What `sentinel run` takes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sentinel run --playbook invoices \"what do we have to pay?\"
  sentinel run --plan tidy.py --yes-to plan --yes-to 'file_write path=reports/*' \"tidy up\"
  sentinel run --resume 0198f0c2")]
pub struct RunArgs {
    /// A file with a plan
    #[arg(long, value_name = "FILE", conflicts_with_all = ["playbook", "resume"])]
    pub plan: Option<PathBuf>,
    /// A playbook of the policies' folder `playbooks/`
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    pub playbook: Option<String>,
    /// A parameter of the playbook, as NAME=VALUE; may be given more than once
    #[arg(long = "param", value_name = "NAME=VALUE", requires = "playbook")]
    pub params: Vec<String>,
    /// Go on with a run that was interrupted or waits; its beginning is enough
    #[arg(long, value_name = "ID")]
    pub resume: Option<String>,
    /// Who answers `ask`: embedded, ollama, or scripted:FILE with answers as JSON
    #[arg(long, value_name = "WORKER")]
    pub worker: Option<String>,
    /// Say yes beforehand: `plan`, `confirm`, or `TOOL argument=pattern ...`; may be given more than once
    #[arg(long = "yes-to", value_name = "PREDICATE")]
    pub yes_to: Vec<Predicate>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// The words of the request
    pub request: Option<String>,
}

/// A job that is ready to run.
pub struct Job {
    /// Which run.
    pub request: Request,
    /// Where its plan comes from.
    pub planner: Written,
    /// What happened before.
    pub past: Past,
    /// The playbook it runs, to be pinned once a person approved it.
    pub playbook: Option<(Arc<str>, Digest)>,
}

/// Why a job could not be made, and with which exit code.
#[derive(Debug)]
pub struct Cannot(pub Exit, pub String);

impl From<StoreError> for Cannot {
    fn from(failure: StoreError) -> Self {
        Self(Exit::Failure, failure.to_string())
    }
}

fn usage(message: impl Into<String>) -> Cannot {
    Cannot(Exit::Usage, message.into())
}

/// Runs, shows, and says how it ended.
pub fn execute(args: &RunArgs, house: &House<'_>, plan_text: Option<&str>, unique: &str) -> Exit {
    let screen = Screen::stdout();
    let job = match job(args, house, plan_text, unique) {
        Ok(job) => job,
        Err(Cannot(exit, message)) => {
            screen.complain(&format!("sentinel: {message}"));
            return exit;
        }
    };
    let show = if args.json { Show::Nothing } else { Show::Steps };
    let terminal = Terminal::new(screen);
    let otherwise: &dyn Voice = if args.json { &Nobody } else { &terminal };
    let voice = Beforehand { predicates: &args.yes_to, otherwise };
    // A plan that is asked about stands on its card.
    let on_card = house.settings.approval.mode == ApprovalMode::Full && !job.planner.is_pinned();
    let asked = on_card && !args.yes_to.iter().any(Predicate::is_about_plans);
    if !args.json && !asked {
        show_plan(house, &job, &screen);
    }
    if !args.json {
        screen.line(&screen.tone(Tone::Strong, &format!("Run {}", job.request.run)));
    }
    let run = job.request.run.clone();
    let outcome = perform(house, &job, &voice, show);
    if args.json {
        let mut report = report::of(house.store, &run).map_err(|e| e.to_string());
        if let (Ok(report), Err(message)) = (&mut report, &outcome) {
            report.error = message.clone().into();
        }
        match report.and_then(|report| serde_json::to_string(&report).map_err(|e| e.to_string())) {
            Ok(json) => screen.line(&json),
            Err(message) => screen.complain(&format!("sentinel: {message}")),
        }
    }
    match &outcome {
        Ok(_) if args.json => {}
        Ok(outcome) => tell(&run, outcome, args.plan.as_deref(), &screen),
        Err(message) => {
            screen.complain(&format!("sentinel: {message}"));
            // A run whose first record was never durable is not there to be resumed.
            if matches!(house.store.run(&run), Ok(Some(_))) {
                screen.complain(&format!("resume with: sentinel run --resume {run}"));
            }
        }
    }
    outcome.as_ref().map_or(Exit::Failure, exit_of)
}

/// Takes a job through the flow. Failures come as text.
pub fn perform(house: &House<'_>, job: &Job, voice: &dyn Voice, show: Show) -> Result<Outcome, String> {
    let live = Live::new(house.store, Screen::stdout(), show);
    let ttl = house.settings.approval.ttl_seconds;
    let desk = Desk::new(house.store, voice, local_user(), house.clock.clone(), ttl);
    let limits = &house.settings.limits;
    let ports = Ports {
        planner: &job.planner,
        scanners: house.scanners,
        policy: house.policy,
        people: &desk,
        tools: house.tools,
        worker: house.worker,
        onlooker: None,
        journal: &live,
        files: house.store,
        conversation: &Conversation::begins(0),
        catalogue: house.catalogue,
        limits: Limits {
            calls: limits.calls,
            loop_turns: limits.loop_turns,
            value_bytes: usize::try_from(limits.value_bytes).unwrap_or(usize::MAX),
        },
        mode: house.settings.approval.mode,
        stop: &AtomicBool::new(false),
    };
    let outcome = flow::run(&ports, job.request.clone(), &job.past).map_err(|e| e.to_string())?;
    pin(house, job).map_err(|e| e.to_string())?;
    Ok(outcome)
}

/// A playbook whose plan a person approved in this run needs no such question again, until it changes.
fn pin(house: &House<'_>, job: &Job) -> Result<(), StoreError> {
    let Some((name, digest)) = &job.playbook else { return Ok(()) };
    let entries = house.store.entries(&job.request.run)?;
    let approver = entries.iter().find_map(|(_, _, entry)| match entry {
        Entry::PlanApproved { by: Some(by), .. } => Some(by.clone()),
        _ => None,
    });
    match approver {
        Some(by) => house.store.pin(name, *digest, &by),
        None => Ok(()),
    }
}

fn job(args: &RunArgs, house: &House<'_>, plan_text: Option<&str>, unique: &str) -> Result<Job, Cannot> {
    if let Some(prefix) = &args.resume {
        return resumed(prefix, house);
    }
    let request = |text: &str| Request {
        run: RunId::new(unique),
        principal: local_user(),
        reply_to: local_user(),
        channel: Arc::from("cli"),
        trust_level: house.settings.approval.trust_level,
        text: text.to_owned(),
    };
    if !args.params.is_empty() && args.playbook.is_none() {
        return Err(usage("--param goes with --playbook"));
    }
    for tool in args.yes_to.iter().filter_map(Predicate::tool) {
        if house.catalogue.get(tool).is_none() {
            let near = nearest(tool, house.catalogue.iter().map(|t| t.name.as_ref()));
            let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
            return Err(usage(format!("--yes-to {tool}: there is no such tool{hint}")));
        }
    }
    let words = args.request.as_deref().unwrap_or(NO_WORDS);
    if let Some(name) = &args.playbook {
        let playbook =
            playbook::find(&house.settings.places.playbooks(), name).map_err(|e| usage(e.to_string()))?;
        let values =
            playbook.values(args.params.iter().map(String::as_str)).map_err(|e| usage(e.to_string()))?;
        return Ok(playbook_job(house, &playbook, playbook.plan(&values), request(words))?);
    }
    let text = plan_text.ok_or_else(|| {
        usage("there is no plan: give --plan FILE, --playbook NAME or --resume ID (a planner that drafts plans is not there yet)")
    })?;
    let planner = Written::new(crate::planner::from_file(text), false);
    Ok(Job { request: request(words), planner, past: Past::none(), playbook: None })
}

/// A job for a playbook; pinned when a person approved exactly this playbook before.
pub fn playbook_job(
    house: &House<'_>,
    playbook: &Playbook,
    plan: String,
    request: Request,
) -> Result<Job, StoreError> {
    let pinned = house.store.pinned(&playbook.name)? == Some(playbook.digest);
    let planner = Written::new(plan, pinned);
    Ok(Job { request, planner, past: Past::none(), playbook: Some((playbook.name.clone(), playbook.digest)) })
}

/// A run that was interrupted: its request, its plan and its calls come from the journal; every proof is made anew.
fn resumed(prefix: &str, house: &House<'_>) -> Result<Job, Cannot> {
    let open = house.store.unfinished()?;
    let found: Vec<_> = open.iter().filter(|row| row.id.as_str().starts_with(prefix)).collect();
    let row = match found.as_slice() {
        [row] => *row,
        [] => {
            if let Some(row) = house.store.run(&RunId::new(prefix))? {
                return Err(usage(format!("run {prefix} is over: {}", row.state.as_str())));
            }
            let known: Vec<&str> = open.iter().map(|r| r.id.as_str()).collect();
            let known = if known.is_empty() {
                "none is open".to_owned()
            } else {
                format!("open: {}", known.join(", "))
            };
            return Err(usage(format!("there is no open run {prefix} ({known})")));
        }
        _ => return Err(usage(format!("several open runs begin with {prefix}; write more of the id"))),
    };
    let failed = |e: ResumeFailure| match e {
        ResumeFailure::Store(e) => Cannot::from(e),
        other => usage(other.to_string()),
    };
    let found = resume::interrupted(house.store, house.policy, house.catalogue, &row.id).map_err(failed)?;
    let Interrupted::Planned(planner, past) = found else {
        return Err(usage(format!("run {} stopped before it had a plan; start it again", row.id)));
    };
    let request = Request {
        run: row.id.clone(),
        reply_to: row.principal.clone().unwrap_or_else(local_user),
        principal: row.principal.clone().unwrap_or_else(local_user),
        channel: row.channel.clone().unwrap_or_else(|| Arc::from("cli")),
        trust_level: house.settings.approval.trust_level,
        text: row
            .request
            .clone()
            .ok_or_else(|| usage(format!("the request of run {} was erased", row.id)))?,
    };
    Ok(Job { request, planner, past, playbook: None })
}

fn show_plan(house: &House<'_>, job: &Job, screen: &Screen) {
    let text = job.planner.text();
    screen.line(&screen.tone(Tone::Strong, "Plan"));
    for (i, line) in text.lines().enumerate() {
        screen.line(&format!("  {:>3} │ {}", i + 1, safe(line)));
    }
    if let Some(graph) = flow::foresee(text, &job.request, house.catalogue, house.policy) {
        screen.line(&screen.tone(Tone::Strong, "Flow, before anything runs"));
        screen.line(&graph::render(&graph, screen));
        screen.line(&graph::summary(&graph));
    }
}

/// Says how a run ended, on standard output, and on standard error what went wrong; `file` is the plan's.
fn tell(run: &RunId, outcome: &Outcome, file: Option<&Path>, screen: &Screen) {
    let bad = |text: String| screen.complain(&screen.tone(Tone::Bad, &text));
    match outcome {
        Outcome::Done(reply) => {
            screen.line(&screen.tone(Tone::Strong, &format!("Answer ({})", reply.label())));
            safe(reply.text()).lines().for_each(|line| screen.line(&format!("  {line}")));
        }
        Outcome::Blocked(findings) => {
            for f in findings {
                bad(format!("blocked: {} ({}, bytes {} to {})", f.reason, f.rule, f.start, f.end));
            }
        }
        Outcome::Faulty(errors) => bad(safe(&match file {
            Some(file) => errors.in_file(&file.display().to_string()),
            None => errors.to_string(),
        })),
        Outcome::Refused(reasons) => {
            for reason in reasons {
                bad(format!("refused by {}: {}", reason.policy, safe(&reason.text)));
            }
        }
        Outcome::Waiting { id, .. } => {
            screen.complain(&format!(
                "question {id} waits for a person; answer it with: sentinel run --resume {run}"
            ));
        }
        Outcome::Expired(_) => {
            bad("nobody answered in time: neither yes nor no; start the run again".to_owned())
        }
        Outcome::Stopped => bad("stopped".to_owned()),
        Outcome::Failed(failure) => {
            bad(safe(&failure.fault.to_string()));
            if !failure.detail.is_empty() {
                screen.complain(&format!("  {}", safe(&failure.detail)));
            }
        }
        Outcome::HeldBack(readers) => {
            bad(format!("the reply was held back: only {readers} may read all of it"))
        }
    }
}

/// The exit code of an outcome.
pub fn exit_of(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Done(_) => Exit::Done,
        Outcome::Waiting { .. } => Exit::Waiting,
        Outcome::Faulty(_) => Exit::Usage,
        Outcome::Failed(_)
        | Outcome::Blocked(_)
        | Outcome::Refused(_)
        | Outcome::Expired(_)
        | Outcome::Stopped
        | Outcome::HeldBack(_) => Exit::Refusal,
    }
}
