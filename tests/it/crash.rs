//! A plan of twenty calls in a process that is killed at every point where something has just become durable, or is
//! about to happen, or has just happened; then resumed in a new process. Nothing acknowledged is lost, no journaled
//! call is repeated, and a call whose outcome nobody knows is asked about unless repeating it is harmless.

use sentinel::kernel::id::{CallNo, RunId};
use sentinel::kernel::record::{CallKind, Entry, RunEnd, Seq};
use sentinel::store::{CallState, RecordedCall, Store};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

mod victim;

/// Where the child process finds what to do, as JSON.
const ENV: &str = "CRASH_TEST_CHILD";
/// The signal that cannot be caught.
const SIGKILL: i32 = 9;

/// What a child does.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Orders {
    dir: PathBuf,
    dies: Point,
    voice: Speaks,
}

/// Where a process dies. Counted from 1 within the process.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
enum Point {
    Never,
    /// After the n-th record of the process became durable.
    Record(u32),
    /// Before this call has its effect.
    Before(u32),
    /// After it, before anybody was told.
    After(u32),
    /// After the n-th written file's label became durable.
    Noted(u32),
    /// After a person's edit became durable in its question, before the run heard of it.
    Edited,
}

/// What the person says of a call that may have happened already. Policy's own questions are always approved.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
enum Speaks {
    Nothing,
    Yes,
    No,
}

/// What a process left behind.
#[derive(Debug, PartialEq)]
struct Left {
    files: BTreeMap<String, String>,
    outcome: Option<String>,
    /// How often each call had its effect.
    effects: BTreeMap<u32, u32>,
}

fn run() -> RunId {
    RunId::new("run")
}

fn child(orders: &Orders) -> ExitStatus {
    #[expect(clippy::disallowed_methods, reason = "the test must kill a process of its own")]
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "crash::child_process", "--nocapture"]);
    let orders = serde_json::to_string(orders).unwrap();
    command.env(ENV, orders).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

/// Not a test by itself: the process that dies.
#[test]
fn child_process() {
    #[expect(clippy::disallowed_methods, reason = "the parent process says what to do")]
    let Ok(orders) = std::env::var(ENV) else { return };
    victim::obey(&serde_json::from_str(&orders).unwrap());
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what the processes left")]
fn text(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what the processes left")]
fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true => out.extend(files(&path).into_iter().map(|(k, v)| (format!("{name}/{k}"), v))),
            false => drop(out.insert(name, text(&path).unwrap())),
        }
    }
    out
}

fn left(dir: &Path) -> Left {
    let mut effects = BTreeMap::new();
    for line in text(&dir.join("effects.log")).unwrap_or_default().lines() {
        *effects.entry(line.parse().unwrap()).or_default() += 1;
    }
    Left { files: files(&dir.join("workspace")), outcome: text(&dir.join("outcome")), effects }
}

/// Every record that a process was told is durable is there, in order, and the journal is whole.
fn journal(dir: &Path, at: Point) -> Vec<RecordedCall> {
    let store = Store::open_read_only(&dir.join("data"));
    let acknowledged = text(&dir.join("acknowledged.log")).unwrap_or_default();
    let Ok(store) = store else {
        assert_eq!(acknowledged, "", "{at:?}: there is no store");
        return Vec::new();
    };
    assert_eq!(store.verify().unwrap().problems, [], "{at:?}");
    let records = store.records(&run()).unwrap();
    let there: Vec<Seq> = records.iter().map(|r| r.seq).collect();
    for line in acknowledged.lines() {
        let (seq, name) = line.split_once(' ').unwrap();
        let at_seq = there.iter().position(|s| s.0.to_string() == seq);
        let found = at_seq.unwrap_or_else(|| panic!("{at:?}: record {line} is lost"));
        assert_eq!(records[found].entry.name(), name, "{at:?}");
    }
    // The person edits one argument, once, whatever dies meanwhile.
    let edits = store.edits(&run()).unwrap();
    let over = matches!(records.last().map(|r| &r.entry), Some(Entry::Ended(RunEnd::Done)));
    assert!(edits.len() <= 1 && (edits.len() == 1 || !over), "{at:?}: {edits:?}");
    store.calls(&run()).unwrap()
}

