//! Sessions of people who logged in: opened with a PIN, looked at before each use, ended in many ways.

use super::audit::{self, Way};
use super::pin::{self, Cost, Verified};
use super::session::{self, Token};
use super::{Address, Auth, AuthFailure, Caller, Secret, USER, cookie, millis};
use crate::http::Problem;
use crate::kernel::id::Digest;
use crate::kernel::principal::Principal;
use crate::store::{LoginRow, NewLogin, Store, StoreError};
use axum::http::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Most sessions that are kept; the oldest go first.
const MOST_SESSIONS: u32 = 50;
/// How exactly the last use of a session is noted: each note is a write to the disk.
const TOUCH: Duration = Duration::from_secs(60);
/// How often an open connection looks whether its session grew too old; one that is ended is told at once.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// Whether a look at a session is a use of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Counts,
    Looks,
}

/// What tells by which PIN sessions were opened: the digest of its hash; or, where its file holds the PIN itself, an
/// argon2id hash of it, for a mere digest of six digits would tell them.
fn mark(secret: &Secret, pin: &SecretString, cost: Cost) -> Result<String, AuthFailure> {
    match secret {
        Secret::Set(hash) => Ok(Digest::of(hash.as_bytes()).to_string()),
        Secret::Told | Secret::NotNeeded | Secret::Unset(_) => pin::hash(pin, cost),
    }
}

/// Ends all sessions when they were opened with another PIN than today's.
pub(super) fn end_those_of_another_pin(
    store: &Store,
    secret: &Secret,
    content: Option<&SecretString>,
) -> Result<(), AuthFailure> {
    if store.logins()?.is_empty() {
        return Ok(());
    }
    let kept = store.login_mark()?.unwrap_or_default();
    let same = match (secret, content) {
        (Secret::Set(hash), _) => kept == Digest::of(hash.as_bytes()).to_string(),
        // A mark of another kind is no hash, and not this PIN's.
        (Secret::Told, Some(pin)) => matches!(pin::verify(pin, &kept), Ok(Verified::Right)),
        (Secret::Told | Secret::Unset(_) | Secret::NotNeeded, _) => false,
    };
    if !same {
        let count = store.end_logins(&Principal::new(USER))?;
        tracing::info!(count, "the PIN is another one: all sessions were revoked");
    }
    Ok(())
}

fn over() -> Problem {
    Problem::unauthenticated("this session is over: log in again")
}

impl Auth {
    /// The caller of the session that a cookie names.
    ///
    /// # Errors
    /// 401 when there is none, or it is over.
    pub async fn by_cookie(&self, from: Address, headers: &HeaderMap) -> Result<Caller, Problem> {
        if let Secret::Unset(_) = self.secret() {
            let detail =
                "no PIN is set yet: POST /api/setup with the code that this server printed at its start";
            return Err(Problem::unauthenticated(detail));
        }
        let Some(token) = cookie(headers, session::COOKIE) else {
            let detail = "log in with POST /api/session, or send the header X-Sentinel-Pin";
            return Err(Problem::unauthenticated(detail));
        };
        let hash = Token::hash_of(token).ok_or_else(over)?;
        let row = self.live(move |store| store.login(hash), Use::Counts).await?.ok_or_else(over)?;
        Ok(Caller::new(row.principal, Some(row.id.into()), from))
    }

    /// Opens a session; returns its cookie. The session that the headers named before is over.
    ///
    /// # Errors
    /// 401 for a wrong PIN, 429 as for [`Auth::authenticate`].
    pub async fn log_in(
        &self,
        from: Address,
        headers: &HeaderMap,
        pin: SecretString,
    ) -> Result<HeaderValue, Problem> {
        self.check(from, pin.clone(), Way::Login).await?;
        // A hash of the PIN costs as much as a comparison with one.
        let _turn = if matches!(self.secret(), Secret::Told) { Some(self.turn().await?) } else { None };
        let token = Token::fresh().map_err(|e| self.broke(&e))?;
        let before = cookie(headers, session::COOKIE).and_then(Token::hash_of);
        let new = NewLogin {
            id: token.name.clone(),
            token: token.hash(),
            principal: Principal::new(USER),
            address: from.to_string(),
        };
        let (store, secret, cost) = (self.store.clone(), self.secret(), self.cost);
        let opened = self.blocking(move || {
            if let Some(before) = before.and_then(|hash| store.login(hash).transpose()).transpose()? {
                store.end_login(&before.principal, &before.id)?;
            }
            // INVARIANT: where there are sessions, the mark is that of the PIN they were opened with.
            if store.logins()?.is_empty() {
                match mark(&secret, &pin, cost) {
                    Ok(mark) => store.put_login_mark(&mark)?,
                    Err(e) => return Ok(Err(e)),
                }
            }
            store.add_login(&new, MOST_SESSIONS)?;
            Ok(Ok(()))
        });
        opened.await?.map_err(|e| self.broke(&e))?;
        self.endings.send_replace(());
        audit::logged_in(from, &token.name);
        token.cookie(self.settings.absolute).map_err(|e| self.broke(&e))
    }

