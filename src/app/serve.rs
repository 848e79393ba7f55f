//! `sentinel serve`: what the controller is made of, and how it comes and goes.

use super::reload::{PinFile, Reload, SettingsFile};
use super::{Stop, arenas, catalogue, engine, keyed, open_store, runner, telemetry, unix_millis, worker};
use crate::cli::Exit;
use crate::config::secret::{self, Secret};
use crate::config::{PlannerKind, Settings};
use crate::flow::controller::{Controller, NoPlanner, Parts, Planners};
use crate::http::{self, Notice, Site};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{Draft, Planner, PlannerFailure, Tried};
use crate::kernel::record::Entry;
use crate::kernel::run::Limits;
use crate::planner::history::Turn;
use crate::planner::{Anthropic, AnthropicConfig, History, OllamaPlanner, OllamaPlannerConfig, Remembers};
use crate::policy::InForce;
use crate::scan::Active;
use crate::store::Store;
use crate::tool::stub;
use secrecy::SecretString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// How often the controller looks for what waits for its time.
const TICK: Duration = Duration::from_secs(1);

/// Runs until a signal says otherwise.
pub(super) fn serve(
    settings: &Settings,
    file: SettingsFile,
    say: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Exit, Stop> {
    let failed = |e: &dyn std::fmt::Display| Stop(Exit::Failure, e.to_string());
    let say = Arc::new(say);
    arenas::keep_few();
    let _log = telemetry::logged(settings)?;
    let (spoken, aloud) = (say.clone(), say.clone());
    // What is a secret goes to the terminal only.
    let whisper: Notice = Arc::new(move |text: &str| aloud(text));
    let notice: Notice = Arc::new(move |text: &str| {
        tracing::info!("{text}");
        spoken(text);
    });
    let catalogue = catalogue();
    let engine = engine(settings, &catalogue)?;
    let store = Arc::new(open_store(&settings.places.data)?);
    let policy = Arc::new(InForce::new(keyed(engine, &store)?));
    let controller = controller(settings, catalogue, store, policy.clone(), &notice)?;
    let pin = if settings.serve.login.pin_required {
        read_secret(settings.serve.login.pin_file.as_deref(), secret::PIN, &notice)?
    } else {
        None
    };
    let begun_with = PinFile::new(settings, pin.clone());
    let site =
        Site::new(controller.clone(), policy.clone(), settings.serve.clone(), pin, notice.clone(), &whisper);
    let site = Arc::new(site.map_err(|e| failed(&e))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| failed(&e))?;
    let drain = settings.serve.limits.drain;
    let exit = runtime.block_on(async {
        let taken_up = controller.pick_up().map_err(|e| failed(&e))?;
        let mut signals = Signals::new().map_err(|e| failed(&e))?;
        let (go_down, told) = oneshot::channel();
        let mut go_down = Some(go_down);
        let shutdown = async move {
            let _told_or_dropped = told.await;
        };
        let serving = http::serve(site, shutdown).await.map_err(|e| failed(&e))?;
        let (folder, certificates) = (settings.places.policies.clone(), serving.certificates.clone());
        let mut reload =
            Reload::new(file, begun_with, folder, policy, certificates, notice.clone()).map_err(|e| failed(&e))?;
        notice(&format!("listening on https://{}", serving.https));
        if taken_up > 0 {
            notice(&format!("{taken_up} tasks go on from before"));
        }
        let mut finished = std::pin::pin!(serving.finished());
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                () = &mut finished => break,
                () = reload.asked() => reload.now(),
                name = signals.next() => match go_down.take() {
                    Some(go_down) => {
                        notice(&format!(
                            "{name}: no new tasks; those under way have {} s to end or to come to rest; a second signal ends at once",
                            drain.as_secs()
                        ));
                        let _gone_already = go_down.send(());
                    }
                    None => {
                        notice(&format!("{name} again: gone at once{}", left(&controller)));
                        return Ok(Exit::Done);
                    }
                },
                _ = tick.tick() => controller.tick(),
            }
        }
        notice(&format!("gone down{}", left(&controller)));
        Ok(Exit::Done)
    });
    // Work that blocks, such as a slow disk, must not hold up who is told to be gone.
    runtime.shutdown_background();
    exit
}

