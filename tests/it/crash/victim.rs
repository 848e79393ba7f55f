//! The process that runs the plan, and dies where it is told to.

use super::{Orders, Point, Speaks, run};
use crate::easy::Easy;
use sentinel::approval::{Desk, Nobody, Voice, Vote};
use sentinel::egress::clock::FixedClock;
use sentinel::egress::workspace::Workspace;
use sentinel::flow::{self, Outcome, Past, Ports};
use sentinel::kernel::catalogue::*;
use sentinel::kernel::gate::question::{Question, Shown};
use sentinel::kernel::gate::screened::{Request, Screened};
use sentinel::kernel::id::{Digest, RunId};
use sentinel::kernel::label::{Capacity, Integrity, Label};
use sentinel::kernel::port::*;
use sentinel::kernel::principal::Principal;
use sentinel::kernel::record::{Entry, RecordedArg, Seq};
use sentinel::kernel::run::Limits;
use sentinel::session::Conversation;
use sentinel::store::Store;
use sentinel::tool::{Runner, RunnerLimits, builtin};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU32, Ordering};

const PLAN: &str = r#"
mkdir(path="out")
for i in range(6):
    file_write(path=f"out/{i}.txt", content=f"part {i}")
    append(path="out/log.txt", line=f"wrote {i}")
first = file_read(path="out/0.txt")
last = file_read(path="out/5.txt")
entries = list_dir(path="out")
file_write(path="out/sum.txt", content=f"{first}, {last}: {len(entries)}")
size = ask("How long is it?", data=last, type=int)
keep = confirm("Keep it?")
append(path="out/log.txt", line=f"done {size} {keep}")
answer(f"{first}, {last}: {len(entries)} {size} {keep}")
"#;

fn die() -> ! {
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
    unreachable!("nobody survives this signal")
}

/// One line, in one write, at the end of a file.
fn note(path: &Path, line: &str) {
    #[expect(clippy::disallowed_methods, reason = "what the test observes is written beside the workspace")]
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// The ports, and where among them the process dies.
struct Victim {
    orders: Orders,
    store: Store,
    runner: Runner,
    records: AtomicU32,
    notes: AtomicU32,
}

impl Victim {
    fn path(&self, name: &str) -> PathBuf {
        self.orders.dir.join(name)
    }

    fn dies_at(&self, point: Point) {
        if self.orders.dies == point {
            die();
        }
    }

    fn acknowledged(&self, entry: &Entry, seq: Seq) -> Seq {
        note(&self.path("acknowledged.log"), &format!("{} {}", seq.0, entry.name()));
        self.dies_at(Point::Record(self.records.fetch_add(1, Ordering::Relaxed) + 1));
        seq
    }
}

impl Journal for Victim {
    fn record(&self, run: &RunId, entry: &Entry) -> Result<Seq, JournalFailure> {
        let seq = Journal::record(&self.store, run, entry)?;
        Ok(self.acknowledged(entry, seq))
    }

    fn record_approved(&self, run: &RunId, entry: &Entry, question: Digest) -> Result<Seq, JournalFailure> {
        let seq = Journal::record_approved(&self.store, run, entry, question)?;
        Ok(self.acknowledged(entry, seq))
    }
}

impl FileLabels for Victim {
    fn written_label(&self, file: &FileFact) -> Result<Option<Label>, JournalFailure> {
        self.store.written_label(file)
    }

    fn note_written(&self, run: &RunId, file: &FileFact, label: &Label) -> Result<(), JournalFailure> {
        self.store.note_written(run, file, label)?;
        self.dies_at(Point::Noted(self.notes.fetch_add(1, Ordering::Relaxed) + 1));
        Ok(())
    }
}

impl Tools for Victim {
    fn invoke(&self, call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        self.dies_at(Point::Before(call.call.0));
        let output = match call.tool.as_ref() {
            "append" => {
                let path = self.path("workspace").join(call.args["path"].as_str().unwrap());
                note(&path, call.args["line"].as_str().unwrap());
                Ok(ToolOutput { value: json!(null), file: None })
            }
            _ => self.runner.invoke(call),
        };
        note(&self.path("effects.log"), &call.call.0.to_string());
        self.dies_at(Point::After(call.call.0));
        output
    }
}

impl Worker for Victim {
    fn name(&self) -> Arc<str> {
        Arc::from("counter")
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        Ok(WorkerReply::Answer(json!(ask.data.len())))
    }
}

impl Planner for Victim {
    fn draft(&self, _: &Screened<Request>, _: &Catalogue, _: &[Tried]) -> Result<Draft, PlannerFailure> {
        Ok(Draft::written(PLAN, false))
    }
}

/// Asks about everything that is not harmless to repeat, so that approvals are among what must survive.
impl Policy for Victim {
    fn version(&self) -> Digest {
        Digest::of(b"ask for appends")
    }

    fn judge_call(&self, facts: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        let reasons = vec![Reason { policy: "touchy".to_owned(), text: "it adds to a file".to_owned() }];
        Ok(if facts.tool.idempotent { Verdict::Allow(Vec::new()) } else { Verdict::Ask(reasons) })
    }

    fn judge_plan(&self, _: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        Ok((Treatment::Note, Vec::new()))
    }
}

impl Voice for Speaks {
    fn decide(&self, _: &str, question: &Question) -> Vote {
        let unknown = question.reasons.iter().any(|r| r.policy == "unknown-outcome");
        match self {
            Speaks::Nothing if unknown => Vote::Silence,
            Speaks::No if unknown => Vote::Deny { reason: None },
            _ => Vote::Approve { reason: None },
        }
    }
}

/// The person, who edits one line of the log before it is written.
struct Editor<'v> {
    victim: &'v Victim,
    desk: Desk<'v>,
    waits: Desk<'v>,
}

