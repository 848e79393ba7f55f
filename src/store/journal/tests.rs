use super::super::StoreError;
use super::super::tests::*;
use super::*;
use crate::kernel::analysis::{Analysis, Concern, Gist, Weight};
use crate::kernel::id::Site;
use crate::kernel::label::Capacity;
use crate::kernel::port::{Assessment, FileFact, Reason, Usage, Verdict};
use crate::kernel::principal::Principal;
use crate::kernel::record::{CallKind, QuestionEnd, RecordedArg, RunEnd};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn entries_read_back_as_written_also_after_a_restart() {
    let f = fixture();
    let entries = small_run();
    let seqs: Vec<u64> = entries.iter().map(|e| f.store.append(&run("r"), e).unwrap().0).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6, 7]);
    let f = f.reopened();
    let back = f.store.entries(&run("r")).unwrap();
    assert_eq!(back.iter().map(|(_, _, e)| e).collect::<Vec<_>>(), entries.iter().collect::<Vec<_>>());
    assert!(back.windows(2).all(|pair| pair[0].1 < pair[1].1), "times are the clock's");
    assert_eq!(f.store.append(&run("r"), &ended()).unwrap(), Seq(8));
}

fn drafted(assessment: Option<&str>) -> Entry {
    let usage =
        Usage { model: "m".into(), output_tokens: 7, cost_micro_dollars: Some(3), ..Usage::default() };
    let assessment = assessment.map(|reason| Assessment { risk: 5, reason: reason.to_owned() });
    Entry::Drafted { round: 1, draft: Some(digest("plan")), usage, assessment }
}

#[test]
fn a_draft_is_kept_with_what_it_cost_and_its_reason_beside_the_journal() {
    let f = fixture();
    let entries = [screened("the-request"), drafted(Some("the-opinion")), drafted(None)];
    for entry in &entries {
        f.store.append(&run("r"), entry).unwrap();
    }
    let back = f.store.entries(&run("r")).unwrap();
    assert_eq!(back.iter().map(|(_, _, e)| e).collect::<Vec<_>>(), entries.iter().collect::<Vec<_>>());
    let payloads: String = f
        .store
        .readers
        .read(|db| {
            Ok(db.query_row("SELECT group_concat(CAST(payload AS TEXT)) FROM record", [], |r| r.get(0))?)
        })
        .unwrap();
    assert!(payloads.contains("cost_micro_dollars") && !payloads.contains("the-opinion"), "{payloads}");
}

#[test]
fn runs_share_one_sequence_and_keep_apart() {
    let f = fixture();
    for name in ["a", "b", "a"] {
        f.store.append(&run(name), &screened(name)).unwrap();
    }
    let seqs = |name| f.store.entries(&run(name)).unwrap().iter().map(|e| e.0.0).collect::<Vec<_>>();
    assert_eq!((seqs("a"), seqs("b")), (vec![1, 3], vec![2]));
    let tail = f.store.records_after(Seq(1), 1).unwrap();
    assert_eq!(tail.iter().map(|r| (r.seq.0, r.run.as_str())).collect::<Vec<_>>(), [(2, "b")]);
}

#[test]
fn values_are_beside_the_journal_not_in_it() {
    let f = fixture();
    for entry in [
        screened("the-request"),
        checked("the-plan"),
        started(1, "t", &[("x", json!("the-argument"), planned())]),
        returned(1, json!({"the-key": "the-value"}), planned()),
        failed(2, "the-message"),
        answered(Some("the-reason")),
        edited("q", json!("the-edit")),
        Entry::Ended(RunEnd::Failed { message: "the-failure".to_owned() }),
    ] {
        f.store.append(&run("r"), &entry).unwrap();
    }
    let payloads: String = f
        .store
        .readers
        .read(|db| {
            Ok(db.query_row("SELECT group_concat(CAST(payload AS TEXT)) FROM record", [], |r| r.get(0))?)
        })
        .unwrap();
    for secret in [
        "the-request",
        "the-plan",
        "the-argument",
        "the-key",
        "the-value",
        "the-message",
        "the-reason",
        "the-edit",
        "the-failure",
    ] {
        assert!(!payloads.contains(secret), "{secret} in {payloads}");
    }
}

fn answered(reason: Option<&str>) -> Entry {
    let reason = reason.map(str::to_owned);
    Entry::Answered {
        question: digest("q"),
        end: QuestionEnd::Denied,
        by: Some(ann()),
        reason,
        edits: Vec::new(),
    }
}

#[test]
fn an_answer_without_a_reason_has_no_value_to_erase() {
    let f = fixture();
    f.store.append(&run("r"), &answered(None)).unwrap();
    f.store.append(&run("r"), &answered(Some("no"))).unwrap();
    assert_eq!(f.store.erase(&run("r")).unwrap(), 1);
    let read: Vec<_> = f.store.records(&run("r")).unwrap().into_iter().map(|r| (r.entry, r.erased)).collect();
    assert_eq!(read, [(answered(None), false), (answered(Some("")), true)]);
    assert_eq!(f.store.verify().unwrap().problems, []);
}

