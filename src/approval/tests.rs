use super::predicate::Beforehand;
use super::*;
use crate::kernel::catalogue::Effect;
use crate::kernel::gate::question::{Decision, Shown};
use crate::kernel::id::{CallNo, Digest, RunId, Site};
use crate::kernel::label::Label;
use crate::kernel::port::{Journal, People, Said};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, RecordedArg};
use crate::store::Store;
use serde_json::{Map, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

fn question(path: &str) -> Question {
    let arg = RecordedArg {
        name: "path".into(),
        value: json!(path),
        label: Label::trusted(),
        through: vec![],
        findings: vec![],
    };
    Question {
        digest: Digest::of(path.as_bytes()),
        run: RunId::new("r1"),
        reasons: vec![],
        shown: Shown::Call {
            call: CallNo(1),
            site: Site(1),
            line: 1,
            tool: "file_write".into(),
            effect: Effect::Write,
            args: vec![arg],
            pc: Label::trusted(),
        },
    }
}

struct Bench {
    store: Store,
    now: Arc<AtomicI64>,
    _dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(1_000));
        let store = Store::open(dir.path(), clock(&now)).unwrap();
        let request = Entry::RequestScreened {
            principal: Principal::new("user"),
            channel: "cli".into(),
            request: "x".into(),
            findings: vec![],
        };
        store.record(&RunId::new("r1"), &request).unwrap();
        Self { store, now, _dir: dir }
    }

    fn desk<'d>(&'d self, voice: &'d dyn Voice) -> Desk<'d> {
        Desk::new(&self.store, voice, Principal::new("user"), clock(&self.now), 300)
    }
}

fn clock(now: &Arc<AtomicI64>) -> crate::store::Clock {
    let now = now.clone();
    Arc::new(move || now.load(Ordering::Relaxed))
}

struct Says(Vote, AtomicUsize);

impl Voice for Says {
    fn decide(&self, _: &str, _: &Question) -> Vote {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.clone()
    }
}

#[test]
fn a_predicate_says_yes_to_exactly_what_it_names() {
    let predicates: Vec<Predicate> = vec!["file_write path=outbox/*.csv".parse().unwrap()];
    let voice = Beforehand { predicates: &predicates, otherwise: &Nobody };
    assert!(matches!(voice.decide("q", &question("outbox/a.csv")), Vote::Approve { .. }));
    assert_eq!(voice.decide("q", &question("outbox/a.csv.sh")), Vote::Silence);
    assert_eq!(voice.decide("q", &question("notes/outbox/a.csv")), Vote::Silence);
}

#[test]
fn a_predicate_that_cannot_be_read_says_what_to_write() {
    for bad in ["", "file_write outbox", "a/b", "plan now"] {
        let error = bad.parse::<Predicate>().unwrap_err().to_string();
        assert!(error.contains("argument=pattern"), "{error}");
    }
}

#[test]
fn silence_waits_and_is_neither_yes_nor_no() {
    let bench = Bench::new();
    assert!(matches!(bench.desk(&Nobody).ask(&question("a")).unwrap(), Said::Waiting(_)));
    assert_eq!(bench.store.pending().unwrap().len(), 1);
}

#[test]
fn an_answer_after_the_time_is_up_does_not_count() {
    struct Late(Arc<AtomicI64>);
    impl Voice for Late {
        fn decide(&self, _: &str, _: &Question) -> Vote {
            self.0.fetch_add(301_000, Ordering::Relaxed);
            Vote::Approve { reason: None }
        }
    }
    let bench = Bench::new();
    let voice = Late(bench.now.clone());
    assert_eq!(bench.desk(&voice).ask(&question("a")).unwrap(), Said::Expired);
}

#[test]
fn an_approval_that_was_not_used_is_found_again_and_a_changed_question_is_not() {
    let bench = Bench::new();
    let yes = Says(Vote::Approve { reason: None }, AtomicUsize::new(0));
    let said = bench.desk(&yes).ask(&question("a")).unwrap();
    assert!(
        matches!(said, Said::Answer(ref a) if a.decision == Decision::Approve && a.question == question("a").digest)
    );
    let said = bench.desk(&Nobody).ask(&question("a")).unwrap();
    assert!(matches!(said, Said::Answer(_)), "{said:?}");
    assert!(matches!(bench.desk(&Nobody).ask(&question("b")).unwrap(), Said::Waiting(_)));
    assert_eq!(yes.1.load(Ordering::Relaxed), 1);
}

