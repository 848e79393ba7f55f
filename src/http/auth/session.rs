//! The session cookie and its token.

use super::{AuthFailure, millis};
use crate::kernel::id::Digest;
use crate::store::{LoginRow, SLACK_MS};
use axum::http::{HeaderMap, HeaderValue, header};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt::Write;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// The cookie's name; the prefix makes browsers hold it to this host, over TLS.
pub const COOKIE: &str = "__Host-sentinel";
/// Takes the cookie away.
pub const FORGET: &str = "__Host-sentinel=; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=0";
/// 256 bits.
const TOKEN_BYTES: usize = 32;
/// Of the public name: enough that two sessions never share one.
const NAME_BYTES: usize = 8;

/// A fresh session: 256 random bits, and a public name that has nothing to do with them. No `Debug`: it is a key.
pub(super) struct Token {
    text: String,
    pub(super) name: String,
}

impl Token {
    pub(super) fn fresh() -> Result<Self, AuthFailure> {
        Ok(Self { text: random::<TOKEN_BYTES>()?, name: random::<NAME_BYTES>()? })
    }

    pub(super) fn hash(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// The hash of a token from a cookie; `None` when it is none of ours.
    pub(super) fn hash_of(text: &str) -> Option<Digest> {
        let fits = text.len() == 2 * TOKEN_BYTES && text.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| Digest::of(text.as_bytes()))
    }

    pub(super) fn cookie(&self, lasts: Duration) -> Result<HeaderValue, AuthFailure> {
        let (text, seconds) = (&self.text, lasts.as_secs());
        let line = format!("{COOKIE}={text}; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age={seconds}");
        HeaderValue::from_str(&line).map_err(|e| AuthFailure::Hash(e.to_string()))
    }
}

fn random<const N: usize>() -> Result<String, AuthFailure> {
    let mut bytes = [0u8; N];
    SystemRandom::new().fill(&mut bytes).map_err(|e| AuthFailure::Hash(e.to_string()))?;
    let mut text = String::with_capacity(2 * N);
    for byte in bytes {
        write!(text, "{byte:02x}").map_err(|e| AuthFailure::Hash(e.to_string()))?;
    }
    Ok(text)
}

/// Whether a session was not used for `idle`, or is older than `absolute`; or was used after now: then the clock was set
/// back, and nobody knows how old it is. What is left of a jump back is the time that the session was idle before.
pub(super) fn is_over(row: &LoginRow, now: i64, idle: Duration, absolute: Duration) -> bool {
    let set_back = row.used.max(row.created) > now.saturating_add(SLACK_MS);
    let (since_use, age) = (now.saturating_sub(row.used), now.saturating_sub(row.created));
    set_back || since_use >= millis(idle) || age >= millis(absolute)
}

/// The value of a cookie that the request carries.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}
