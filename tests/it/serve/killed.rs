//! 200 tasks, twenty SIGKILLs in the middle of them, and an account of every effect.

use super::{Server, client, insist};
use futures_util::future::join_all;
use sentinel::kernel::id::{CallNo, RunId};
use sentinel::kernel::record::Entry;
use sentinel::store::{CallState, QuestionState, Store};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const TASKS: usize = 200;
const KILLS: usize = 20;
const CLIENTS: usize = 4;
/// What a stranger wrote, which the plan puts into its outbox: so a person is asked.
const THEIRS: &str = "theirs\n";

/// Adds three lines to a log, reading what is there each time: a call made again that had given its result would add a
/// line twice. At last it writes a stranger's words where others act on them.
fn plan(n: usize) -> String {
    format!(
        "theirs = file_read(path=\"theirs.txt\")\nmkdir(path=\"t{n}\")\nfor i in range(3):\n    \
         had = or_none(file_read(path=\"t{n}/log\"))\n    before = \"\" if had is None else had\n    \
         file_write(path=\"t{n}/log\", content=f\"{{before}}{n}:{{i}}\\n\")\n\
         mkdir(path=\"outbox\")\nfile_write(path=\"outbox/{n}.txt\", content=f\"{{theirs}}{n}\\n\")\nanswer(\"{n}\")"
    )
}

/// What a kill interrupted.
#[derive(Debug, Default)]
struct Interrupted {
    /// Tasks that were not over.
    tasks: usize,
    /// Calls of theirs that had started and had given nothing.
    calls: usize,
}

