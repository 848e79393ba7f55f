//! `sentinel bench`: the figures of README's performance table, as text or stable JSON.

mod scan;

pub use scan::scan;

use super::screen::Screen;
use super::{Exit, local_user};
use crate::egress::clock::{Clock, SystemClock};
use crate::egress::file;
use crate::flow::{self, Outcome, Past, Ports};
use crate::kernel::catalogue::{Catalogue, Effect, Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::gate::question::Question;
use crate::kernel::gate::screened::Request;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::label::{Capacity, Integrity, Label};
use crate::kernel::port::{
    ApprovalMode, Ask, FileFact, FileLabels, Invocation, Journal, JournalFailure, People, PeopleFailure,
    Policy, Said, ToolFailure, ToolOutput, Tools, Worker, WorkerFailure, WorkerReply,
};
use crate::kernel::record::{Entry, Seq};
use crate::kernel::run::Limits;
use crate::planner::written::Written;
use crate::scan::Active;
use crate::session::Conversation;
use crate::store::Store;
use clap::Subcommand;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Measures speed. Build with `--release`, on a machine that does nothing else.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// A plan of 50 calls of no-op tools: policy, durable journal and interpreter included
    #[command(after_help = "Example: sentinel bench task --json")]
    Task {
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// One decision with 50 policies loaded, and one shell command read
    #[command(after_help = "Example: sentinel bench policy")]
    Policy {
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// All scanners over texts of 4 KB, plain prose, and what their rules take to be there
    #[command(
        after_help = "The texts are made up in code, in equal parts: prose, other languages, mail, READMEs, code, logs, JSON and shell
help. `plain_prose_without_model` leaves out the injection model, not its rules. `first_use` has the compiling of all
rules in it, and `resident_of_rules` is what they take.

Example: sentinel bench scan --json"
    )]
    Scan {
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// The embedded worker: load time, memory, seconds an ask
    #[command(after_help = "Example: sentinel bench worker")]
    Worker {
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub name: Cow<'static, str>,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
}

impl Figure {
    /// A figure.
    pub fn new(name: impl Into<Cow<'static, str>>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit }
    }
}

/// The duration below which the given share (0 to 1) of the samples lie, in microseconds.
pub fn percentile(samples: &mut [Duration], share: f64) -> f64 {
    samples.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into a few thousand samples"
    )]
    let at = ((samples.len().saturating_sub(1)) as f64 * share).round() as usize;
    samples.get(at).map_or(0.0, |d| d.as_secs_f64() * 1e6)
}

/// Prints figures.
pub fn print(name: &str, figures: &[Figure], as_json: bool) -> Exit {
    let screen = Screen::stdout();
    if as_json {
        let rows: Map<String, Json> =
            figures.iter().map(|f| (f.name.to_string(), json!({"value": f.value, "unit": f.unit}))).collect();
        let date = SystemClock.now().to_string();
        screen.line(&json!({"name": name, "machine": machine(), "date": date, "figures": rows}).to_string());
        return Exit::Done;
    }
    screen.line(&format!("{name} on {}", machine()));
    for f in figures {
        screen.line(&format!("  {:<44} {:>12.3} {}", f.name, f.value, f.unit));
    }
    Exit::Done
}