/// Whether repeating it could do something twice.
fn is_touchy(call: &RecordedCall) -> bool {
    call.kind == CallKind::Tool && call.name.as_ref() == "append"
}

fn check(at: Point, whole: &Left) {
    let dir = tempfile::tempdir().unwrap();
    let orders = |dies, voice| Orders { dir: dir.path().to_owned(), dies, voice };
    let status = child(&orders(at, Speaks::Nothing));
    assert_eq!(status.signal(), Some(SIGKILL), "{at:?}: {status:?}");
    let (crashed, calls) = (left(dir.path()), journal(dir.path(), at));
    assert_eq!(crashed.outcome, None, "{at:?}");
    let unknown: Vec<&RecordedCall> = calls.iter().filter(|c| c.state == CallState::Started).collect();
    assert!(unknown.len() <= 1, "{at:?}: a run makes one call at a time");

    let status = child(&orders(Point::Never, Speaks::Nothing));
    assert!(status.success(), "{at:?}: resuming ended with {status:?}");
    let (resumed, known) = (left(dir.path()), calls.len() - unknown.len());
    let once = |left: &Left, n: usize| {
        left.effects.iter().filter(|(call, _)| **call as usize <= n).all(|(_, times)| *times == 1)
    };
    assert!(once(&resumed, known), "{at:?}: a journaled call was repeated: {:?}", resumed.effects);

    match unknown.first().filter(|call| is_touchy(call)) {
        None => {
            assert_eq!(resumed.outcome, whole.outcome, "{at:?}");
            let repeated = resumed.effects.values().filter(|times| **times > 1).count();
            assert!(repeated <= unknown.len(), "{at:?}: {:?}", resumed.effects);
            assert_eq!(resumed.files, whole.files, "{at:?}");
        }
        Some(call) => {
            assert_eq!(resumed.outcome.as_deref(), Some("waiting: unknown-outcome"), "{at:?}");
            assert_eq!((&resumed.files, &resumed.effects), (&crashed.files, &crashed.effects), "{at:?}");
            answered(at, call.call, &crashed, whole, &orders);
        }
    }
    journal(dir.path(), at);
}

/// The person looks whether the call happened, and lets it happen again only when it did not.
fn answered(at: Point, call: CallNo, crashed: &Left, whole: &Left, orders: &dyn Fn(Point, Speaks) -> Orders) {
    let happened = crashed.effects.contains_key(&call.0);
    let orders = orders(Point::Never, if happened { Speaks::No } else { Speaks::Yes });
    assert!(child(&orders).success(), "{at:?}");
    let ended = left(&orders.dir);
    if happened {
        assert_eq!(ended.outcome.as_deref(), Some("refused: person"), "{at:?}");
        assert_eq!((&ended.files, &ended.effects), (&crashed.files, &crashed.effects), "{at:?}");
    } else {
        assert_eq!(ended, *whole, "{at:?}");
    }
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let orders = Orders { dir: dir.path().to_owned(), dies: Point::Never, voice: Speaks::Nothing };
    assert!(child(&orders).success());
    let whole = left(dir.path());
    let calls = journal(dir.path(), Point::Never);
    assert_eq!(calls.len(), 20);
    assert!(whole.outcome.as_ref().unwrap().starts_with("done: "), "{whole:?}");
    assert!(
        whole.files["out/log.txt"].contains("wrote 2\nwrote three, said the person\nwrote 4"),
        "{whole:?}"
    );
    assert!(whole.effects.values().all(|times| *times == 1), "{whole:?}");

    let store = Store::open_read_only(&dir.path().join("data")).unwrap();
    let records = store.records(&run()).unwrap();
    assert!(matches!(records.last().unwrap().entry, Entry::Ended(_)));
    drop(store);
    let tools = calls.iter().filter(|c| c.kind == CallKind::Tool);
    let mut points: Vec<Point> = (1..=records.len() as u32 - 1).map(Point::Record).collect();
    points.extend(tools.flat_map(|c| [Point::Before(c.call.0), Point::After(c.call.0)]));
    let written = calls.iter().filter(|c| c.name.as_ref() == "file_write").count() as u32;
    points.extend((1..=written).map(Point::Noted));
    points.push(Point::Edited);

    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(*point, &whole);
                }
            });
        }
    });
    eprintln!("killed at {} points", points.len());
}