/// What is told of tasks that are not over, if there are any.
fn left(controller: &Controller) -> String {
    match controller.left() {
        Ok(0) => String::new(),
        Ok(1) => "; 1 task is not over and goes on at the next start".to_owned(),
        Ok(n) => format!("; {n} tasks are not over and go on at the next start"),
        Err(_) => "; tasks that are not over go on at the next start".to_owned(),
    }
}

fn controller(
    settings: &Settings,
    catalogue: Arc<Catalogue>,
    store: Arc<Store>,
    policy: Arc<InForce>,
    notice: &Notice,
) -> Result<Controller, Stop> {
    let limits = &settings.limits;
    Ok(Controller::new(Parts {
        store,
        policy,
        scanners: Arc::new(Active::new()),
        tools: Arc::new(runner(&settings.places.workspace, settings, &|text| notice(text))?),
        worker: Arc::from(worker(None, settings)?),
        planners: planners(settings, notice)?,
        catalogue,
        clock: unix_millis(),
        playbooks: settings.places.playbooks(),
        limits: Limits {
            calls: limits.calls,
            loop_turns: limits.loop_turns,
            value_bytes: usize::try_from(limits.value_bytes).unwrap_or(usize::MAX),
        },
        mode: settings.approval.mode,
        trust_level: settings.approval.trust_level,
        ttl_seconds: settings.approval.ttl_seconds,
        // A question that takes its whole time leaves some for another try.
        patience_seconds: settings.tasks.patience.max(settings.worker.timeout).as_secs(),
        max_tasks: settings.tasks.most,
        run_at_once: settings.tasks.at_once,
    }))
}

pub(super) fn planners(settings: &Settings, notice: &Notice) -> Result<Arc<dyn Planners>, Stop> {
    let usage = |e: &dyn std::fmt::Display| Stop(Exit::Usage, e.to_string());
    let planner = &settings.planner;
    Ok(match planner.kind {
        PlannerKind::None => Arc::new(NoPlanner),
        PlannerKind::Claude => {
            let key = read_secret(planner.claude_api_key_file.as_deref(), secret::CLAUDE_API_KEY, notice)?;
            let key = key.ok_or_else(|| {
                usage(&"SENTINEL_PLANNER=claude needs a key: put it into a file and name it in SENTINEL_CLAUDE_API_KEY_FILE")
            })?;
            let config = AnthropicConfig {
                timeout: planner.timeout,
                ..AnthropicConfig::new(&planner.claude_url, &planner.claude_model, key)
            };
            let anthropic = Anthropic::new(config, stub::render).map_err(|e| usage(&e))?;
            Arc::new(Model { name: planner.claude_model.clone(), planner: Arc::new(anthropic) })
        }
        PlannerKind::Ollama => {
            let worker = &settings.worker;
            let config = OllamaPlannerConfig {
                timeout: planner.timeout,
                ..OllamaPlannerConfig::new(&worker.ollama_url, &worker.ollama_model)
            };
            let ollama = OllamaPlanner::new(config, stub::render).map_err(|e| usage(&e))?;
            Arc::new(Model { name: worker.ollama_model.clone(), planner: Arc::new(ollama) })
        }
        PlannerKind::Embedded => {
            return Err(usage(&"SENTINEL_PLANNER=embedded is not there yet: use claude, ollama or none"));
        }
    })
}

fn read_secret(named: Option<&Path>, name: &str, notice: &Notice) -> Result<Option<SecretString>, Stop> {
    let places = secret::PLACES.map(Path::new);
    let Some(path) = secret::locate(named, name, &places) else { return Ok(None) };
    let Secret { value, notes } = secret::read(&path).map_err(|e| Stop(Exit::Usage, e.to_string()))?;
    notes.iter().for_each(|note| notice(note));
    Ok(Some(value))
}

/// The signals that say to go down.
struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one; its name.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
        }
    }
}

/// A model that plans, and what it may know of each conversation.
struct Model {
    name: String,
    planner: Arc<dyn Remembers>,
}

impl Planners for Model {
    fn planner(&self, earlier: &[Vec<Entry>]) -> Box<dyn Planner> {
        let turns = earlier.iter().filter_map(|entries| Turn::from_entries(entries)).collect();
        Box::new(InConversation { planner: self.planner.clone(), history: History { turns } })
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

struct InConversation {
    planner: Arc<dyn Remembers>,
    history: History,
}

impl Planner for InConversation {
    fn draft(
        &self,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        self.planner.draft_after(&self.history, request, catalogue, tried)
    }
}
