//! `sentinel doctor`: which attempts belong to this configuration, and the parts that they are made on.

use super::serve::planners;
use super::{Stop, catalogue, embedded_config, unix_millis, worker};
use crate::cli::Exit;
use crate::cli::doctor::{self as command, DoctorArgs};
use crate::config::secret;
use crate::config::{PlannerKind, Settings, WorkerKind};
use crate::doctor::{
    Control, DATA, Gap, Scratch, Tried, egress, gates, journal, live, log, machine, private, workspace,
};
use crate::egress::clock::{Clock as _, SystemClock};
use crate::egress::standing;
use crate::egress::workspace::Workspace;
use crate::flow::controller::{Controller, NoPlanner, Parts};
use crate::http::{Notice, Site};
use crate::http::{auth, certificate, doctor as house};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::port::Policy;
use crate::kernel::run::Limits;
use crate::policy::{self, Engine, InForce};
use crate::scan::Active;
use crate::store::Store;
use crate::tool::{Runner, RunnerLimits};
use crate::worker::{OllamaConfig, Scripted};
use jiff::Timestamp;
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A policy that allows nobody anything.
const NOBODY: &str = "@id(\"nobody\") permit (principal == User::\"nobody\", action, resource);";

/// Tries everything, one group after the other, and prints what was found.
pub(super) fn doctor(args: DoctorArgs, settings: &Settings) -> Result<Exit, Stop> {
    let data = &settings.places.data;
    let (data_exists, scratch) = Scratch::below(data);
    // What only looks at the data directory: one that cannot be written can still be looked at.
    let there = || if data.exists() { Ok(()) } else { Err(Gap::untried(DATA)) };
    let (catalogue, clock) = (catalogue(), unix_millis());
    let engine = policy::load(&settings.places.policies, &catalogue);
    let mut controls = policies(&engine, &catalogue);
    controls.extend([
        Control::required("scan.finds", gates::scanners_find(&Active::new())),
        Control::required(DATA, data_exists),
        Control::required("journal.durable", journal::durable(&scratch, &clock)),
        Control::required("journal.unbroken", there().and_then(|()| journal::unbroken(data))),
        Control::required("journal.lock", journal::locked(&scratch, &clock)),
        Control::required("data.private", there().and_then(|()| private::data(data))),
        Control::required("secrets.private", private::secrets(&secrets(settings))),
        Control::required("workspace.closed", workspace::closed(&settings.places.workspace, &scratch)),
    ]);
    controls.extend(workers(settings));
    controls.extend([
        Control::required("egress.refuses", egress::refuses()),
        Control::required("log.redacted", log::redacted(&scratch)),
        pin(settings),
        Control::required(
            "tls.certificate",
            there().and_then(|()| {
                certificate::inspect(data, &settings.serve, SystemClock.now().as_millisecond())
            }),
        ),
    ]);
    controls.extend(guards(settings, &scratch, engine.as_ref().ok(), &catalogue));
    controls.extend([
        Control::required(
            "machine.clock",
            built().and_then(|built| machine::clock(SystemClock.now(), built, journal::newest_moment(data))),
        ),
        Control::required(
            "machine.disk",
            there()
                .and_then(|()| machine::disk(&[data, &settings.serve.log_dir, &settings.places.workspace])),
        ),
    ]);
    if args.live {
        controls.extend(live_ones(settings, engine.as_ref().ok()));
    }
    Ok(command::report(args, &controls))
}

fn policies(engine: &Result<Engine, policy::PolicyErrors>, catalogue: &Arc<Catalogue>) -> Vec<Control> {
    let loaded = engine.as_ref().map_err(|faults| {
        let first = faults.to_string().lines().next().unwrap_or_default().to_owned();
        Gap::new(
            format!("the policies do not load: {first}"),
            "run `sentinel policy check` and mend what it says",
        )
    });
    let failing = loaded.clone().and_then(|engine| {
        let planted = [("doctor.cedar".to_owned(), gates::FAILING_RULE.to_owned())];
        let sources = engine.sources().iter().cloned().chain(planted).collect();
        Engine::new(sources, catalogue)
            .map_err(|e| Gap::new(format!("a failing rule cannot be planted: {e}"), "report this"))
    });
    vec![
        Control::required(
            "policy.denies",
            loaded.clone().and_then(|engine| gates::policy_denies(engine, catalogue)),
        ),
        Control::required(
            "policy.strangers",
            loaded.clone().and_then(|engine| gates::policy_holds_strangers(engine, catalogue)),
        ),
        Control::required(
            "policy.failure",
            failing.and_then(|engine| gates::policy_error_denies(&engine, catalogue)),
        ),
        Control::required(
            "scan.blocks",
            loaded.and_then(|engine| gates::scanners_block(&Active::new(), engine)),
        ),
    ]
}

/// The files of secrets that this configuration uses, those that are there.
fn secrets(settings: &Settings) -> Vec<PathBuf> {
    let key = match settings.planner.kind {
        PlannerKind::Claude => {
            secret_file(settings.planner.claude_api_key_file.as_deref(), secret::CLAUDE_API_KEY)
        }
        PlannerKind::Ollama | PlannerKind::Embedded | PlannerKind::None => None,
    };
    let login = &settings.serve.login;
    let pin = login.pin_required.then(|| secret_file(login.pin_file.as_deref(), secret::PIN)).flatten();
    key.into_iter().chain(pin).collect()
}

fn secret_file(named: Option<&Path>, name: &str) -> Option<PathBuf> {
    secret::locate(named, name, &secret::PLACES.map(Path::new))
}