fn interrupted(data: &Path) -> Interrupted {
    let store = Store::open_read_only(data).unwrap();
    let open = store.open_tasks().unwrap();
    let started =
        |id: &RunId| store.calls(id).unwrap().iter().filter(|c| c.state == CallState::Started).count();
    Interrupted { tasks: open.len(), calls: open.iter().map(|row| started(&row.id)).sum() }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_in_flight_survive_being_killed_again_and_again() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [("SENTINEL_PIN_REQUIRED", "false"), ("SENTINEL_TRUST_LEVEL", "1")];
    let server = Server::start(dir.path(), &settings);
    std::fs::write(dir.path().join("work/theirs.txt"), THEIRS).unwrap();
    let (port, done, kills) = (AtomicU16::new(server.port), AtomicBool::new(false), AtomicUsize::new(0));
    let decided = AtomicUsize::new(0);
    let client = client(dir.path());
    let given: Mutex<BTreeMap<String, usize>> = Mutex::default();

    let give = async |from: usize| {
        for n in (from..TASKS).step_by(CLIENTS) {
            // Spread over the kills, so that each finds work.
            while n * KILLS / TASKS > kills.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let order = json!({"request": "write it down", "plan": plan(n), "approval_mode": "full"});
            let (status, task) = insist(&client, &port, "/task", Some(&order), &format!("k{n}")).await;
            assert!(matches!(status, 200 | 202), "{status} {task}");
            given.lock().unwrap().insert(task["task_id"].as_str().unwrap().to_owned(), n);
        }
    };
    let approve = async {
        while !done.load(Ordering::SeqCst) {
            let (_, open) = insist(&client, &port, "/approvals?state=pending", None, "").await;
            let decide = async |row: &serde_json::Value| {
                let path = format!("/approve/{}", row["approval_id"].as_str().unwrap());
                let (status, said) = insist(&client, &port, &path, Some(&json!({"granted": true})), "").await;
                // Killed after the decision and before the answer: it counts, and is told so.
                assert!(matches!(status, 200 | 409), "{status} {said}");
                decided.fetch_add(1, Ordering::SeqCst);
            };
            join_all(open["approvals"].as_array().into_iter().flatten().map(decide)).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let kill = async {
        let (mut server, mut found) = (server, Vec::new());
        let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
        for n in 1..=KILLS {
            // Soon after a few decisions, when the calls that they allowed are being made: a fixed sequence of moments.
            let (before, begun) = (decided.load(Ordering::SeqCst), Instant::now());
            while decided.load(Ordering::SeqCst) < before + 4 && begun.elapsed() < Duration::from_secs(10) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            tokio::time::sleep(Duration::from_millis((chance >> 33) % 60)).await;
            drop(server);
            found.push(interrupted(&dir.path().join("data")));
            server = Server::start(dir.path(), &settings);
            port.store(server.port, Ordering::SeqCst);
            kills.store(n, Ordering::SeqCst);
        }
        (server, found)
    };
    let finish = async {
        let (.., killed) = tokio::join!(give(0), give(1), give(2), give(3), kill);
        let ids: Vec<String> = given.lock().unwrap().keys().cloned().collect();
        for id in &ids {
            let begun = Instant::now();
            loop {
                let (_, task) = insist(&client, &port, &format!("/task/{id}?wait=5"), None, "").await;
                if task["over"] == true {
                    assert_eq!(task["state"], "done", "{task}");
                    break;
                }
                assert!(begun.elapsed() < Duration::from_secs(120), "{task}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        done.store(true, Ordering::SeqCst);
        killed
    };
    let ((server, found), ()) = tokio::join!(finish, approve);
    drop(server);

    let busy = found.iter().filter(|found| found.tasks > 0).count();
    assert!(busy >= KILLS - 2, "only {busy} kills found work: {found:?}");
    assert!(found.iter().any(|found| found.calls > 0), "no kill found a call under way: {found:?}");
    account(dir.path(), &given.into_inner().unwrap());
}

/// Every task ended once, every call gave its result once, every approval was used once, and every effect is there once.
fn account(dir: &Path, given: &BTreeMap<String, usize>) {
    assert_eq!(given.len(), TASKS, "one task for each key");
    let store = Store::open_read_only(&dir.join("data")).unwrap();
    assert!(store.verify().unwrap().problems.is_empty());
    let mut used = BTreeSet::new();
    for (id, n) in given {
        let run = RunId::new(id.as_str());
        let entries: Vec<Entry> =
            store.entries(&run).unwrap().into_iter().map(|(_, _, entry)| entry).collect();
        let ends = entries.iter().filter(|entry| matches!(entry, Entry::Ended(_))).count();
        assert_eq!(ends, 1, "{id} ended {ends} times");
        assert!(matches!(entries.last(), Some(Entry::Ended(_))), "{id} went on after its end");
        let (mut returned, mut started): (BTreeSet<CallNo>, BTreeSet<CallNo>) = Default::default();
        for entry in &entries {
            match entry {
                // From here on a call that had started is one whose outcome nobody knows.
                Entry::Resumed { .. } => started.clear(),
                Entry::CallStarted { call, .. } => {
                    assert!(!returned.contains(call), "{id}: {call} made twice");
                    assert!(started.insert(*call), "{id}: {call} started twice in one process");
                }
                Entry::CallReturned { call, .. } | Entry::CallFailed { call, .. } => {
                    assert!(returned.insert(*call), "{id}: {call} returned twice")
                }
                _ => {}
            }
        }
        for question in store.questions(&run).unwrap() {
            if let Some(seq) = question.used_by_seq {
                assert_eq!(question.state, QuestionState::Approved);
                assert!(used.insert(seq), "an approval was used twice");
            }
        }
        let text = |name: String| std::fs::read_to_string(dir.join("work").join(name)).unwrap();
        assert_eq!(text(format!("t{n}/log")), format!("{n}:0\n{n}:1\n{n}:2\n"), "each line once");
        assert_eq!(text(format!("outbox/{n}.txt")), format!("{THEIRS}{n}\n"));
    }
    assert!(used.len() >= TASKS, "only {} approvals were used", used.len());
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        entries.map(|name| name.into_string().unwrap()).collect()
    };
    // The halves that killed writers left are gone too.
    let ordered: BTreeSet<String> = (0..TASKS).map(|n| format!("{n}.txt")).collect();
    assert_eq!(names(&dir.join("work/outbox")), ordered, "a file that nobody ordered");
    for n in 0..TASKS {
        assert_eq!(names(&dir.join(format!("work/t{n}"))), BTreeSet::from(["log".to_owned()]));
    }
}
