//! The PIN and its argon2id hash.

use super::AuthFailure;
use argon2::password_hash::{self, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};

mod guess;
#[cfg(test)]
mod tests;

pub use guess::withstands;

/// Fewest digits of a PIN.
const LEAST_DIGITS: usize = 6;
/// Fewest characters of a passphrase.
const LEAST_CHARACTERS: usize = 8;
/// Longest secret, in bytes: a sentence, not a book.
const MOST_BYTES: usize = 256;
/// How a hash in PHC form begins; the PIN's file may hold one instead of the PIN.
const PHC: &str = "$argon2id$";

/// What one computation costs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
pub(super) const RECOMMENDED: Cost = Cost { memory: 64 * 1024, passes: 3, lanes: 4 };

/// How a comparison came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Verified {
    Right,
    Wrong,
}

/// At least 6 digits, or a passphrase of at least 8 characters; and nothing that everybody would try.
pub(super) fn fit(pin: &SecretString) -> Result<(), &'static str> {
    let text = pin.expose_secret();
    let length = text.chars().count();
    let only_digits = text.chars().all(|c| c.is_ascii_digit());
    match () {
        () if text.len() > MOST_BYTES => Err("a PIN has at most 256 bytes"),
        () if text.chars().any(char::is_control) => Err("a PIN has no control characters"),
        () if only_digits && length < LEAST_DIGITS => Err("a PIN has at least 6 digits"),
        () if !only_digits && length < LEAST_CHARACTERS => Err("a passphrase has at least 8 characters"),
        () if guess::is_trivial(text) => Err(
            "it is among the first that a stranger would guess: choose digits in no order, or a passphrase of several words",
        ),
        () => Ok(()),
    }
}

/// The hash, in PHC form, of a new PIN that is fit.
///
/// # Errors
/// When it is unfit, or there is no randomness.
pub fn prepared(pin: &SecretString) -> Result<String, AuthFailure> {
    fit(pin).map_err(AuthFailure::Unfit)?;
    hash(pin, RECOMMENDED)
}

/// What the PIN's file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FromFile {
    /// A PIN that is fit.
    Pin,
    /// A hash in PHC form.
    Hash(String),
}

/// Looks at the content of the PIN's file: a PIN, or already a hash.
pub(super) fn from_file(content: &SecretString) -> Result<FromFile, AuthFailure> {
    if content.expose_secret().starts_with(PHC) {
        let hash = content.expose_secret();
        whole(hash)?;
        return Ok(FromFile::Hash(hash.to_owned()));
    }
    fit(content).map_err(AuthFailure::Pin)?;
    Ok(FromFile::Pin)
}

/// A hash in PHC form has all its parts. Without salt and output it would parse, and refuse everybody.
fn whole(hash: &str) -> Result<(), AuthFailure> {
    let parsed = PasswordHash::new(hash).ok().filter(|parsed| parsed.salt.is_some() && parsed.hash.is_some());
    parsed.map(drop).ok_or(AuthFailure::Pin("it begins like an argon2id hash and is none"))
}

/// A hash with a fresh salt of 16 bytes, in PHC form.
pub(super) fn hash(pin: &SecretString, cost: Cost) -> Result<String, AuthFailure> {
    let failed = |e: &dyn std::fmt::Display| AuthFailure::Hash(e.to_string());
    let params = Params::new(cost.memory, cost.passes, cost.lanes, None).map_err(|e| failed(&e))?;
    let mut salt = [0u8; 16];
    SystemRandom::new().fill(&mut salt).map_err(|e| failed(&e))?;
    let salt = SaltString::encode_b64(&salt).map_err(|e| failed(&e))?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon.hash_password(pin.expose_secret().as_bytes(), &salt).map_err(|e| failed(&e))?;
    Ok(hash.to_string())
}

/// Compares a PIN with a hash, at the cost that the hash tells.
pub(super) fn verify(pin: &SecretString, hash: &str) -> Result<Verified, AuthFailure> {
    let hash = PasswordHash::new(hash).map_err(|e| AuthFailure::Hash(e.to_string()))?;
    match Argon2::default().verify_password(pin.expose_secret().as_bytes(), &hash) {
        Ok(()) => Ok(Verified::Right),
        Err(password_hash::Error::Password) => Ok(Verified::Wrong),
        Err(e) => Err(AuthFailure::Hash(e.to_string())),
    }
}
