//! A process that is killed at any moment: what it was told is durable is there, and nothing is half there.

use super::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const ROUNDS: u64 = 24;
const DIR: &str = "SENTINEL_TEST_CRASH_DIR";
const THREADS: u32 = 4;

fn id_of(generation: u64, thread: u32) -> RunId {
    run(&format!("g{generation}-t{thread}"))
}

fn entry_of(n: u32) -> Entry {
    match n % 3 {
        0 => started(n, "file_read", &[("path", json!(format!("inbox/{n}")), planned())]),
        1 => returned(n - 1, json!("y".repeat((n * 37 % 9_000) as usize)), from_file("a")),
        _ => failed(n, "no such file"),
    }
}

/// Not a test by itself: the process that is killed. It says each record that was acknowledged, then goes on.
#[test]
fn victim() {
    #[expect(clippy::disallowed_methods, reason = "the parent process says where to write")]
    let Ok(dir) = std::env::var(DIR) else { return };
    let store = Store::open(Path::new(&dir), clock()).unwrap();
    let generation = store.records_after(Seq(0), u32::MAX).unwrap().len() as u64;
    std::thread::scope(|scope| {
        for t in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                let id = id_of(generation, t);
                for n in 0.. {
                    let seq = store.append(&id, &entry_of(n)).unwrap();
                    println!("\nacknowledged {} {id} {n}", seq.0);
                }
            });
        }
    });
}

fn start_victim(dir: &Path) -> Child {
    #[expect(clippy::disallowed_methods, reason = "the test must kill a process of its own")]
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "store::tests::crash::victim", "--nocapture"]);
    command.env(DIR, dir).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// `acknowledged SEQ RUN N`; a line that the kill cut short is no acknowledgement.
fn parse(line: &str) -> Option<(u64, RunId, u32)> {
    let mut words = line.strip_suffix('\n')?.strip_prefix("acknowledged ")?.split(' ');
    Some((words.next()?.parse().ok()?, run(words.next()?), words.next()?.parse().ok()?))
}

#[test]
fn no_acknowledged_record_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<(u64, RunId, u32)> = Vec::new();
    for round in 0..ROUNDS {
        let mut random = StdRng::seed_from_u64(round);
        let mut victim = start_victim(dir.path());
        let mut lines = BufReader::new(victim.stdout.take().unwrap());
        let until = random.random_range(1..60);
        let (mut seen, mut line, mut killed) = (0, String::new(), false);
        while lines.read_line(&mut line).unwrap() > 0 {
            acknowledged.extend(parse(&line));
            seen += usize::from(parse(&line).is_some());
            line.clear();
            if seen >= until && !killed {
                // Spread the kill over the time that a commit takes, not only over its moment of release.
                for _ in 0..random.random_range(0..200_000u32) {
                    std::hint::spin_loop();
                }
                victim.kill().unwrap();
                killed = true;
            }
        }
        victim.wait().unwrap();
        assert!(killed, "round {round}: the victim ended by itself after {seen} records");

        let store = Store::open(dir.path(), clock()).unwrap();
        let report = store.verify().unwrap();
        assert_eq!(report.problems, [], "round {round}");
        let records = store.records_after(Seq(0), u32::MAX).unwrap();
        assert!(records.iter().map(|r| r.seq.0).eq(1..=report.records), "round {round}: gapless");
        for (seq, id, n) in &acknowledged {
            let record = &records[usize::try_from(*seq).unwrap() - 1];
            assert_eq!((&record.run, &record.entry), (id, &entry_of(*n)), "round {round}: record {seq}");
        }
    }
    assert!(acknowledged.len() as u64 > ROUNDS);
}
