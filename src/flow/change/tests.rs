use super::*;
use crate::egress::clock::SystemClock;
use crate::egress::workspace::Workspace;
use crate::flow::controller::NoPlanner;
use crate::kernel::catalogue::{Catalogue, Effect};
use crate::kernel::id::{CallNo, Digest, RunId, Site};
use crate::kernel::port::{ApprovalMode, FileFact, Worker};
use crate::kernel::record::Entry;
use crate::kernel::run::Limits;
use crate::policy::{Engine, InForce};
use crate::scan::Active;
use crate::store::Store;
use crate::tool::{Runner, RunnerLimits};
use crate::worker::Scripted;
use serde_json::json;
use std::path::Path;

/// Reading is allowed, except below `kept/`, where it asks.
const POLICIES: &str = "@id(\"all\") permit (principal, action, resource);
@id(\"kept\") @reason(\"what is below kept/ is asked about\")
forbid (principal, action in Action::\"read\", resource) when { context.paths.roots.contains(\"kept\") } unless { context.approved };";

struct Bench {
    parts: Parts,
    work: tempfile::TempDir,
    _dir: tempfile::TempDir,
}

fn bench() -> Bench {
    let (dir, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let clock: crate::store::Clock = Arc::new(|| 1);
    let catalogue = Arc::new(Catalogue::new(builtin::tools()));
    let engine = Engine::new(vec![("t.cedar".to_owned(), POLICIES.to_owned())], &catalogue).unwrap();
    let limits = RunnerLimits { max_file_bytes: 1_000_000 };
    let worker: Arc<dyn Worker> = Arc::new(Scripted::from_json("[]").unwrap());
    let parts = Parts {
        store: Arc::new(Store::open(dir.path(), clock.clone()).unwrap()),
        policy: Arc::new(InForce::new(engine)),
        scanners: Arc::new(Active::new()),
        tools: Arc::new(Runner::new(Workspace::open(work.path()).unwrap(), Arc::new(SystemClock), limits)),
        worker,
        planners: Arc::new(NoPlanner),
        catalogue,
        clock,
        playbooks: Path::new("none").to_owned(),
        limits: Limits::default(),
        mode: ApprovalMode::Full,
        trust_level: 0,
        ttl_seconds: 300,
        patience_seconds: 60,
        max_tasks: 4,
        run_at_once: 32,
    };
    let channel = "web".into();
    let screened = Entry::RequestScreened {
        principal: Principal::new("user"),
        channel,
        request: "x".to_owned(),
        findings: vec![],
    };
    parts.store.append(&RunId::new("r"), &screened).unwrap();
    Bench { parts, work, _dir: dir }
}

impl Bench {
    #[expect(clippy::disallowed_methods, reason = "a test lays out the workspace")]
    fn lay(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.work.path().join(name).parent().unwrap()).unwrap();
        std::fs::write(self.work.path().join(name), content).unwrap();
    }

    fn of(&self, tool: &str, path: &str, content: &str) -> Option<Change> {
        let arg = |name: &str, value: &str| RecordedArg {
            name: name.into(),
            value: json!(value),
            label: Label::trusted(),
            through: vec![],
            findings: vec![],
        };
        let shown = Shown::Call {
            call: CallNo(1),
            site: Site(1),
            line: 1,
            tool: tool.into(),
            effect: Effect::Write,
            args: vec![arg("path", path), arg("content", content)],
            pc: Label::trusted(),
        };
        let question = Question { digest: Digest::of(b"q"), run: RunId::new("r"), reasons: vec![], shown };
        of(&self.parts, &question, 0).unwrap()
    }

    fn write(&self, path: &str, content: &str) -> Kind {
        self.of(builtin::FILE_WRITE, path, content).unwrap().kind
    }
}

/// Each row as in `diff`.
fn told(kind: &Kind) -> Vec<String> {
    let Kind::Lines { groups, .. } = kind else { panic!("{kind:?}") };
    let sign = |is| match is {
        Is::Kept => ' ',
        Is::Added => '+',
        Is::Removed => '-',
    };
    groups.iter().flatten().map(|row| format!("{}{}", sign(row.is), row.text)).collect()
}

#[test]
fn lines_that_come_and_go_are_told_with_those_around_them() {
    let b = bench();
    b.lay("list.csv", "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
    let kind = b.write("./list.csv", "one\ntwo\nthree\nFOUR\nfive\nsix\nseven\neight");
    assert_eq!(
        told(&kind),
        [" one", " two", " three", "-four", "+FOUR", " five", " six", " seven", "+eight"]
    );
    let Kind::Lines { label, added, removed, groups, cut } = kind else { panic!() };
    assert_eq!((added, removed, cut, groups.len()), (2, 1, false, 1));
    assert!(!label.is_trusted(), "nobody knows who wrote it");
    assert_eq!((groups[0][3].old, groups[0][3].new), (Some(4), None));
    assert_eq!((groups[0][4].old, groups[0][4].new), (None, Some(4)));
    assert!(groups[0][8].open_end && !groups[0][7].open_end);
    let change = b.of(builtin::FILE_WRITE, "./list.csv", "x").unwrap();
    assert_eq!(change.path, "list.csv");
}

#[test]
fn a_new_file_the_same_text_and_other_tools() {
    let b = bench();
    b.lay("a.txt", "same");
    assert_eq!(b.write("b.txt", "x"), Kind::New);
    assert_eq!(b.write("nowhere/b.txt", "x"), Kind::New);
    assert!(matches!(b.write("a.txt", "same"), Kind::Same { .. }));
    assert_eq!(b.of("mkdir", "a.txt", "x"), None);
    // The same words and one line's end are not the same text.
    assert_eq!(told(&b.write("a.txt", "same\n")), ["-same", "+same"]);
}

#[test]
fn what_may_not_be_read_unasked_is_not_shown() {
    let b = bench();
    b.lay("kept/a.txt", "a secret");
    let change = b.of(builtin::FILE_WRITE, "kept/a.txt", "x").unwrap();
    let Kind::Withheld { reasons } = &change.kind else { panic!("{change:?}") };
    assert_eq!(reasons[0].policy, "kept");
    assert!(!serde_json::to_string(&change).unwrap().contains("a secret"));
    // Nor whether it is there.
    assert_eq!(b.write("kept/none.txt", "x"), change.kind);
}

#[test]
fn a_text_that_is_for_others_is_not_shown() {
    let b = bench();
    b.lay("a.txt", "for ann");
    let fact = FileFact { path: "a.txt".to_owned(), digest: Digest::of(b"for ann") };
    let label = Label::trusted().narrowed_to(&Readers::only(Principal::new("ann")));
    b.parts.store.note_written(&RunId::new("r"), &fact, &label).unwrap();
    assert!(matches!(b.write("a.txt", "x"), Kind::Withheld { .. }));
    b.lay("a.txt", "for anybody");
    assert!(matches!(b.write("a.txt", "x"), Kind::Lines { .. }));
}

#[test]
fn a_label_that_is_known_is_told() {
    let b = bench();
    b.lay("a.txt", "mine");
    let fact = FileFact { path: "a.txt".to_owned(), digest: Digest::of(b"mine") };
    b.parts.store.note_written(&RunId::new("r"), &fact, &Label::trusted()).unwrap();
    let Kind::Lines { label, .. } = b.write("a.txt", "x") else { panic!() };
    assert!(label.is_trusted());
}

#[test]
fn what_is_no_text_or_too_long_says_so() {
    let b = bench();
    b.lay("scan.pdf", b"%PDF\xff");
    assert!(matches!(b.write("scan.pdf", "x"), Kind::Unread { why } if why.contains("not UTF-8")));
    b.lay("long.txt", "x\n".repeat(MAX_LINES + 1));
    assert!(matches!(b.write("long.txt", "x"), Kind::Unread { why } if why.contains("not compared")));
    b.lay("wide.txt", "x".repeat(MAX_BYTES + 1));
    assert!(matches!(b.write("wide.txt", "x"), Kind::Unread { .. }));
    assert!(matches!(b.write("../out.txt", "x"), Kind::Unread { .. }));
}

#[test]
fn much_is_cut_and_counted() {
    let b = bench();
    b.lay("a.txt", "x\n".repeat(1_500));
    let kind = b.write("a.txt", &"y\n".repeat(1_500));
    let Kind::Lines { added, removed, groups, cut, .. } = &kind else { panic!() };
    assert_eq!((*added, *removed, *cut), (1_500, 1_500, true));
    assert_eq!(groups.iter().flatten().count(), MAX_ROWS);
    b.lay("b.txt", "x");
    let Kind::Lines { groups, cut, .. } = b.write("b.txt", &"ü".repeat(MAX_ROW_CHARS + 1)) else { panic!() };
    assert!(cut && groups[0].iter().all(|row| row.text.chars().count() <= MAX_ROW_CHARS));
}
