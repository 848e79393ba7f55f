//! What the log says of logins and decisions: who, from where, by which way; never a PIN.

use super::throttle::Wait;
use super::{Address, Caller};

/// By which way a guess came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The header of a request.
    Header,
    /// POST /api/session.
    Login,
    /// The first message of a WebSocket.
    Socket,
    /// POST /api/setup, with a code.
    Setup,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Login => "login",
            Self::Socket => "websocket",
            Self::Setup => "setup",
        }
    }

    /// What a wrong guess is told.
    pub(super) fn wrong(self) -> &'static str {
        match self {
            Self::Setup => "this setup code is wrong",
            Self::Header | Self::Login | Self::Socket => "this PIN is wrong",
        }
    }
}

/// A wrong guess, and the wait that it brought about.
pub(super) fn wrong(from: Address, way: Way, wait: Option<Wait>) {
    tracing::warn!(address = %from, way = way.name(), "a login was refused: {}", way.wrong());
    if let Some(Wait(wait)) = wait {
        let seconds = wait.as_secs();
        tracing::warn!(address = %from, way = way.name(), seconds, "locked out after too many wrong guesses");
    }
}

pub(super) fn logged_in(from: Address, session: &str) {
    tracing::info!(address = %from, session, "logged in");
}

/// A session that its owner ended: the one it was done in is a log-out, any other is revoked.
pub(super) fn ended(by: &Caller, session: &str) {
    let what = if by.session() == Some(session) { "logged out" } else { "a session was revoked" };
    tracing::info!(address = %by.address(), session, "{what}");
}

pub(super) fn ended_all(by: &Caller, count: usize) {
    tracing::info!(address = %by.address(), count, "all sessions were revoked");
}

/// What a person said to a question: `approve`, `deny` or `edit`.
pub fn decided(by: &Caller, approval: &str, decision: &'static str) {
    let who = by.principal().name();
    tracing::info!(approval, decision, who, address = %by.address(), "a question was decided");
}
