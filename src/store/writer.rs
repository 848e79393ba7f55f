//! The one writer: a thread that owns the writing connection and commits in groups.
//!
//! Work arrives by a channel and is answered only after its transaction is on the disk. Whatever queued up while
//! the last commit ran goes into the next one; when several producers are about, the writer also lingers a little
//! for the rest of them, so that they share one fsync. A lone producer never waits.

use super::error::{Fault, StoreError};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// Most pieces of work in one transaction.
const MAX_BATCH: usize = 256;
/// Longest that a batch waits for more producers.
const LINGER: Duration = Duration::from_millis(5);
/// Longest that it waits for the next one: a released producer is back within microseconds or not at all.
const GAP: Duration = Duration::from_micros(500);
/// What the probe writes before a store that failed is believed again; more than a small record needs.
const PROBE_BYTES: i64 = 64 * 1024;

/// Whether records can be made durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// The last commit worked.
    Healthy,
    /// The last commit failed; every write is refused until a probe commit works.
    Unhealthy {
        /// What SQLite said.
        reason: String,
    },
}

type Shared = Arc<Mutex<Health>>;

pub(super) struct Writer {
    queue: Option<Sender<Message>>,
    thread: Option<JoinHandle<()>>,
    health: Shared,
    commits: Arc<AtomicU64>,
    path: PathBuf,
}

/// Where the outcome of a flush goes.
type Flushed = SyncSender<Result<(), StoreError>>;

enum Message {
    Work(Box<dyn Work>),
    /// Empties the write-ahead log into the database, so that nothing erased is left in it.
    Flush(Flushed),
}

/// A piece of work: done inside the batch's transaction, answered after its commit.
trait Work: Send {
    /// `Err` undoes this piece only, unless the fault is fatal.
    fn apply(&mut self, db: &Connection) -> Result<(), Fault>;
    /// Answers the waiter; `Err` when this piece or its whole batch failed.
    fn release(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Piece<F, T> {
    work: Option<F>,
    done: Option<T>,
    waiter: SyncSender<Result<T, StoreError>>,
}

impl<F, T> Work for Piece<F, T>
where
    F: FnOnce(&Connection) -> Result<T, Fault> + Send,
    T: Send,
{
    fn apply(&mut self, db: &Connection) -> Result<(), Fault> {
        if let Some(work) = self.work.take() {
            self.done = Some(work(db)?);
        }
        Ok(())
    }

    fn release(self: Box<Self>, outcome: Result<(), StoreError>) {
        let answer = match (outcome, self.done) {
            (Ok(()), Some(done)) => Ok(done),
            (Err(e), _) => Err(e),
            // Dropping the waiter's channel reads as "closed" at the other end.
            (Ok(()), None) => return,
        };
        // A waiter that is gone needs no answer.
        let _gone = self.waiter.send(answer);
    }
}

impl Writer {
    /// Starts the thread over an open, migrated connection.
    pub(super) fn start(db: Connection, path: &Path) -> Result<Self, StoreError> {
        let (queue, arrivals) = channel();
        let health: Shared = Arc::new(Mutex::new(Health::Healthy));
        let commits = Arc::new(AtomicU64::new(0));
        let mut desk = Desk {
            db,
            path: path.to_owned(),
            health: health.clone(),
            commits: commits.clone(),
            last_batch: 1,
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || desk.serve(&arrivals))
            .map_err(|e| StoreError::Open {
                dir: path.to_owned(),
                reason: format!("cannot start its writer thread: {e}"),
            })?;
        Ok(Self { queue: Some(queue), thread: Some(thread), health, commits, path: path.to_owned() })
    }

    /// Does `work` in a transaction and returns once it is durable.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (waiter, answer) = sync_channel(1);
        let piece = Piece { work: Some(work), done: None, waiter };
        self.send(Message::Work(Box::new(piece)))?;
        answer.recv().unwrap_or_else(|_| Err(self.closed()))
    }

    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let (waiter, answer) = sync_channel(1);
        self.send(Message::Flush(waiter))?;
        answer.recv().unwrap_or_else(|_| Err(self.closed()))
    }

    pub(super) fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many transactions were committed since the start.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    fn send(&self, message: Message) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or_else(|| self.closed())?;
        queue.send(message).map_err(|_| self.closed())
    }

    fn closed(&self) -> StoreError {
        StoreError::Closed { dir: self.path.parent().unwrap_or(&self.path).to_owned() }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic in the thread has shown itself to every waiter as "closed" already.
            let _panicked = thread.join();
        }
    }
}

/// What the thread owns.
struct Desk {
    db: Connection,
    path: PathBuf,
    health: Shared,
    commits: Arc<AtomicU64>,
    last_batch: usize,
}

