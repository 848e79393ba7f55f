//! The composition root: the only file that names concrete types side by side.

mod arenas;
mod doctor;
mod pin;
mod reload;
mod serve;
mod telemetry;

use crate::cli::bench::{BenchCommand, Figure};
use crate::cli::demo::{DemoArgs, example};
use crate::cli::eval::EvalCommand;
use crate::cli::pin::PinCommand;
use crate::cli::plan::PlanCommand;
use crate::cli::policy::PolicyCommand;
use crate::cli::run::RunArgs;
use crate::cli::screen::Screen;
use crate::cli::{self, Cli, Command, Exit, House};
use crate::config::{self, Settings, WorkerKind, WorkerSettings};
use crate::egress::clock::{Clock, SystemClock};
use crate::egress::file;
use crate::egress::workspace::{Workspace, WorkspacePath};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::port::{Worker, WorkerFailure};
use crate::planner::playbook::Playbook;
use crate::policy::{self, Engine};
use crate::scan::Active;
use crate::store::{self, Store};
use crate::tool::{Runner, RunnerLimits, builtin};
use crate::worker::{Embedded, EmbeddedConfig, Ollama, OllamaConfig, OnDemand, Scripted, embedded};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Longest plan, table or answers file that the command line reads.
const MAX_INPUT_BYTES: u64 = 8 << 20;

/// Something that keeps a command from starting: what, where and what to do.
struct Stop(Exit, String);

/// Runs the program.
pub fn main() -> ExitCode {
    let exit = match cli::parse().map(|cli| command(&cli)) {
        Ok(Ok(exit)) | Err(exit) => exit,
        Ok(Err(Stop(exit, message))) => {
            Screen::stdout().complain(&format!("sentinel: {message}"));
            exit
        }
    };
    match Screen::unwritten() {
        None => exit.into(),
        Some(error) => {
            let what = "standard output cannot be written, so what was printed is not whole";
            Screen::stdout().complain(&format!("sentinel: {what}: {error}; make room or print elsewhere"));
            Exit::Failure.into()
        }
    }
}

fn command(cli: &Cli) -> Result<Exit, Stop> {
    if let Command::WorkerChild = cli.command {
        let code = embedded::child::main();
        return if code == ExitCode::SUCCESS { Ok(Exit::Done) } else { Ok(Exit::Failure) };
    }
    if let Command::Serve(args) = &cli.command
        && args.print_config
    {
        let (file, must_exist) = settings_file(cli);
        let rows = config::explain(&file, must_exist).map_err(|e| Stop(Exit::Usage, e.to_string()))?;
        return Ok(cli::serve::print_config(&rows));
    }
    match &cli.command {
        Command::Scan(args) => return Ok(cli::scan::execute(args)),
        Command::Eval(EvalCommand::Scan(args)) => return Ok(cli::eval::scan(args)),
        _ => {}
    }
    let settings = settings(cli)?;
    match &cli.command {
        Command::Serve(_) => {
            serve::serve(&settings, settings_file(cli), |text| Screen::stdout().complain(text))
        }
        Command::Run(args) => run(args, &settings),
        Command::Demo(args) => demo(args, &settings),
        Command::Plan(PlanCommand::Stubs) => Ok(cli::plan::stubs(&catalogue())),
        Command::Plan(PlanCommand::Check { file, json }) => {
            let (catalogue, text) = (catalogue(), input(file)?);
            let engine = engine(&settings, &catalogue)?;
            Ok(cli::plan::check(file, &text, *json, settings.approval.trust_level, &catalogue, &engine))
        }
        Command::Policy(PolicyCommand::Check) => Ok(cli::policy::check(&engine(&settings, &catalogue())?)),
        Command::Policy(PolicyCommand::Test { files }) => {
            let tables: Vec<(String, String)> = files
                .iter()
                .map(|f| Ok((f.display().to_string(), input(f)?)))
                .collect::<Result<_, Stop>>()?;
            Ok(cli::policy::test(&engine(&settings, &catalogue())?, &tables))
        }
        Command::Eval(EvalCommand::Adversary { dir, json }) => {
            Ok(cli::eval::adversary(dir, *json, &engine(&settings, &catalogue())?))
        }
        Command::Bench(command) => bench(command, &settings),
        Command::Doctor(args) => doctor::doctor(*args, &settings),
        Command::Pin(PinCommand::Set) => pin::set(&settings),
        // Above: they need no settings.
        Command::WorkerChild | Command::Scan(_) | Command::Eval(EvalCommand::Scan(_)) => Ok(Exit::Done),
    }
}

