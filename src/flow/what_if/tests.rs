use super::*;
use crate::kernel::id::{Digest, Site};
use crate::kernel::label::{Capacity, Label, Source};
use crate::kernel::record::{CallKind, RecordedArg};
use crate::policy;
use crate::tool::builtin;
use serde_json::json;
use std::path::Path;

#[test]
fn calls_are_judged_as_policy_stands_now() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Arc::new(|| 1)).unwrap();
    let run = RunId::new("r");
    let principal = Principal::new("user");
    let request = "x".to_owned();
    let screened = Entry::RequestScreened { principal, channel: "cli".into(), request, findings: vec![] };
    store.append(&run, &screened).unwrap();
    let call = |n: u32, tool: &str, value: &str, label: Label| Entry::CallStarted {
        call: CallNo(n),
        site: Site(n),
        kind: CallKind::Tool,
        name: tool.into(),
        digest: Digest::of(b"x"),
        args: vec![RecordedArg {
            name: "path".into(),
            value: json!(value),
            label,
            through: vec![],
            findings: vec![],
        }],
        pc: Label::trusted(),
        verdict: Verdict::Allow(vec![]),
    };
    let strange = Label::untrusted_from(Source::File("a".into()), Capacity::Text);
    store.append(&run, &call(1, "file_read", "a.txt", Label::trusted())).unwrap();
    store.append(&run, &call(2, "mkdir", "b", strange)).unwrap();
    store.append(&run, &call(3, "file_read", "../secret", Label::trusted())).unwrap();
    store.append(&run, &call(4, "gone", "x", Label::trusted())).unwrap();

    let catalogue = Catalogue::new(builtin::tools());
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let engine = policy::load(&shipped, &catalogue).unwrap();
    let judged = judge(&store, &engine, &catalogue, &run, 3).unwrap();
    let now: Vec<(u32, &str)> = judged
        .iter()
        .map(|j| {
            let word = match j.now {
                Verdict::Allow(_) => "allow",
                Verdict::Ask(_) => "ask",
                Verdict::Deny(_) => "deny",
            };
            (j.step.0, word)
        })
        .collect();
    assert_eq!(now, [(1, "allow"), (2, "ask"), (3, "deny")]);
}