impl Desk {
    fn serve(&mut self, arrivals: &Receiver<Message>) {
        while let Ok(first) = arrivals.recv() {
            match first {
                Message::Work(piece) => {
                    let (batch, flush) = self.gather(piece, arrivals);
                    self.last_batch = batch.len();
                    self.commit(batch);
                    if let Some(waiter) = flush {
                        self.flush(&waiter);
                    }
                }
                Message::Flush(waiter) => self.flush(&waiter),
            }
        }
    }

    /// What is there at once; and, when the last batch had several producers, up to as many again.
    fn gather(
        &self,
        first: Box<dyn Work>,
        arrivals: &Receiver<Message>,
    ) -> (Vec<Box<dyn Work>>, Option<Flushed>) {
        let mut batch = vec![first];
        let until = Instant::now() + LINGER;
        while batch.len() < MAX_BATCH {
            let wait = match batch.len() < self.last_batch {
                true => GAP.min(until.saturating_duration_since(Instant::now())),
                false => Duration::ZERO,
            };
            match arrivals.recv_timeout(wait) {
                Ok(Message::Work(piece)) => batch.push(piece),
                Ok(Message::Flush(waiter)) => return (batch, Some(waiter)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        (batch, None)
    }

    fn commit(&mut self, mut batch: Vec<Box<dyn Work>>) {
        let outcomes = self.recover().and_then(|()| self.try_commit(&mut batch));
        match outcomes {
            Ok(outcomes) => {
                self.set_health(Health::Healthy);
                for (piece, outcome) in batch.into_iter().zip(outcomes) {
                    piece.release(outcome);
                }
            }
            Err(fault) => {
                // Best effort: an open transaction is void; SQLite may have rolled it back itself already.
                let _rolled_back = self.db.execute_batch("ROLLBACK");
                let error = StoreError::Unwritable { path: self.path.clone(), reason: reason(&fault) };
                self.set_health(Health::Unhealthy { reason: reason(&fault) });
                for piece in batch {
                    piece.release(Err(error.clone()));
                }
            }
        }
    }

    /// INVARIANT: no outcome leaves before COMMIT returned, and COMMIT returns after fsync (synchronous=FULL).
    fn try_commit(&self, batch: &mut [Box<dyn Work>]) -> Result<Vec<Result<(), StoreError>>, Fault> {
        let mut outcomes = Vec::with_capacity(batch.len());
        self.say("BEGIN IMMEDIATE")?;
        for piece in batch {
            self.say("SAVEPOINT piece")?;
            match piece.apply(&self.db) {
                Ok(()) => outcomes.push(Ok(())),
                Err(fault) if fault.is_fatal() || self.db.is_autocommit() => return Err(fault),
                Err(fault) => {
                    self.say("ROLLBACK TO piece")?;
                    outcomes.push(Err(fault.at(&self.path)));
                }
            }
            self.say("RELEASE piece")?;
        }
        self.say("COMMIT")?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(outcomes)
    }

    /// A statement without values, parsed once.
    fn say(&self, sql: &str) -> Result<(), Fault> {
        self.db.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// After a failed commit nothing is believed until a commit that needs space worked.
    fn recover(&self) -> Result<(), Fault> {
        if *self.health.lock().unwrap_or_else(PoisonError::into_inner) == Health::Healthy {
            return Ok(());
        }
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        self.db.execute("INSERT INTO probe (filler) VALUES (zeroblob(?1))", [PROBE_BYTES])?;
        self.db.execute("DELETE FROM probe", [])?;
        self.db.execute_batch("COMMIT")?;
        Ok(())
    }

    fn flush(&self, waiter: &Flushed) {
        // The row is (busy, pages in the log, pages moved).
        let busy = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get::<_, i64>(0));
        let outcome = match busy {
            Ok(0) => Ok(()),
            Ok(_) => Err(StoreError::Query {
                path: self.path.clone(),
                reason: "a reader keeps its log from being emptied; try again".to_owned(),
            }),
            Err(e) => Err(Fault::from(e).at(&self.path)),
        };
        let _gone = waiter.send(outcome);
    }

    fn set_health(&self, health: Health) {
        let mut known = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*known, &health) {
            (Health::Healthy, Health::Unhealthy { reason }) => {
                tracing::error!(%reason, "records cannot be made durable: nothing is decided until they can")
            }
            (Health::Unhealthy { .. }, Health::Healthy) => tracing::warn!("records are durable again"),
            _ => {}
        }
        *known = health;
    }
}

fn reason(fault: &Fault) -> String {
    match fault {
        Fault::Sqlite(e) => e.to_string(),
        Fault::Damaged(what) => what.clone(),
    }
}
