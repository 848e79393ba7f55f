//! The one-time code that lets whoever reads this server's first output set the PIN.

use super::audit::Way;
use super::pin::{self, fit};
use super::throttle::Begun;
use super::{Address, Auth, AuthFailure, Secret, known::Compared, throttled};
use crate::http::{Notice, Problem};
use crate::kernel::id::Digest;
use crate::store::{SetUp, Store};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use std::sync::PoisonError;

/// Crockford's base 32: no letter looks like a digit. 20 of them are 100 bits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 20;
const GROUP: usize = 5;

/// Makes a code, tells it, and remembers its hash; a code that was told before is void.
pub(super) fn tell_code(store: &Store, notice: &Notice) -> Result<Digest, AuthFailure> {
    let mut bytes = [0u8; LENGTH];
    SystemRandom::new().fill(&mut bytes).map_err(|e| AuthFailure::Hash(e.to_string()))?;
    let letters: Vec<u8> = bytes.iter().filter_map(|b| ALPHABET.get(usize::from(b & 31)).copied()).collect();
    let groups: Vec<String> =
        letters.chunks(GROUP).map(|g| String::from_utf8_lossy(g).into_owned()).collect();
    let hash = Digest::of(&letters);
    store.put_setup_code(hash)?;
    notice(&format!(
        "no PIN is set; set one with POST /api/setup and the one-time code {}",
        groups.join("-")
    ));
    Ok(hash)
}

fn hash_of(code: &SecretString) -> Digest {
    let plain: String = code.expose_secret().chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    Digest::of(plain.to_ascii_uppercase().as_bytes())
}

impl Auth {
    /// Sets the first PIN.
    ///
    /// # Errors
    /// 409 when there is one, 400 for an unfit one, 401 for a wrong code, 429 as for a wrong PIN.
    pub async fn set_up(&self, from: Address, code: SecretString, new: SecretString) -> Result<(), Problem> {
        let already = || Problem::conflict("already-set", "a PIN is set: setup is over");
        let Secret::Unset(expected) = self.secret() else { return Err(already()) };
        fit(&new).map_err(|why| Problem::bad_request("unfit-pin", why))?;
        let given = hash_of(&code);
        // The hashes of 100 random bits are compared: how long that takes tells nothing about the code.
        let compare = || if given == expected { Compared::Right } else { Compared::Wrong };
        match self.throttle.begin(from, compare).map_err(throttled)? {
            Begun::Right => {}
            Begun::Wrong | Begun::Unknown(_) => return self.wrong(from, Way::Setup).await,
        }
        let _turn = self.turn().await?;
        let (store, known, cost) = (self.store.clone(), self.known.clone(), self.cost);
        let set = self.blocking(move || {
            let hash = match pin::hash(&new, cost) {
                Ok(hash) => hash,
                Err(e) => return Ok(Err(e)),
            };
            let outcome = store.set_up(given, &hash)?;
            if outcome == SetUp::Done {
                known.remember(&new);
            }
            Ok(Ok((outcome, hash)))
        });
        match set.await?.map_err(|e| self.broke(&e))? {
            (SetUp::Done, hash) => {
                *self.secret.write().unwrap_or_else(PoisonError::into_inner) = Secret::Set(hash.into());
                Ok(())
            }
            (SetUp::WrongCode, _) => Err(Problem::unauthenticated("this setup code is wrong")),
            (SetUp::AlreadySet, _) => Err(already()),
        }
    }
}