/// The processor's name and how many of it there are.
fn machine() -> String {
    let text = file::read_text(Path::new("/proc/cpuinfo"), 1 << 20).unwrap_or_default();
    let model = text.lines().find_map(|l| l.strip_prefix("model name")).and_then(|l| l.split(':').nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores", model.unwrap_or("unknown processor").trim())
}

/// This process's resident memory in megabytes; 0 where the system does not tell.
pub fn resident_mb() -> f64 {
    let text = file::read_text(Path::new("/proc/self/status"), 1 << 16).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or("");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

/// How many calls the measured plan makes.
const CALLS: u32 = 50;
/// How often it is run.
const ROUNDS: u32 = 20;

/// Tools that do nothing: only what is around a call is measured.
struct Nothing;

impl Tools for Nothing {
    fn invoke(&self, _call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        Ok(ToolOutput { value: Json::String("done".to_owned()), file: None })
    }
}

/// A journal that forgets, to see what everything else costs.
struct Forgetful;

impl Journal for Forgetful {
    fn record(&self, _run: &RunId, _entry: &Entry) -> Result<Seq, JournalFailure> {
        Ok(Seq(1))
    }

    fn record_approved(
        &self,
        _run: &RunId,
        _entry: &Entry,
        _question: Digest,
    ) -> Result<Seq, JournalFailure> {
        Ok(Seq(1))
    }
}

impl FileLabels for Forgetful {
    fn written_label(&self, _file: &FileFact) -> Result<Option<Label>, JournalFailure> {
        Ok(None)
    }

    fn note_written(&self, _run: &RunId, _file: &FileFact, _label: &Label) -> Result<(), JournalFailure> {
        Ok(())
    }
}

struct NoWorker;

impl Worker for NoWorker {
    fn name(&self) -> Arc<str> {
        Arc::from("none")
    }

    fn answer(&self, _ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        Err(WorkerFailure::Unavailable("the bench asks nothing".to_owned()))
    }
}

struct NoPeople;

impl People for NoPeople {
    fn ask(&self, _question: &Question) -> Result<Said, PeopleFailure> {
        Ok(Said::Stop)
    }
}

/// The catalogue of the measured plan: one tool that writes a note.
pub fn catalogue() -> Arc<Catalogue> {
    let param = |name: &str| Param {
        name: Arc::from(name),
        ty: Type::Str,
        required: true,
        doc: Arc::from(""),
        critical: false,
        role: Role::Data,
    };
    Arc::new(Catalogue::new([Tool {
        name: Arc::from("note"),
        doc: Arc::from("Does nothing."),
        params: vec![param("text"), param("more")],
        returns: Type::Str,
        effect: Effect::Write,
        effect_with: Vec::new(),
        output: Grant { integrity: Integrity::Trusted, capacity: Capacity::Nothing, public: false },
        fields: Vec::new(),
        origin: Origin::Tool,
        idempotent: true,
    }]))
}

/// A plan of 50 calls, each with a little work on values around it.
fn plan() -> String {
    format!(
        "seen = []\nfor i in range({CALLS}):\n    text = f\"note {{i:03d}} of {CALLS}\"\n    \
         seen.append(note(text=text, more=text.upper()))\nanswer(len([s for s in seen if s]))\n"
    )
}

/// Runs the plan on the store, and without one.
///
/// # Errors
/// When a run does not come to its end.
pub fn task(store: &Store, engine: &dyn Policy) -> Result<Vec<Figure>, String> {
    let mut durable = rounds(store, store, engine, "durable")?;
    let mut bare = rounds(&Forgetful, &Forgetful, engine, "bare")?;
    Ok(vec![
        Figure::new("call_p50_durable", percentile(&mut durable, 0.5) / 1_000.0, "ms"),
        Figure::new("call_p95_durable", percentile(&mut durable, 0.95) / 1_000.0, "ms"),
        Figure::new("call_p50_interpreter_and_policy", percentile(&mut bare, 0.5), "us"),
        Figure::new("resident_without_model", resident_mb(), "MB"),
    ])
}

/// The time of a call in each round.
fn rounds(
    journal: &dyn Journal,
    files: &dyn FileLabels,
    engine: &dyn Policy,
    name: &str,
) -> Result<Vec<Duration>, String> {
    let catalogue = catalogue();
    let planner = Written::new(plan(), true);
    let ports = Ports {
        planner: &planner,
        scanners: &Active::new(),
        policy: engine,
        people: &NoPeople,
        tools: &Nothing,
        worker: &NoWorker,
        onlooker: None,
        journal,
        files,
        conversation: &Conversation::begins(0),
        catalogue: &catalogue,
        limits: Limits::default(),
        mode: ApprovalMode::Smart,
        stop: &AtomicBool::new(false),
    };
    let mut samples = Vec::new();
    for round in 0..ROUNDS {
        let request = Request {
            run: RunId::new(format!("bench-{name}-{round}")),
            principal: local_user(),
            reply_to: local_user(),
            channel: Arc::from("bench"),
            trust_level: 0,
            text: "measure".to_owned(),
        };
        let start = Instant::now();
        let outcome = flow::run(&ports, request, &Past::none()).map_err(|e| e.to_string())?;
        samples.push(start.elapsed() / CALLS);
        if !matches!(outcome, Outcome::Done(_)) {
            return Err(format!("the measured plan did not come to its end: {outcome:?}"));
        }
    }
    Ok(samples)
}