impl People for Editor<'_> {
    fn ask(&self, question: &Question) -> Result<Said, PeopleFailure> {
        let wrote_3 = |arg: &RecordedArg| arg.value == json!("wrote 3");
        let edits = matches!(&question.shown, Shown::Call { args, .. } if args.iter().any(wrote_3));
        if !edits {
            return self.desk.ask(question);
        }
        let id = match self.waits.ask(question)? {
            Said::Waiting(id) => id,
            found => return Ok(found),
        };
        let args = serde_json::Map::from_iter([("line".to_owned(), json!("wrote three, said the person"))]);
        let by = Principal::new("user");
        self.victim.store.edit(&id, &question.digest, args, &by, None, 1_000).unwrap();
        self.victim.dies_at(Point::Edited);
        self.waits.ask(question)
    }
}

fn append() -> Tool {
    let param = |name: &str, role| Param {
        name: Arc::from(name),
        ty: Type::Str,
        required: true,
        doc: Arc::from(""),
        critical: false,
        role,
    };
    Tool {
        name: Arc::from("append"),
        doc: Arc::from("Adds a line to a file."),
        params: vec![param("path", Role::Path), param("line", Role::Data)],
        returns: Type::None,
        effect: Effect::Write,
        effect_with: Vec::new(),
        output: Grant { integrity: Integrity::Trusted, capacity: Capacity::Nothing, public: false },
        fields: Vec::new(),
        origin: Origin::Tool,
        idempotent: false,
    }
}

/// Starts the run, or goes on with it when the journal knows it, and writes down how it came out.
pub(super) fn obey(orders: &Orders) {
    let workspace = orders.dir.join("workspace");
    #[expect(clippy::disallowed_methods, reason = "the test makes its own workspace")]
    std::fs::create_dir_all(&workspace).unwrap();
    let clock: sentinel::store::Clock = Arc::new(|| 1_000);
    let still = Arc::new(FixedClock("2026-01-02T03:04:05Z".parse().unwrap()));
    let victim = Victim {
        store: Store::open(&orders.dir.join("data"), clock.clone()).unwrap(),
        runner: Runner::new(Workspace::open(&workspace).unwrap(), still, RunnerLimits::default()),
        orders: orders.clone(),
        records: AtomicU32::new(0),
        notes: AtomicU32::new(0),
    };
    let past = match victim.store.records(&run()).unwrap().is_empty() {
        true => Past::none(),
        false => {
            let (calls, edits) = (victim.store.calls(&run()).unwrap(), victim.store.edits(&run()).unwrap());
            Past::from_store(&calls, &edits).unwrap()
        }
    };
    let user = || Principal::new("user");
    let people = Editor {
        victim: &victim,
        desk: Desk::new(&victim.store, &victim.orders.voice, user(), clock.clone(), 300),
        waits: Desk::new(&victim.store, &Nobody, user(), clock, 300),
    };
    let catalogue = Arc::new(Catalogue::new(builtin::tools().into_iter().chain([append()])));
    let ports = Ports {
        planner: &victim,
        scanners: &Easy,
        policy: &victim,
        people: &people,
        tools: &victim,
        worker: &victim,
        onlooker: None,
        journal: &victim,
        files: &victim,
        conversation: &Conversation::begins(0),
        catalogue: &catalogue,
        limits: Limits::default(),
        mode: ApprovalMode::Smart,
        stop: &AtomicBool::new(false),
    };
    let request = Request {
        run: run(),
        principal: Principal::new("user"),
        reply_to: Principal::new("user"),
        channel: Arc::from("test"),
        trust_level: 3,
        text: "write it all down".to_owned(),
    };
    let outcome = match flow::run(&ports, request, &past).unwrap() {
        Outcome::Done(reply) => format!("done: {}", reply.text()),
        Outcome::Waiting { question, .. } => format!("waiting: {}", question.reasons[0].policy),
        Outcome::Refused(reasons) => format!("refused: {}", reasons[0].policy),
        other => format!("{other:?}"),
    };
    #[expect(clippy::disallowed_methods, reason = "the parent process reads how it came out")]
    std::fs::write(victim.path("outcome"), outcome).unwrap();
}