fn workers(settings: &Settings) -> Vec<Control> {
    use crate::doctor::worker::{confined, private_address, reachable};
    let worker = &settings.worker;
    match worker.kind {
        WorkerKind::Embedded => {
            let config = embedded_config(worker);
            vec![Control::required("worker.confined", confined(config))]
        }
        WorkerKind::Ollama => vec![
            Control::required("worker.address", private_address(&worker.ollama_url)),
            Control::required(
                "worker.reachable",
                reachable(OllamaConfig::new(worker.ollama_url.clone(), worker.ollama_model.clone())),
            ),
        ],
    }
}

fn pin(settings: &Settings) -> Control {
    let login = &settings.serve.login;
    if !login.pin_required {
        let found = "no PIN is asked for (`pin_required`), and only this machine can connect (`bind`)";
        return Control::optional("pin.set", Err(Gap::new(found, "set SENTINEL_PIN_REQUIRED=true")));
    }
    let unset =
        || Gap::new("no PIN is set", "set SENTINEL_PIN_FILE, or use the code that `sentinel serve` tells");
    let read = || -> Result<SecretString, Gap> {
        if let Some(path) = secret_file(login.pin_file.as_deref(), secret::PIN) {
            let read = secret::read(&path).map_err(|e| Gap::new(e.to_string(), "write the PIN into it"))?;
            return Ok(read.value);
        }
        if !settings.places.data.exists() {
            return Err(Gap::untried(DATA));
        }
        let store = Store::open_read_only(&settings.places.data).map_err(|_| unset())?;
        let hash = store.pin_hash().map_err(|e| Gap::new(e.to_string(), "see journal.unbroken"))?;
        hash.map(SecretString::from).ok_or_else(unset)
    };
    Control::required("pin.set", read().and_then(|content| auth::withstands(&content)))
}

/// The HTTP house over a scratch store and a scratch workspace, with a clock that stands still and a PIN of its own.
fn guards(
    settings: &Settings,
    scratch: &Result<Scratch, Gap>,
    engine: Option<&Engine>,
    catalogue: &Arc<Catalogue>,
) -> Vec<Control> {
    let pin = uuid::Uuid::new_v4().to_string();
    let site = scratch.as_ref().map_err(Clone::clone).and_then(|scratch| {
        let unmade = |e: &dyn std::fmt::Display| {
            Gap::new(format!("no scratch server could be made: {e}"), "see what failed above")
        };
        let now = SystemClock.now().as_millisecond();
        let clock: crate::store::Clock = Arc::new(move || now);
        // No task is begun, so they decide nothing: where none load, one that allows nobody stands in.
        let nobody = || vec![("nobody.cedar".to_owned(), NOBODY.to_owned())];
        let sources = engine.map_or_else(nobody, |engine| engine.sources().to_vec());
        let policy = Engine::new(sources, catalogue).map_err(|e| unmade(&e))?;
        let policy = Arc::new(InForce::new(policy));
        let work = scratch.place("house");
        let store = Store::open(&work, clock.clone()).map_err(|e| unmade(&e))?;
        let workspace = Workspace::open(&work).map_err(|e| unmade(&e))?;
        let controller = Controller::new(Parts {
            store: Arc::new(store),
            policy: policy.clone(),
            scanners: Arc::new(Active::new()),
            tools: Arc::new(Runner::new(workspace, Arc::new(SystemClock), RunnerLimits::default())),
            worker: Arc::new(Scripted::new(Vec::new())),
            planners: Arc::new(NoPlanner),
            catalogue: catalogue.clone(),
            clock,
            playbooks: settings.places.playbooks(),
            limits: Limits::default(),
            mode: settings.approval.mode,
            trust_level: 0,
            ttl_seconds: settings.approval.ttl_seconds,
            patience_seconds: 0,
            max_tasks: 1,
            run_at_once: 32,
        });
        let silent: Notice = Arc::new(|_| {});
        let pin = Some(SecretString::from(pin.as_str()));
        let serve = house::settings(&settings.serve);
        Site::new(controller, policy, serve, pin, silent.clone(), &silent).map_err(|e| unmade(&e))
    });
    house::guards(site, settings.serve.login.pin_required, &pin)
}

/// When this program's file was written: no true clock is before that.
fn built() -> Result<Timestamp, Gap> {
    let unknown =
        |e: &dyn std::fmt::Display| Gap::new(format!("this program's own file: {e}"), "report this");
    let exe = std::env::current_exe().map_err(|e| unknown(&e))?;
    Ok(standing::of(&exe).map_err(|e| unknown(&e))?.changed)
}

fn live_ones(settings: &Settings, policy: Option<&Engine>) -> Vec<Control> {
    let silent: Notice = Arc::new(|_| {});
    let said = |Stop(_, message): Stop| message;
    let planner = match settings.planner.kind {
        PlannerKind::None => {
            let found = "no planner is configured: plans come with the request, or from playbooks";
            Control::optional("live.planner", Err(Gap::new(found, "set SENTINEL_PLANNER")))
        }
        _ => {
            let planner = planners(settings, &silent).map(|all| all.planner(&[])).map_err(said);
            Control::required(
                "live.planner",
                live::planner(planner, &Active::new(), policy.map(|engine| engine as &dyn Policy)),
            )
        }
    };
    let asked: Tried = match worker(None, settings) {
        Ok(worker) => live::worker(worker.as_ref()),
        Err(stop) => Err(Gap::new(said(stop), "see SENTINEL_WORKER")),
    };
    vec![planner, Control::required("live.worker", asked)]
}
