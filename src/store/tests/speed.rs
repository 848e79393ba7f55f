//! Figures, on demand: `cargo test --release --lib store::tests::speed -- --ignored --nocapture`.

use super::*;
use std::time::Instant;

fn report(what: &str, n: u32, since: Instant, store: &Store, commits: u64) {
    let secs = since.elapsed().as_secs_f64();
    let commits = store.commits() - commits;
    println!(
        "{what}: {n} in {secs:.2} s = {:.0}/s, {:.2} ms each, {commits} commits",
        f64::from(n) / secs,
        secs * 1e3 / f64::from(n)
    );
}

#[test]
#[ignore = "measures, proves nothing"]
fn figures() {
    let f = fixture();
    let entry = started(1, "file_read", &[("path", json!("inbox/a.txt"), planned())]);
    for round in 0..3 {
        let (at, commits) = (Instant::now(), f.store.commits());
        for _ in 0..500 {
            f.store.append(&run("single"), &entry).unwrap();
        }
        report(&format!("single commits, round {round}"), 500, at, &f.store, commits);
    }
    let (at, commits) = (Instant::now(), f.store.commits());
    for batch in 0..100 {
        let (id, entry, clock) = (run(&format!("batch{batch}")), entry.clone(), f.store.clock.clone());
        f.store
            .write(move |db| {
                for _ in 0..20 {
                    journal::append(db, Prepared::new(&id, &entry)?, clock())?;
                }
                Ok(())
            })
            .unwrap();
    }
    report("rows in batches of 20", 2_000, at, &f.store, commits);
    let (at, commits) = (Instant::now(), f.store.commits());
    std::thread::scope(|scope| {
        for t in 0..20 {
            let (store, entry) = (&f.store, &entry);
            scope.spawn(move || {
                for _ in 0..200 {
                    store.append(&run(&format!("thread{t}")), entry).unwrap();
                }
            });
        }
    });
    report("records from 20 threads", 4_000, at, &f.store, commits);
    let at = Instant::now();
    let records = f.store.verify().unwrap().records;
    report("records verified", u32::try_from(records).unwrap(), at, &f.store, f.store.commits());
    let at = Instant::now();
    let read = u32::try_from(f.store.records(&run("single")).unwrap().len()).unwrap();
    report("records read", read, at, &f.store, f.store.commits());
}
