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
    let judged = judge(&store, &engine, &catalogue, &run, 3, &Supposed::default()).unwrap();
    assert_eq!(words(&judged), [(1, "allow"), (2, "ask"), (3, "deny")]);

    // Supposed otherwise: a person's own path is nobody else's choice, and another may be one that is never read.
    let suppose = |trust_level, edits: &[(u32, Json)]| {
        let edit = |(step, args): &(u32, Json)| (CallNo(*step), args.as_object().unwrap().clone());
        let supposed = Supposed { trust_level, edits: edits.iter().map(edit).collect() };
        judge(&store, &engine, &catalogue, &run, 3, &supposed)
    };
    let edited = [(1, json!({"path": ".env"})), (2, json!({"path": "c"}))];
    assert_eq!(words(&suppose(None, &edited).unwrap()), [(1, "deny"), (2, "allow"), (3, "deny")]);
    for (trust_level, edits, says) in [
        (Some(5), vec![], "from 0 to 4"),
        (None, vec![(9, json!({"path": "c"}))], "step 9"),
        (None, vec![(4, json!({"path": "c"}))], "step 4"),
        (None, vec![(1, json!({"path": 1}))], "takes str"),
        (None, vec![(1, json!({"place": "c"}))], "no argument `place`"),
        (None, vec![(1, json!({"path": "a.txt"}))], "is that already"),
        (None, vec![(1, json!({}))], "no argument is named"),
    ] {
        let failure = suppose(trust_level, &edits).unwrap_err();
        assert!(matches!(failure, WhatIfFailure::Supposed(_)), "{failure}");
        assert!(failure.to_string().contains(says), "{failure}");
    }
}

fn words(judged: &[Judged]) -> Vec<(u32, &'static str)> {
    let word = |verdict: &Verdict| match verdict {
        Verdict::Allow(_) => "allow",
        Verdict::Ask(_) => "ask",
        Verdict::Deny(_) => "deny",
    };
    judged.iter().map(|judged| (judged.step.0, word(&judged.now))).collect()
}