    /// The sessions of the caller's principal that are not over, the newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<LoginRow>, Problem> {
        let (store, now) = (self.store.clone(), (self.clock)());
        let (idle, absolute) = (self.settings.idle, self.settings.absolute);
        let mut rows = self.blocking(move || store.logins()).await?;
        rows.retain(|row| row.principal == *caller.principal());
        rows.retain(|row| !session::is_over(row, now, idle, absolute));
        Ok(rows)
    }

    /// Ends one session of the caller's principal.
    ///
    /// # Errors
    /// 404 when there is none of that name.
    pub async fn end_session(&self, caller: &Caller, id: String) -> Result<(), Problem> {
        let (store, principal) = (self.store.clone(), caller.principal().clone());
        let ended = id.clone();
        if self.blocking(move || store.end_login(&principal, &id)).await? == 0 {
            return Err(Problem::not_found("there is no such session"));
        }
        self.endings.send_replace(());
        audit::ended(caller, &ended);
        Ok(())
    }

    /// Ends all sessions of the caller's principal.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn end_sessions(&self, caller: &Caller) -> Result<(), Problem> {
        let (store, principal) = (self.store.clone(), caller.principal().clone());
        let count = self.blocking(move || store.end_logins(&principal)).await?;
        self.endings.send_replace(());
        audit::ended_all(caller, count);
        Ok(())
    }

    /// The caller's session is not over; using it counts. Whoever has none came by PIN and stays.
    ///
    /// # Errors
    /// 401 when it is over, and when it cannot be looked at.
    pub async fn still(&self, caller: &Caller) -> Result<(), Problem> {
        self.look(caller, Use::Counts).await
    }

    /// Waits until the caller's session is over or cannot be looked at.
    pub async fn ended(&self, caller: &Caller) {
        let mut endings = self.endings.subscribe();
        if caller.session().is_none() {
            std::future::pending().await
        }
        loop {
            // Before the look, so that nothing falls between.
            endings.borrow_and_update();
            if self.listens(caller).await.is_err() {
                return;
            }
            let _turned_or_time = tokio::time::timeout(LOOK_AGAIN, endings.changed()).await;
        }
    }

    /// As [`Auth::still`], and no use of the session: what it is told is no deed of its owner.
    ///
    /// # Errors
    /// As [`Auth::still`].
    pub async fn listens(&self, caller: &Caller) -> Result<(), Problem> {
        self.look(caller, Use::Looks).await
    }

    async fn look(&self, caller: &Caller, counts: Use) -> Result<(), Problem> {
        let Some(id) = caller.session().map(str::to_owned) else { return Ok(()) };
        let row = self.live(move |store| store.login_named(&id), counts).await?;
        row.map(drop).ok_or_else(over)
    }

    /// A session that is not over. One that is over is ended.
    async fn live(
        &self,
        find: impl FnOnce(&Store) -> Result<Option<LoginRow>, StoreError> + Send + 'static,
        counts: Use,
    ) -> Result<Option<LoginRow>, Problem> {
        let (store, now) = (self.store.clone(), (self.clock)());
        let (idle, absolute) = (self.settings.idle, self.settings.absolute);
        self.blocking(move || {
            let Some(row) = find(&store)? else { return Ok(None) };
            if session::is_over(&row, now, idle, absolute) {
                store.end_login(&row.principal, &row.id)?;
                return Ok(None);
            }
            if counts == Use::Counts && now.saturating_sub(row.used) >= millis(TOUCH) {
                store.touch_login(&row.id)?;
            }
            Ok(Some(row))
        })
        .await
    }
}