fn settings_file(cli: &Cli) -> (PathBuf, bool) {
    cli.config.as_ref().map_or_else(|| (PathBuf::from("sentinel.toml"), false), |file| (file.clone(), true))
}

fn settings(cli: &Cli) -> Result<Settings, Stop> {
    let (file, must_exist) = settings_file(cli);
    let (settings, notes) = config::load(&file, must_exist).map_err(|e| Stop(Exit::Usage, e.to_string()))?;
    notes.iter().for_each(|note| Screen::stdout().complain(&format!("sentinel: {note}")));
    Ok(settings)
}

fn input(path: &Path) -> Result<String, Stop> {
    file::read_text(path, MAX_INPUT_BYTES).map_err(|e| Stop(Exit::Usage, e.to_string()))
}

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::new(builtin::tools()))
}

fn engine(settings: &Settings, catalogue: &Catalogue) -> Result<Engine, Stop> {
    policy::load(&settings.places.policies, catalogue).map_err(|e| Stop(Exit::Usage, e.to_string()))
}

/// The policies with this installation's key, for `finding:hash`.
fn keyed(engine: Engine, store: &Store) -> Result<Engine, Stop> {
    let key = store.redaction_key().map_err(|e| Stop(Exit::Failure, e.to_string()))?;
    Ok(engine.keyed(Some(key)))
}

fn unix_millis() -> store::Clock {
    Arc::new(|| SystemClock.now().as_millisecond())
}

fn open_store(dir: &Path) -> Result<Store, Stop> {
    Store::open(dir, unix_millis()).map_err(|e| Stop(Exit::Failure, e.to_string()))
}

/// The tools, over the workspace. One that is not there yet is made, which `say` is told.
fn runner(workspace: &Path, settings: &Settings, say: &dyn Fn(&str)) -> Result<Runner, Stop> {
    let failed = |e: &dyn std::fmt::Display| Stop(Exit::Failure, e.to_string());
    if !workspace.exists() {
        Workspace::make(workspace).map_err(|e| failed(&e))?;
        let place = workspace.display();
        say(&format!("made an empty workspace {place}: the only folder that plans can read and write"));
    }
    let workspace = Workspace::open(workspace).map_err(|e| failed(&e))?;
    let limits = RunnerLimits { max_file_bytes: settings.limits.value_bytes };
    Ok(Runner::new(workspace, Arc::new(SystemClock), limits))
}

fn run(args: &RunArgs, settings: &Settings) -> Result<Exit, Stop> {
    let catalogue = catalogue();
    let engine = engine(settings, &catalogue)?;
    let plan = args.plan.as_deref().map(input).transpose()?;
    let worker = worker(args.worker.as_deref(), settings)?;
    let tools = runner(&settings.places.workspace, settings, &|text| {
        Screen::stdout().complain(&format!("sentinel: {text}"));
    })?;
    let store = open_store(&settings.places.data)?;
    let engine = keyed(engine, &store)?;
    let house = House {
        settings,
        store: &store,
        policy: &engine,
        scanners: &Active::new(),
        tools: &tools,
        worker: worker.as_ref(),
        catalogue: &catalogue,
        clock: unix_millis(),
    };
    Ok(cli::run::execute(args, &house, plan.as_deref(), &uuid::Uuid::now_v7().to_string()))
}

