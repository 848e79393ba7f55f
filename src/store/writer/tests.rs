use super::super::migrate::migrate;
use super::*;
use std::sync::mpsc::TryRecvError;

struct Desktop {
    writer: Writer,
    _dir: tempfile::TempDir,
}

fn writer() -> Desktop {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.db");
    let mut db = Connection::open(&path).unwrap();
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
    migrate(&mut db, &path).unwrap();
    db.execute_batch("CREATE TABLE row (n INTEGER UNIQUE, filler BLOB)").unwrap();
    Desktop { writer: Writer::start(db, &path).unwrap(), _dir: dir }
}

type Waiter = Receiver<Result<usize, StoreError>>;

/// Queues a piece of work without waiting for its answer.
fn queue(writer: &Writer, work: impl FnOnce(&Connection) -> Result<usize, Fault> + Send + 'static) -> Waiter {
    let (waiter, answer) = sync_channel(1);
    writer.send(Message::Work(Box::new(Piece { work: Some(work), done: None, waiter }))).unwrap();
    answer
}

fn insert(writer: &Writer, n: u32, bytes: u32) -> Waiter {
    queue(writer, move |db| Ok(db.execute("INSERT INTO row VALUES (?1, zeroblob(?2))", [n, bytes])?))
}

/// A piece of work that is inside its transaction now and stays there until told.
struct Held {
    go: SyncSender<()>,
    done: Waiter,
}

fn hold(writer: &Writer) -> Held {
    let (go, wait) = sync_channel::<()>(1);
    let (entered, inside) = sync_channel(1);
    let done = queue(writer, move |_| {
        entered.send(()).unwrap();
        wait.recv().unwrap();
        Ok(0)
    });
    inside.recv().unwrap();
    Held { go, done }
}

impl Held {
    fn release(self) {
        self.go.send(()).unwrap();
        assert_eq!(self.done.recv().unwrap(), Ok(0));
    }
}

fn rows(writer: &Writer) -> i64 {
    let db = Connection::open(&writer.path).unwrap();
    db.query_row("SELECT count(*) FROM row", [], |r| r.get(0)).unwrap()
}

fn cap(writer: &Writer, pages: i64) {
    // The cap is never below what is there already.
    writer.run(move |db| Ok(db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?)).unwrap();
}

#[test]
fn what_queues_up_during_a_commit_shares_the_next_one() {
    let d = writer();
    let held = hold(&d.writer);
    let waiters: Vec<Waiter> = (0..300).map(|n| insert(&d.writer, n, 1)).collect();
    held.release();
    assert!(waiters.iter().all(|w| w.recv().unwrap() == Ok(1)));
    // The held one, a full batch, the rest.
    assert_eq!(d.writer.commits(), 3);
    assert_eq!(rows(&d.writer), 300);
}

#[test]
fn a_lone_producer_is_committed_at_once() {
    let d = writer();
    for n in 0..5 {
        assert_eq!(insert(&d.writer, n, 1).recv().unwrap(), Ok(1));
    }
    assert_eq!(d.writer.commits(), 5);
}

#[test]
fn nothing_is_answered_or_seen_before_its_commit() {
    let d = writer();
    let held = hold(&d.writer);
    let early = insert(&d.writer, 1, 1);
    let (go, wait) = sync_channel::<()>(1);
    let (entered, inside) = sync_channel(1);
    let late = queue(&d.writer, move |_| {
        entered.send(()).unwrap();
        wait.recv().unwrap();
        Ok(7)
    });
    held.release();
    // Now `early` has been done, in the transaction that `late` holds open.
    inside.recv().unwrap();
    assert_eq!(early.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(rows(&d.writer), 0);
    go.send(()).unwrap();
    assert_eq!((early.recv().unwrap(), late.recv().unwrap()), (Ok(1), Ok(7)));
    assert_eq!(rows(&d.writer), 1);
}

#[test]
fn a_refused_piece_leaves_its_batch_alone() {
    let d = writer();
    let held = hold(&d.writer);
    let (first, same, other) = (insert(&d.writer, 1, 1), insert(&d.writer, 1, 1), insert(&d.writer, 2, 1));
    let half = queue(&d.writer, |db| {
        db.execute("INSERT INTO row VALUES (3, NULL)", [])?;
        Err(Fault::damaged("on purpose"))
    });
    held.release();
    assert_eq!((first.recv().unwrap(), other.recv().unwrap()), (Ok(1), Ok(1)));
    assert!(
        matches!(same.recv().unwrap(), Err(StoreError::Query { reason, .. }) if reason.contains("UNIQUE"))
    );
    assert!(matches!(half.recv().unwrap(), Err(StoreError::Damaged { .. })));
    assert_eq!(rows(&d.writer), 2);
    assert_eq!(d.writer.health(), Health::Healthy);
}

#[test]
fn a_fault_of_the_disk_voids_the_batch_and_its_transaction() {
    let d = writer();
    let held = hold(&d.writer);
    let before = insert(&d.writer, 1, 1);
    let broken = queue(&d.writer, |_| {
        let io = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
        Err(Fault::Sqlite(rusqlite::Error::SqliteFailure(io, None)))
    });
    let after = insert(&d.writer, 2, 1);
    held.release();
    for waiter in [before, broken, after] {
        assert!(matches!(waiter.recv().unwrap(), Err(StoreError::Unwritable { .. })));
    }
    assert_eq!(rows(&d.writer), 0);
    assert_eq!(insert(&d.writer, 3, 1).recv().unwrap(), Ok(1), "the next one starts clean");
    assert_eq!(rows(&d.writer), 1);
}

#[test]
fn a_full_disk_refuses_the_whole_batch_and_heals() {
    let d = writer();
    assert_eq!(insert(&d.writer, 0, 1_000_000).recv().unwrap(), Ok(1));
    cap(&d.writer, 1);
    let held = hold(&d.writer);
    let batch: Vec<Waiter> =
        [1, 1, 100_000, 1].into_iter().zip(1..).map(|(b, n)| insert(&d.writer, n, b)).collect();
    held.release();
    for waiter in batch {
        let refused = waiter.recv().unwrap().unwrap_err();
        assert!(
            matches!(&refused, StoreError::Unwritable { reason, .. } if reason.contains("full")),
            "{refused}"
        );
    }
    assert_eq!(rows(&d.writer), 1);
    assert!(matches!(d.writer.health(), Health::Unhealthy { reason } if reason.contains("full")));

    // One that would fit is refused too while the probe does not.
    let small = insert(&d.writer, 10, 1).recv().unwrap();
    assert!(matches!(small, Err(StoreError::Unwritable { .. })), "{small:?}");
    assert_eq!(rows(&d.writer), 1);

    // Somebody makes room.
    Connection::open(&d.writer.path).unwrap().execute("DELETE FROM row WHERE n = 0", []).unwrap();
    assert_eq!(insert(&d.writer, 11, 100_000).recv().unwrap(), Ok(1));
    assert_eq!(d.writer.health(), Health::Healthy);
    assert_eq!(rows(&d.writer), 1);
}

#[test]
fn a_writer_that_died_answers_nobody_with_success() {
    let d = writer();
    let dead = queue(&d.writer, |_| panic!("on purpose"));
    assert!(dead.recv().is_err());
    let after = d.writer.run(|_| Ok(()));
    assert!(matches!(after, Err(StoreError::Closed { .. })), "{after:?}");
}
