//! Many producers, and a disk that is full.

use super::*;

const THREADS: u32 = 20;
const EACH: u32 = 25;

#[test]
fn twenty_threads_share_commits_and_lose_nothing() {
    let f = fixture();
    let mut seqs: Vec<u64> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..THREADS)
            .map(|t| {
                let store = &f.store;
                scope.spawn(move || {
                    let id = run(&format!("r{t}"));
                    (0..EACH)
                        .map(|n| store.append(&id, &screened(&n.to_string())).unwrap().0)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|w| w.join().unwrap()).collect()
    });
    seqs.sort_unstable();
    assert!(seqs.into_iter().eq(1..=u64::from(THREADS * EACH)), "gapless, each once");
    assert!(f.store.commits() < u64::from(THREADS * EACH) / 2, "{} commits", f.store.commits());
    for t in 0..THREADS {
        let entries = f.store.entries(&run(&format!("r{t}"))).unwrap();
        let expected: Vec<Entry> = (0..EACH).map(|n| screened(&n.to_string())).collect();
        assert_eq!(entries.into_iter().map(|e| e.2).collect::<Vec<_>>(), expected);
    }
    let report = f.store.verify().unwrap();
    assert_eq!((report.records, report.problems), (u64::from(THREADS * EACH), vec![]));
}

#[test]
fn readers_do_not_wait_for_the_writer() {
    let f = fixture();
    f.store.append(&run("r"), &screened("before")).unwrap();
    let (entered, inside) = std::sync::mpsc::sync_channel(1);
    let (go, wait) = std::sync::mpsc::sync_channel::<()>(1);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            f.store.write(move |db| {
                db.execute("UPDATE run SET channel = 'changed'", [])?;
                entered.send(()).unwrap();
                wait.recv().unwrap();
                Ok(())
            })
        });
        inside.recv().unwrap();
        // The writer is inside its transaction and stays there; more readers than are kept idle look at once.
        let readers: Vec<_> =
            (0..10).map(|_| scope.spawn(|| f.store.run(&run("r")).unwrap().unwrap().channel)).collect();
        for reader in readers {
            assert_eq!(reader.join().unwrap().as_deref(), Some("cli"));
        }
        go.send(()).unwrap();
    });
    assert_eq!(f.store.run(&run("r")).unwrap().unwrap().channel.as_deref(), Some("changed"));
}

/// Lets the database not grow any more, after somebody else's data has filled it. Gives what makes room again.
fn fill_up(f: &Fixture) -> impl FnOnce() + use<> {
    let db = Connection::open(f.dir.path().join(FILE_NAME)).unwrap();
    db.execute("INSERT INTO probe (id, filler) VALUES (1, zeroblob(2000000))", []).unwrap();
    // A cap below the present size is the present size.
    f.store.write(|db| Ok(db.pragma_update_and_check(None, "max_page_count", 1, |_| Ok(()))?)).unwrap();
    move || {
        db.execute("DELETE FROM probe", []).unwrap();
    }
}

#[test]
fn a_full_disk_refuses_everybody_and_loses_nothing() {
    let f = fixture();
    for n in 0..5 {
        f.store.append(&run("r"), &screened(&n.to_string())).unwrap();
    }
    let before = f.store.verify().unwrap();
    let make_room = fill_up(&f);
    let big = "x".repeat(50_000);
    std::thread::scope(|scope| {
        let writers: Vec<_> =
            (0..THREADS).map(|_| scope.spawn(|| f.store.append(&run("r"), &screened(&big)))).collect();
        for writer in writers {
            let refused = writer.join().unwrap().unwrap_err();
            assert!(matches!(&refused, StoreError::Unwritable { .. }), "{refused}");
            assert!(
                refused.to_string().contains(FILE_NAME) && refused.to_string().contains("free"),
                "{refused}"
            );
        }
    });
    assert!(matches!(f.store.health(), Health::Unhealthy { .. }));
    assert!(f.store.probe().is_err());
    // What the kernel sees: no record, so no decision.
    assert!(Journal::record(&f.store, &run("r"), &ended()).unwrap_err().0.contains("full"));
    assert_eq!(f.store.verify().unwrap(), before);

    make_room();
    f.store.probe().unwrap();
    assert_eq!(f.store.health(), Health::Healthy);
    assert_eq!(f.store.append(&run("r"), &screened(&big)).unwrap(), Seq(6));
    let f = f.reopened();
    assert_eq!(f.store.entries(&run("r")).unwrap().len(), 6);
    assert_eq!(f.store.verify().unwrap().problems, []);
}

#[test]
fn a_start_that_is_not_durable_leaves_its_approval_unused() {
    let f = fixture();
    let new = NewQuestion {
        digest: digest("q"),
        run: run("r"),
        call: Some(CallNo(1)),
        kind: QuestionKind::Call,
        payload: json!(null),
        created: 0,
        expires_at: 10,
    };
    let row = f.store.ask(new).unwrap();
    f.store.answer(&row.id, &row.digest, Answer::Granted, &ann(), None, 1).unwrap();
    let make_room = fill_up(&f);
    let entry = started(1, "t", &[("x", json!("x".repeat(50_000)), planned())]);
    let refused = f.store.record_using_approval(&run("r"), &entry, &row.id).unwrap_err();
    assert!(matches!(refused, ApprovalError::Store(StoreError::Unwritable { .. })), "{refused}");
    assert!(f.store.approved_for(&run("r"), &row.digest).unwrap().is_some());
    make_room();
    assert_eq!(f.store.record_using_approval(&run("r"), &entry, &row.id).unwrap(), Seq(1));
}