#[test]
fn stopping_ends_the_question_as_cancelled() {
    let bench = Bench::new();
    let stop = Says(Vote::Stop, AtomicUsize::new(0));
    assert_eq!(bench.desk(&stop).ask(&question("a")).unwrap(), Said::Stop);
    assert!(bench.store.pending().unwrap().is_empty());
}

impl Rests for Nobody {
    fn begin(&self) {}

    fn end(&self) {}
}

/// Asks remotely while `meanwhile` happens, once the question is there.
fn asked_remotely(bench: &Bench, bell: &Bell, meanwhile: impl FnOnce(&str) + Send) -> Said {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            Remote::new(&bench.store, clock(&bench.now), 300, bell, &Nobody).ask(&question("a.txt")).unwrap()
        });
        let id = loop {
            if let Some(row) = bench.store.pending().unwrap().first() {
                break row.id.clone();
            }
            std::thread::yield_now();
        };
        meanwhile(&id);
        bell.ring();
        asking.join().unwrap()
    })
}

#[test]
fn a_remote_answer_counts_with_who_gave_it_and_why() {
    let bench = Bench::new();
    let said = asked_remotely(&bench, &Bell::default(), |id| {
        let (digest, ann) = (question("a.txt").digest, Principal::new("ann"));
        bench
            .store
            .answer(id, &digest, crate::store::Answer::Denied, &ann, Some("not today"), 2_000)
            .unwrap();
    });
    let Said::Answer(answer) = said else { panic!("{said:?}") };
    assert_eq!((answer.decision, answer.by.name()), (Decision::Deny, "ann"));
    assert_eq!(answer.reason.as_deref(), Some("not today"));
    // After a restart the same question is not put again: its end is known.
    let again =
        Remote::new(&bench.store, clock(&bench.now), 300, &Bell::default(), &Nobody).ask(&question("a.txt"));
    assert!(matches!(again.unwrap(), Said::Answer(answer) if answer.decision == Decision::Deny));
    assert_eq!(bench.store.questions(&RunId::new("r1")).unwrap().len(), 1);
}

/// Ann writes another path.
fn edited(bench: &Bench, id: &str) {
    let args = Map::from_iter([("path".to_owned(), json!("b.txt"))]);
    let (digest, ann) = (question("a.txt").digest, Principal::new("ann"));
    bench.store.edit(id, &digest, args, &ann, Some("there"), 2_000).unwrap();
}

#[test]
fn a_remote_edit_is_told_and_found_again_until_the_journal_has_it() {
    let bench = Bench::new();
    let said = asked_remotely(&bench, &Bell::default(), |id| edited(&bench, id));
    let Said::Edit(edit) = &said else { panic!("{said:?}") };
    assert_eq!((edit.question, edit.by.name()), (question("a.txt").digest, "ann"));
    assert_eq!((&edit.args["path"], edit.reason.as_deref()), (&json!("b.txt"), Some("there")));
    // Whoever would still wait here is told to stop instead.
    let bell = Bell::default();
    bell.stop();
    let again = Remote::new(&bench.store, clock(&bench.now), 300, &bell, &Nobody);
    assert_eq!(again.ask(&question("a.txt")).unwrap(), said);
    assert_eq!(bench.desk(&Nobody).ask(&question("a.txt")).unwrap(), said);
    assert_eq!(bench.store.questions(&RunId::new("r1")).unwrap().len(), 1);
}

#[test]
fn an_edit_from_elsewhere_is_faster_than_the_voice_at_the_desk() {
    struct Slow<'b>(&'b Bench);
    impl Voice for Slow<'_> {
        fn decide(&self, id: &str, _: &Question) -> Vote {
            edited(self.0, id);
            Vote::Approve { reason: None }
        }
    }
    let bench = Bench::new();
    assert!(matches!(bench.desk(&Slow(&bench)).ask(&question("a.txt")).unwrap(), Said::Edit(_)));
}

#[test]
fn a_remote_question_expires_by_the_clock() {
    // Its time is up, or the clock was set back to before it was put.
    for now in [400_000, -100_000] {
        let bench = Bench::new();
        let said = asked_remotely(&bench, &Bell::default(), |_| bench.now.store(now, Ordering::SeqCst));
        assert_eq!(said, Said::Expired, "{now}");
    }
}

#[test]
fn a_stop_ends_the_waiting_and_the_question() {
    let bench = Bench::new();
    let bell = Bell::default();
    let said = asked_remotely(&bench, &bell, |_| bell.stop());
    assert_eq!(said, Said::Stop);
    assert_eq!(bench.store.pending().unwrap(), []);
}
