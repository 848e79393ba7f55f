//! The PIN that was right once in this process, as a MAC under a key that never leaves it: the next comparison costs
//! microseconds instead of an argon2 computation.

use super::AuthFailure;
use ring::hmac::{self, Key, Tag};
use ring::rand::SystemRandom;
use secrecy::{ExposeSecret, SecretString};
use std::sync::{PoisonError, RwLock};

#[cfg(test)]
mod tests;

/// How a comparison came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Compared {
    Right,
    Wrong,
    /// No PIN was right yet: only the hash can tell.
    Unknown,
}

pub(super) struct Known {
    key: Key,
    tag: RwLock<Option<Tag>>,
}

impl Known {
    pub(super) fn new() -> Result<Self, AuthFailure> {
        let key = Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        Ok(Self { key: key.map_err(|e| AuthFailure::Hash(e.to_string()))?, tag: RwLock::new(None) })
    }

    pub(super) fn remember(&self, pin: &SecretString) {
        let tag = hmac::sign(&self.key, pin.expose_secret().as_bytes());
        *self.tag.write().unwrap_or_else(PoisonError::into_inner) = Some(tag);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tag.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Compares in constant time.
    pub(super) fn compare(&self, pin: &SecretString) -> Compared {
        match &*self.tag.read().unwrap_or_else(PoisonError::into_inner) {
            None => Compared::Unknown,
            Some(tag) => match hmac::verify(&self.key, pin.expose_secret().as_bytes(), tag.as_ref()) {
                Ok(()) => Compared::Right,
                Err(_) => Compared::Wrong,
            },
        }
    }
}