#[test]
fn an_erased_run_reads_as_blank_and_still_verifies() {
    let f = fixture();
    let secret = "a-secret-that-must-go";
    // Long enough for pages of its own, which are freed rather than rewritten.
    let long = secret.repeat(1_000);
    f.store.append(&run("kept"), &screened("stays")).unwrap();
    f.store.append(&run("r"), &screened(secret)).unwrap();
    f.store.append(&run("r"), &started(1, "t", &[("x", json!(secret), planned())])).unwrap();
    f.store.append(&run("r"), &returned(1, json!([long]), planned())).unwrap();
    let before = f.store.verify().unwrap();
    assert_eq!(f.store.erase(&run("r")).unwrap(), 3);

    let records = f.store.records(&run("r")).unwrap();
    assert!(records.iter().all(|r| r.erased));
    assert!(matches!(&records[0].entry, Entry::RequestScreened { request, .. } if request.is_empty()));
    assert!(matches!(&records[1].entry, Entry::CallStarted { args, .. } if args[0].value.is_null()));
    assert!(matches!(&records[2].entry, Entry::CallReturned { value, .. } if value.is_null()));
    assert!(f.store.calls(&run("r")).unwrap()[0].erased);
    assert_eq!(f.store.entries(&run("kept")).unwrap()[0].2, screened("stays"));
    assert!(!f.store.records(&run("kept")).unwrap()[0].erased);

    assert_eq!(f.store.verify().unwrap(), before);
    for file in ["sentinel.db", "sentinel.db-wal"] {
        let bytes = bytes_of(&f.dir.path().join(file));
        assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{file}");
    }
}

#[test]
fn a_changed_record_or_value_is_never_handed_out() {
    for (sql, told) in [
        (
            "UPDATE record SET payload = CAST(replace(CAST(payload AS TEXT), 'cli', 'web') AS BLOB) WHERE seq = 1",
            "record 1 does not match",
        ),
        (
            "UPDATE datum SET value = CAST('\"pay eve\"' AS BLOB) WHERE id = 1",
            "the value of datum 1 was changed",
        ),
        ("UPDATE datum SET trust_level = 'untrusted' WHERE id = 1", "the facts of datum 1 were changed"),
        ("DELETE FROM datum WHERE id = 1", "datum 1 is missing"),
    ] {
        let f = fixture();
        f.store.append(&run("r"), &screened("pay ann")).unwrap();
        f.tamper(sql);
        let error = f.store.entries(&run("r")).unwrap_err();
        assert!(matches!(&error, StoreError::Damaged { what, .. } if what.contains(told)), "{sql}: {error}");
    }
}

#[test]
fn the_journal_takes_no_change_and_no_removal() {
    let f = fixture();
    f.store.append(&run("r"), &screened("x")).unwrap();
    for sql in ["UPDATE record SET at = 0", "DELETE FROM record"] {
        let refused = f.store.write(move |db| Ok(db.execute(sql, [])?)).unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    assert_eq!(f.store.entries(&run("r")).unwrap().len(), 1);
}

#[test]
fn numbers_come_back_to_the_last_bit() {
    let f = fixture();
    let value = json!([0.1 + 0.2, 206.35, 1e-7, f64::MAX, f64::MIN_POSITIVE, -0.0, i64::MIN, u64::MAX]);
    f.store.append(&run("r"), &returned(1, value.clone(), planned())).unwrap();
    let back = f.store.entries(&run("r")).unwrap();
    let Entry::CallReturned { value: read, .. } = &back[0].2 else { panic!("{back:?}") };
    assert_eq!(read.to_string(), value.to_string());
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Json::from),
        ".*".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            // Keys that could be taken for the store's own ones.
            prop::collection::vec(
                (prop_oneof![Just("datum".to_owned()), Just("entry".to_owned()), ".*"], inner),
                0..4
            )
            .prop_map(|pairs| Json::Object(pairs.into_iter().collect())),
        ]
    })
}