fn worker(named: Option<&str>, settings: &Settings) -> Result<Box<dyn Worker>, Stop> {
    let kind = match named {
        None => settings.worker.kind,
        Some("embedded") => WorkerKind::Embedded,
        Some("ollama") => WorkerKind::Ollama,
        Some(other) => {
            let Some(path) = other.strip_prefix("scripted:") else {
                let message = format!("unknown worker `{other}`: use embedded, ollama or scripted:FILE");
                return Err(Stop(Exit::Usage, message));
            };
            let text = input(Path::new(path))?;
            let scripted =
                Scripted::from_json(&text).map_err(|e| Stop(Exit::Usage, format!("{path}: {e}")))?;
            return Ok(Box::new(scripted));
        }
    };
    let (settings, seen) = (settings.worker.clone(), settings.worker.clone());
    Ok(Box::new(match kind {
        WorkerKind::Embedded => {
            let is_there = move || model(&seen).is_ok_and(|(model, _)| model.is_file());
            OnDemand::new("embedded", is_there, move || {
                let config = embedded_config(&settings)?;
                Ok(Box::new(Embedded::start(config)?) as Box<dyn Worker>)
            })
        }
        // Whether a server would answer only asking it tells.
        WorkerKind::Ollama => OnDemand::new(
            "ollama",
            || true,
            move || {
                let config = OllamaConfig {
                    timeout: settings.timeout,
                    ..OllamaConfig::new(settings.ollama_url.clone(), settings.ollama_model.clone())
                };
                Ok(Box::new(Ollama::new(config)?) as Box<dyn Worker>)
            },
        ),
    }))
}

/// The file of the embedded worker's model, there or not, and this program's own.
fn model(settings: &WorkerSettings) -> Result<(PathBuf, PathBuf), WorkerFailure> {
    let unavailable = |e: std::io::Error| WorkerFailure::Unavailable(format!("this program's own path: {e}"));
    let exe = std::env::current_exe().map_err(unavailable)?;
    let here = std::env::current_dir().map_err(unavailable)?;
    Ok((embedded::locate(settings.model_path.as_deref(), &here, &exe), exe))
}

fn embedded_config(settings: &WorkerSettings) -> Result<EmbeddedConfig, WorkerFailure> {
    let (model, exe) = model(settings)?;
    if !embedded::is_pinned(&model) {
        let name = model.display();
        Screen::stdout().complain(&format!(
            "sentinel: nothing says what bytes {name} should have: they are not verified"
        ));
    }
    Ok(EmbeddedConfig { model, threads: settings.threads, timeout: settings.timeout, exe })
}

fn demo(args: &DemoArgs, settings: &Settings) -> Result<Exit, Stop> {
    let failed = |e: &dyn std::fmt::Display| Stop(Exit::Failure, e.to_string());
    let catalogue = catalogue();
    let sources =
        example::POLICIES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let engine = Engine::new(sources, &catalogue).map_err(|e| failed(&e))?;
    let playbook = Playbook::parse("invoices", example::PLAYBOOK, Some(example::PLAYBOOK_HEADER));
    let playbook = playbook.map_err(|e| failed(&e))?;
    let config = embedded_config(&settings.worker);
    let worker = config.and_then(Embedded::start).map_err(|e| failed(&e))?;
    let ready = worker.readiness();
    let refused = ready.probes.iter().filter(|p| p.refused()).count();
    let confinement = format!(
        "a child process, confined before it saw a document: {refused} of {} attempts to get out were refused",
        ready.probes.len()
    );
    let root = tempfile::tempdir().map_err(|e| failed(&e))?;
    let stage = |name: &str, worker: &dyn Worker, visit: &mut dyn FnMut(&House<'_>, &Path)| {
        let place = root.path().join(name);
        let set = || -> Result<(Store, Runner, PathBuf), Stop> {
            let workspace = lay_out(&place)?;
            Ok((open_store(&place.join("data"))?, runner(&workspace, settings, &|_| {})?, workspace))
        };
        let (store, tools, workspace) = set().map_err(|Stop(_, message)| message)?;
        let house = House {
            settings,
            store: &store,
            policy: &engine,
            scanners: &Active::new(),
            tools: &tools,
            worker,
            catalogue: &catalogue,
            clock: unix_millis(),
        };
        visit(&house, &workspace);
        Ok(())
    };
    Ok(cli::demo::execute(args, &playbook, &worker, &confinement, &stage))
}

