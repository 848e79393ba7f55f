//! Who is there: a PIN in a header, or a session that a PIN opened.

pub mod address;
mod audit;
mod caller;
mod known;
mod login;
mod pin;
pub mod session;
mod setup;
mod throttle;

pub use address::Address;
pub use audit::decided;
pub use caller::Caller;
pub use pin::{prepared, withstands};
pub use session::cookie;

use super::{Notice, Problem};
use crate::config::{LoginSettings, ServeSettings};
use crate::kernel::id::Digest;
use crate::kernel::principal::Principal;
use crate::store::{Clock, Store, StoreError};
use audit::Way;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use known::Known;
use pin::{Cost, FromFile, Verified};
use secrecy::SecretString;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use throttle::{Attempt, Begun, Throttle, Wait};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

/// The header that carries a PIN.
pub const PIN_HEADER: HeaderName = HeaderName::from_static("x-sentinel-pin");
/// Most guesses that wait for the one argon2 computation that runs at a time. It takes 64 MB and some 0.1 s.
const QUEUE: usize = 16;
/// The one person of a self-hosted installation, by the same name as on the command line.
const USER: &str = "user";

/// Authentication cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum AuthFailure {
    /// The content of the PIN's file.
    #[error("the PIN in its file is unfit: {0}")]
    Pin(&'static str),
    /// A new PIN.
    #[error("{0}")]
    Unfit(&'static str),
    /// argon2 or the system's source of randomness.
    #[error("cannot protect the PIN: {0}")]
    Hash(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a PIN is compared with.
#[derive(Debug, Clone)]
enum Secret {
    /// Nobody but this machine can connect, and no PIN is asked for.
    NotNeeded,
    /// No PIN was ever set; this is the hash of the code that may set one.
    Unset(Digest),
    /// The PIN's hash in PHC form.
    Set(Arc<str>),
    /// The file held the PIN itself, and it is known from the start.
    Told,
}

/// Whether a PIN is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinAsked {
    /// Only this machine can connect, and it is let in.
    None,
    /// None was ever set: the one-time code sets one, and until then everybody is nobody.
    Unset,
    /// Whoever has neither PIN nor session is nobody.
    Always,
}

/// Says who is there.
pub struct Auth {
    store: Arc<Store>,
    clock: Clock,
    notice: Notice,
    settings: LoginSettings,
    proxies: Vec<ipnet::IpNet>,
    secret: RwLock<Secret>,
    known: Arc<Known>,
    throttle: Arc<Throttle>,
    turn: Semaphore,
    queue: Semaphore,
    cost: Cost,
    /// Turned whenever a session ended, so that whoever holds one looks whether it is his.
    endings: watch::Sender<()>,
}

impl Auth {
    /// Reads what PIN there is. Without one, a new setup code is told by `whisper`, which is written down
    /// nowhere.
    ///
    /// # Errors
    /// When `pin` is unfit, or the store fails.
    pub fn open(
        store: Arc<Store>,
        clock: Clock,
        settings: &ServeSettings,
        pin: Option<SecretString>,
        notice: &Notice,
        whisper: &Notice,
    ) -> Result<Self, AuthFailure> {
        Self::open_at_cost(store, clock, settings, pin, (notice, whisper), pin::RECOMMENDED)
    }

    fn open_at_cost(
        store: Arc<Store>,
        clock: Clock,
        settings: &ServeSettings,
        pin: Option<SecretString>,
        (notice, whisper): (&Notice, &Notice),
        cost: Cost,
    ) -> Result<Self, AuthFailure> {
        let login = settings.login.clone();
        let known = Arc::new(Known::new()?);
        let secret = match (login.pin_required, &pin) {
            (false, _) => Secret::NotNeeded,
            (true, Some(content)) => match pin::from_file(content)? {
                FromFile::Hash(hash) => Secret::Set(hash.into()),
                // A hash of what lies in a file in plain would protect nothing, and cost the start 0.1 s.
                FromFile::Pin => {
                    known.remember(content);
                    Secret::Told
                }
            },
            (true, None) => match store.pin_hash()? {
                Some(hash) => Secret::Set(hash.into()),
                None => Secret::Unset(setup::tell_code(&store, whisper)?),
            },
        };
        login::end_those_of_another_pin(&store, &secret, pin.as_ref())?;
        let throttle = Throttle::open(store.clone(), clock.clone(), login.tries, login.tries_global)?;
        Ok(Self {
            secret: RwLock::new(secret),
            known,
            throttle: Arc::new(throttle),
            turn: Semaphore::new(1),
            queue: Semaphore::new(QUEUE),
            proxies: settings.trusted_proxies.clone(),
            settings: login,
            notice: notice.clone(),
            store,
            clock,
            cost,
            endings: watch::Sender::new(()),
        })
    }

    /// Who sends a request with these headers. For a handler, [`Caller`] as an argument does this.
    ///
    /// # Errors
    /// 401 when nobody, 429 when too many wrong PINs came from there, whatever this one is.
    pub async fn authenticate(&self, headers: &HeaderMap, from: Address) -> Result<Caller, Problem> {
        if matches!(self.secret(), Secret::NotNeeded) {
            return Ok(Caller::new(Principal::new(USER), None, from));
        }
        let mut pins = headers.get_all(PIN_HEADER).iter();
        match (pins.next(), pins.next()) {
            (Some(pin), None) => {
                self.check(from, header_text(pin)?, Way::Header).await?;
                Ok(Caller::new(Principal::new(USER), None, from))
            }
            (Some(_), Some(_)) => Err(Problem::unauthenticated("send one X-Sentinel-Pin")),
            (None, _) => self.by_cookie(from, headers).await,
        }
    }

    /// Whether a PIN is asked for.
    pub fn pin(&self) -> PinAsked {
        match self.secret() {
            Secret::NotNeeded => PinAsked::None,
            Secret::Unset(_) => PinAsked::Unset,
            Secret::Set(_) | Secret::Told => PinAsked::Always,
        }
    }

    /// The caller of a PIN that came in the first message of a WebSocket.
    ///
    /// # Errors
    /// As [`Auth::authenticate`].
    pub async fn by_pin(&self, from: Address, pin: SecretString) -> Result<Caller, Problem> {
        self.check(from, pin, Way::Socket).await?;
        Ok(Caller::new(Principal::new(USER), None, from))
    }

    /// INVARIANT: each guess is charged to the throttle, in memory and under its lock, before or while it is compared,
    /// so that guesses side by side cannot outrun the count; and on the disk before anybody learns the outcome.
    async fn check(&self, from: Address, pin: SecretString, way: Way) -> Result<(), Problem> {
        let hash = match self.secret() {
            Secret::Set(hash) => hash,
            Secret::Told => return self.compare(from, &pin, way).await,
            Secret::NotNeeded => {
                return Err(Problem::conflict("no-pin", "this server asks for no PIN (`pin_required`)"));
            }
            Secret::Unset(_) => return Err(Problem::unauthenticated("no PIN is set yet: see /api/setup")),
        };
        self.throttle.judge(from).map_err(throttled)?;
        // Once a PIN was right, comparing with it needs no argon2, for right and wrong ones alike.
        let _turn = if self.known.is_empty() { Some(self.turn().await?) } else { None };
        let attempt = match self.throttle.begin(from, || self.known.compare(&pin)).map_err(throttled)? {
            Begun::Right => return self.right(from).await,
            Begun::Wrong => return self.wrong(from, way).await,
            Begun::Unknown(attempt) => attempt,
        };
        self.verify(from, pin, hash, attempt, way).await
    }

    /// For a PIN that is known from the start, so that nothing is left to verify.
    async fn compare(&self, from: Address, pin: &SecretString, way: Way) -> Result<(), Problem> {
        match self.throttle.begin(from, || self.known.compare(pin)).map_err(throttled)? {
            Begun::Right => self.right(from).await,
            Begun::Wrong | Begun::Unknown(_) => self.wrong(from, way).await,
        }
    }

    async fn verify(
        &self,
        from: Address,
        pin: SecretString,
        hash: Arc<str>,
        attempt: Attempt,
        way: Way,
    ) -> Result<(), Problem> {
        let (throttle, known) = (self.throttle.clone(), self.known.clone());
        let verified = self.blocking(move || {
            throttle.keep(from)?;
            let verified = pin::verify(&pin, &hash);
            if matches!(verified, Ok(Verified::Right)) {
                known.remember(&pin);
                throttle.right(attempt);
                throttle.forgive(from)?;
                throttle.keep(from)?;
            }
            Ok(verified)
        });
        match verified.await? {
            Ok(Verified::Right) => Ok(()),
            Ok(Verified::Wrong) => Err(self.told_wrong(from, way)),
            Err(e) => Err(self.broke(&e)),
        }
    }

    /// A guess that is known to be wrong is told so once its count is on the disk.
    async fn wrong(&self, from: Address, way: Way) -> Result<(), Problem> {
        let throttle = self.throttle.clone();
        self.blocking(move || throttle.keep(from)).await?;
        Err(self.told_wrong(from, way))
    }

    fn told_wrong(&self, from: Address, way: Way) -> Problem {
        audit::wrong(from, way, self.throttle.judge(from).err());
        Problem::unauthenticated(way.wrong())
    }

    /// Forgets what an address guessed before it knew. The count of everybody stays.
    async fn right(&self, from: Address) -> Result<(), Problem> {
        if !self.throttle.remembers(from) {
            return Ok(());
        }
        let throttle = self.throttle.clone();
        self.blocking(move || throttle.forgive(from)).await
    }

    async fn turn(&self) -> Result<(SemaphorePermit<'_>, SemaphorePermit<'_>), Problem> {
        let busy = |_| {
            let detail = "too many logins at once";
            Problem::unavailable("busy", detail, Duration::from_secs(1))
        };
        let place = self.queue.try_acquire().map_err(|_| busy(()))?;
        let turn = self.turn.acquire().await.map_err(|_| busy(()))?;
        Ok((turn, place))
    }

    /// Work on disk or much computing, away from the threads that answer.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(e)) => {
                self.tell_broken(&e);
                Err(e.into())
            }
            Err(e) => Err(self.broke(&e)),
        }
    }

    fn broke(&self, cause: &dyn std::fmt::Display) -> Problem {
        self.tell_broken(cause);
        Problem::internal()
    }

    /// Whether somebody guesses is not known then, so it is no mere notice.
    fn tell_broken(&self, cause: &dyn std::fmt::Display) {
        tracing::warn!(reason = %cause, "a login could not be judged: nobody was let in");
        (self.notice)(&format!("authentication failed: {cause}"));
    }

    fn secret(&self) -> Secret {
        self.secret.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn header_text(value: &HeaderValue) -> Result<SecretString, Problem> {
    let text = std::str::from_utf8(value.as_bytes());
    text.map(SecretString::from)
        .map_err(|_| Problem::unauthenticated("the header X-Sentinel-Pin is not UTF-8"))
}

/// The same answer for right and wrong PINs.
fn throttled(Wait(wait): Wait) -> Problem {
    Problem::too_many("throttled", "too many wrong PINs: wait before the next try", wait)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
