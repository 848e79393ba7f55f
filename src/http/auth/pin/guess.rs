//! Guesses the PIN as a stranger would begin to, so that setup refuses such a one and `doctor` finds it.

use super::{PHC, Verified, fit, verify, whole};
use crate::doctor::{Gap, Tried};
use secrecy::{ExposeSecret, SecretString};

#[cfg(test)]
mod tests;

/// What people choose most, by published lists of leaked secrets, and what our own documents ever showed. Each costs an argon2 computation against a hash.
const FIRST_GUESSES: [&str; 18] = [
    "123456",
    "12345678",
    "123456789",
    "1234567890",
    "000000",
    "1000000",
    "111111",
    "123123",
    "654321",
    "121212",
    "112233",
    "666666",
    "555555",
    "789456",
    "159753",
    "password",
    "sentinel",
    "271828",
];
const MEND: &str = "choose another PIN: digits in no order, or a passphrase of several words";

/// The content of the PIN's file, or the hash that setup kept, withstands the first guesses. Never quotes it.
///
/// # Errors
/// When it does not, or is no PIN at all.
pub fn withstands(content: &SecretString) -> Tried {
    let text = content.expose_secret();
    if text.starts_with(PHC) {
        whole(text).map_err(|e| Gap::new(e.to_string(), MEND))?;
        for guess in FIRST_GUESSES {
            let guess = SecretString::from(guess);
            match verify(&guess, text) {
                Ok(Verified::Wrong) => {}
                Ok(Verified::Right) => return Err(trivial()),
                Err(e) => return Err(Gap::new(e.to_string(), MEND)),
            }
        }
        return Ok(format!("a PIN is set, and none of {} first guesses fits its hash", FIRST_GUESSES.len()));
    }
    fit(content).map_err(|why| Gap::new(format!("the PIN in its file is unfit: {why}"), MEND))?;
    Ok("a PIN is set; it is none of the first guesses and no run of digits or letters".to_owned())
}

/// Among the first guesses, or one character over and over, or a run.
pub(super) fn is_trivial(text: &str) -> bool {
    let lower = text.to_lowercase();
    FIRST_GUESSES.contains(&lower.as_str()) || is_a_run(&lower)
}

fn trivial() -> Gap {
    Gap::new("the PIN is among the first that a stranger would guess", MEND)
}

/// One character over and over, or each the next or the last one of the one before, such as `234567`.
fn is_a_run(text: &str) -> bool {
    let codes: Vec<u32> = text.chars().map(u32::from).collect();
    let step = |want: i64| {
        codes.windows(2).all(|pair| matches!(pair, [a, b] if i64::from(*b) - i64::from(*a) == want))
    };
    [0, 1, -1].into_iter().any(step)
}