/// A fresh copy of the example: `PLACE/home/user/work` is the workspace, so that there is an outside to write to.
fn lay_out(place: &Path) -> Result<PathBuf, Stop> {
    let failed = |e: &dyn std::fmt::Display| Stop(Exit::Failure, e.to_string());
    let base = place.parent().unwrap_or(place);
    let path = |text: &str| WorkspacePath::parse(text).map_err(|e| failed(&e));
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let work = format!("{name}/home/user/work");
    let folder = Workspace::open(base).map_err(|e| failed(&e))?;
    folder.make_dir(&path(&format!("{work}/inbox"))?).map_err(|e| failed(&e))?;
    for (file, text) in example::INBOX {
        folder.write(&path(&format!("{work}/{file}"))?, text.as_bytes()).map_err(|e| failed(&e))?;
    }
    Ok(base.join(work))
}

fn bench(command: &BenchCommand, settings: &Settings) -> Result<Exit, Stop> {
    let failed = |e: &dyn std::fmt::Display| Stop(Exit::Failure, e.to_string());
    match command {
        BenchCommand::Task { json } => {
            let dir = tempfile::tempdir().map_err(|e| failed(&e))?;
            let store = open_store(dir.path())?;
            let figures = cli::bench::task(&store, &engine(settings, &cli::bench::catalogue())?);
            Ok(cli::bench::print("task", &figures.map_err(|e| failed(&e))?, *json))
        }
        BenchCommand::Policy { json } => {
            let shipped = engine(settings, &catalogue())?;
            let mut sources = shipped.sources().to_vec();
            sources.push(policy::bench_sources(50usize.saturating_sub(shipped.policies().len())));
            let engine = Engine::new(sources, &catalogue()).map_err(|e| failed(&e))?;
            let mut samples = policy::bench_decision(&engine, 20_000).map_err(|e| failed(&e))?;
            let mut commands = policy::bench_commands(20_000);
            let figures = [
                Figure::new("decision_p50", cli::bench::percentile(&mut samples, 0.5), "us"),
                Figure::new("decision_p99", cli::bench::percentile(&mut samples, 0.99), "us"),
                Figure::new("command_p50", cli::bench::percentile(&mut commands, 0.5), "us"),
                Figure::new("command_p99", cli::bench::percentile(&mut commands, 0.99), "us"),
                Figure::new("policies", engine.policies().len() as f64, "policies"),
            ];
            Ok(cli::bench::print("policy", &figures, *json))
        }
        BenchCommand::Scan { json } => {
            Ok(cli::bench::print("scan", &cli::bench::scan().map_err(|e| failed(&e))?, *json))
        }
        BenchCommand::Worker { json } => {
            let config = embedded_config(&settings.worker);
            let found = config.and_then(crate::worker::bench::run).map_err(|e| failed(&e))?;
            let figures = [
                Figure::new("ready", found.load_seconds, "s"),
                Figure::new("ask_mean", found.seconds_per_ask, "s"),
                Figure::new("ask_first_on_document", found.seconds_first_ask, "s"),
                Figure::new("ask_next_on_document", found.seconds_next_ask, "s"),
                Figure::new("resident", found.resident_mb.unwrap_or(0) as f64, "MB"),
            ];
            Ok(cli::bench::print("worker", &figures, *json))
        }
    }
}