fn any_label() -> impl Strategy<Value = Label> {
    let source = prop_oneof![
        Just(Source::User),
        Just(Source::Planner),
        "[a-z]{0,3}".prop_map(|s| Source::File(s.into())),
        "[a-z]{0,3}".prop_map(|s| Source::Tool(s.into())),
    ];
    let one = (source, any::<bool>(), any::<bool>()).prop_map(|(source, trusted, private)| {
        let label = match trusted {
            true => Label::trusted_from(source),
            false => Label::untrusted_from(source, Capacity::Span),
        };
        if private { label.narrowed_to(&only_ann()) } else { label }
    });
    prop::collection::vec(one, 0..3).prop_map(|labels| Label::join_all(&labels))
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let reasons =
        prop::collection::vec((".*", ".*").prop_map(|(policy, text)| Reason { policy, text }), 0..2);
    let arg = (".*", any_json(), any_label()).prop_map(|(name, value, label)| RecordedArg {
        through: vec![CallNo(2)],
        findings: Vec::new(),
        name: name.into(),
        value,
        label,
    });
    let verdict = prop_oneof![
        reasons.clone().prop_map(Verdict::Allow),
        reasons.clone().prop_map(Verdict::Ask),
        reasons.clone().prop_map(Verdict::Deny)
    ];
    let args = prop::collection::vec(arg, 0..3).boxed();
    let kind = prop_oneof![Just(CallKind::Tool), Just(CallKind::Ask), Just(CallKind::Confirm)];
    let call = (1u32..4).prop_map(CallNo);
    let sha = any::<u8>().prop_map(|b| Digest::of(&[b]));
    let who = ".*".prop_map(Principal::new);
    let file = prop::option::of((".*", sha.clone()).prop_map(|(path, digest)| FileFact { path, digest }));
    prop_oneof![
        ".*".prop_map(|s| screened(&s)),
        (who.clone(), ".*").prop_map(|(principal, c)| Entry::RequestBlocked {
            principal,
            channel: c.into(),
            findings: Vec::new()
        }),
        (prop::collection::vec(".*", 0..3), ".*").prop_map(|(marks, sketch)| Entry::Sketched {
            gist: Gist { marks: marks.into_iter().map(Into::into).collect(), sketch }
        }),
        (0u8..41, ".*", ".*").prop_map(|(quarters, rule, why)| Entry::Weighed {
            analysis: Analysis {
                score: f64::from(quarters) / 4.0,
                verdict: Concern::Warn,
                reasons: vec![Weight { rule: rule.into(), points: 0.25, why }],
            }
        }),
        ".*".prop_map(|s| checked(&s)),
        (sha.clone(), prop::option::of(who.clone()), reasons.clone())
            .prop_map(|(digest, by, reasons)| Entry::PlanApproved { digest, policy: digest, by, reasons }),
        (sha.clone(), reasons.clone()).prop_map(|(digest, reasons)| Entry::PlanRefused { digest, reasons }),
        (sha.clone(), prop::option::of(call.clone()), reasons.clone())
            .prop_map(|(question, call, reasons)| Entry::Asked { question, call, reasons }),
        (sha.clone(), prop::option::of(".*"), args.clone()).prop_map(|(question, reason, edits)| {
            Entry::Answered { question, end: QuestionEnd::Superseded, by: None, reason, edits }
        }),
        (call.clone(), kind, ".*", sha.clone(), args.clone(), any_label(), verdict).prop_map(
            |(call, kind, name, digest, args, pc, verdict)| Entry::CallStarted {
                call,
                site: Site(7),
                kind,
                name: name.into(),
                digest,
                args,
                pc,
                verdict
            }
        ),
        (call.clone(), 1..9_usize, ".*", sha.clone(), args, any_label(), reasons.clone()).prop_map(
            |(call, line, name, digest, args, pc, reasons)| Entry::CallRefused {
                call,
                site: Site(7),
                line,
                name: name.into(),
                digest,
                args,
                pc,
                reasons
            }
        ),
        (call.clone(), any_json(), any_label(), file).prop_map(|(call, value, label, file)| {
            let Entry::CallReturned { digest, findings, spans, .. } = returned(call.0, json!(0), planned())
            else {
                unreachable!()
            };
            Entry::CallReturned { call, digest, value, label, findings, file, spans }
        }),
        (call, ".*").prop_map(|(call, message)| failed(call.0, &message)),
        (who.clone(), any_label(), ".*", sha.clone(), any::<u16>()).prop_map(
            |(to, label, text, reply, n)| {
                Entry::Released { to, label, text, reply, defanged: n.into(), findings: Vec::new() }
            }
        ),
        (who, any_label()).prop_map(|(to, label)| Entry::HeldBack { to, label, findings: Vec::new() }),
        sha.prop_map(|policy| Entry::Resumed { policy }),
        prop_oneof![
            Just(RunEnd::Done),
            Just(RunEnd::Stopped),
            ".*".prop_map(|message| RunEnd::Failed { message }),
            reasons.prop_map(|reasons| RunEnd::Refused { reasons }),
        ]
        .prop_map(Entry::Ended),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_entries_reads_back_equal(
        entries in prop::collection::vec((0u8..3, any_entry()), 0..24)
    ) {
        let f = fixture();
        let mut written: Vec<(RunId, Entry)> = Vec::new();
        for (n, entry) in entries {
            let id = run(&format!("run-{n}"));
            let seq = f.store.append(&id, &entry).unwrap();
            written.push((id, entry));
            prop_assert_eq!(seq, Seq(written.len() as u64));
        }
        let read = f.store.records_after(Seq(0), 1_000).unwrap();
        let read: Vec<(RunId, Entry)> = read.into_iter().map(|r| (r.run, r.entry)).collect();
        prop_assert_eq!(&read, &written);
        for n in 0..3 {
            let id = run(&format!("run-{n}"));
            let of_run: Vec<Entry> = f.store.entries(&id).unwrap().into_iter().map(|e| e.2).collect();
            let expected: Vec<Entry> = written.iter().filter(|w| w.0 == id).map(|w| w.1.clone()).collect();
            prop_assert_eq!(of_run, expected);
        }
        let report = f.store.verify().unwrap();
        prop_assert_eq!(report.records, written.len() as u64);
        prop_assert_eq!(report.problems, []);
    }
}
